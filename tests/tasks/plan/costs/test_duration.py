from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.tasks.log.task import RequestRecord, Task
from csserv.tasks.plan.costs.duration import ENOUGH, LATEST, Duration, expected_duration
from csserv.tasks.plan.costs.duration_words import duration_in_words

SIZES = st.integers(1, 10**12)
SECONDS = st.integers(1, 3000)


def finished(operation: str, size: int, seconds: int) -> Task:
    """A task that took so long."""
    record = RequestRecord("rain", operation, "2019", "0" * 64, "box", 1, "1" * 64, bytes=size)
    task = Task.of(record, 1)
    times = ("2026-01-01T00:00:00Z", f"2026-01-01T00:{seconds // 60:02}:{seconds % 60:02}Z")
    return replace(task, started=times[0], finished=times[1])


def test_seconds_come_from_tasks_of_the_same_operation_and_like_size() -> None:
    known = [
        *(finished("mean", 10**9, 20) for _ in range(7)),
        *(finished("mean", 1000, 1) for _ in range(7)),
        *(finished("max", 10**9, 5) for _ in range(7)),
    ]
    found = expected_duration(10**9, "mean", known)
    assert (found.seconds, found.measured) == (pytest.approx(20, rel=0.1), 7)
    assert expected_duration(10**10, "mean", known).seconds == pytest.approx(200, rel=0.1)
    assert expected_duration(10**9, "max", known).seconds == pytest.approx(5, rel=0.1)
    assert expected_duration(10**9, "median", known).measured == 7


def test_tiny_tasks_say_little_about_large_ones() -> None:
    found = expected_duration(400_000_000, "mean", [finished("mean", 1000, 1)])
    assert found.measured == 1
    assert 1 < found.seconds < 3
    assert found.first_guess


def test_without_any_finished_task_a_rule_of_thumb_must_do_and_the_range_is_wide() -> None:
    found = expected_duration(400_000_000, "mean", [])
    assert found.measured == 0
    assert found.seconds == pytest.approx(1.1)
    assert found.first_guess
    assert found.high >= 9 * found.low


def test_tasks_of_another_size_or_operation_do_not_make_a_guess_sure() -> None:
    alike = [finished("mean", 10**9, 20)] * ENOUGH
    assert not expected_duration(10**9, "mean", alike).first_guess
    assert expected_duration(10**9, "mean", alike[1:]).first_guess
    assert expected_duration(10**11, "mean", alike).first_guess
    assert expected_duration(10**7, "mean", alike).first_guess
    assert expected_duration(10**9, "max", alike).first_guess


def test_of_many_tasks_the_latest_say_the_range() -> None:
    latest = [finished("mean", 10**9, seconds) for seconds in (19, 20, 21)] * 7
    found = expected_duration(10**9, "mean", [*latest, *(finished("mean", 10**9, 2000),) * 50])
    assert (found.low, found.high) == (pytest.approx(19, rel=0.01), 21)


@given(SIZES, st.lists(st.tuples(st.sampled_from(["mean", "max"]), SIZES, SECONDS)))
def test_the_range_is_above_nothing_and_holds_the_estimate(
    size: int, tasks: list[tuple[str, int, int]]
) -> None:
    found = expected_duration(size, "mean", [finished(*one) for one in tasks])
    assert 0 < found.low <= found.seconds <= found.high


@given(SIZES, st.lists(SECONDS, min_size=ENOUGH + 1, max_size=LATEST + 1))
def test_of_tasks_of_known_speeds_three_of_four_end_within_what_the_others_say(
    size: int, seconds: list[int]
) -> None:
    tasks = [finished("mean", size, one) for one in seconds]
    held = 0
    for i, task in enumerate(tasks):
        found = expected_duration(size, "mean", [*tasks[:i], *tasks[i + 1 :]])
        assert not found.first_guess
        held += found.low * (1 - 1e-9) <= task.seconds <= found.high * (1 + 1e-9)
    assert held >= 3 / 4 * len(tasks)


def test_a_range_without_its_estimate_cannot_be() -> None:
    for low, high in ((0, 2), (1.1, 2), (0.5, 0.9), (-1, 2)):
        with pytest.raises(ValueError, match="not in the range"):
            Duration(1, low, high, 7, False)


@given(st.floats(1e-3, 1e6), st.floats(1, 100))
def test_a_range_is_written_with_few_digits_and_rounded_outwards(low: float, wide: float) -> None:
    said = duration_in_words(low, low * wide)
    numbers = [float(word.replace(",", "")) for word in said.split() if word[0].isdigit()]
    size = {"s": 1, "min": 60, "h": 3600}[said.split()[-1]]
    assert numbers[-1] * size >= low * wide * (1 - 1e-9)
    if "about" in said:
        assert numbers[0] * size <= low * (1 + 1e-9) or len(numbers) == 1
