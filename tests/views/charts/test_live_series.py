"""Series that fill while their tasks run."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from dataclasses import replace

import pytest

from csserv import Service, Settings
from csserv.errors import TaskError, TaskExpiredError
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt import Attempt, Call
from csserv.views.charts.live_series import Follower, LiveSeries, series_so_far
from csserv.views.charts.series_view import SeriesView
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import DARK
from tests.halfway import blocks, run
from tests.processes import eventually
from tests.views.parts.test_series_table import daily, many


@pytest.fixture
def calls(attempt: Attempt) -> list[Call]:
    return blocks(attempt)


def steps(heard: queue.Queue[SeriesTable]) -> int:
    return len(heard.get(timeout=60).times)


@pytest.mark.slow
def test_all_who_follow_a_task_see_the_same_reading_until_it_has_ended(
    here: Settings, attempt: Attempt, calls: list[Call]
):
    heard: list[queue.Queue[SeriesTable]] = [queue.Queue() for _ in range(5)]
    with Service(here, starts_runner=False) as service:
        live_series = LiveSeries(service, interval=0.3, lines_per_second=1e6)
        for one in heard:
            live_series.follow(attempt.task.id, one.put)
        run(calls[0])
        tables = [one.get(timeout=60) for one in heard]
        assert len(set(map(id, tables))) == 1
        run(calls[1])
        assert [steps(one) > len(tables[0].times) for one in heard] == [True] * 5
        TaskLog(here.home).fail(attempt.task, "it cannot be")
        eventually(lambda: live_series._thread is None)
        assert all(one.empty() for one in heard)


def test_who_does_not_look_is_told_when_he_looks_again(
    here: Settings, attempt: Attempt, calls: list[Call]
):
    heard, others = queue.Queue[SeriesTable](), queue.Queue[SeriesTable]()
    looking = threading.Event()
    with Service(here, starts_runner=False) as service:
        live_series = LiveSeries(service, interval=0.01)
        stops = [
            live_series.follow(attempt.task.id, heard.put, looking.is_set),
            live_series.follow(attempt.task.id, others.put),
        ]
        run(calls[0])
        first = steps(others)
        run(calls[1])
        assert steps(others) > first
        assert heard.empty()
        looking.set()
        assert steps(heard) > first
        for stop in stops:
            stop()
        eventually(lambda: live_series._thread is None)


def test_the_more_follow_the_longer_each_waits(here: Settings, attempt: Attempt, calls: list[Call]):
    told: list[float] = []
    with Service(here, starts_runner=False) as service:
        live_series = LiveSeries(service, interval=0.01, lines_per_second=80)
        run(calls[0])
        for _ in range(10):
            live_series.follow(attempt.task.id, lambda table: told.append(time.monotonic()))
        eventually(lambda: len(told) == 10)
        TaskLog(here.home).fail(attempt.task, "it cannot be")
        eventually(lambda: live_series._thread is None)
    assert told[-1] - told[0] >= 9 * 4 / 80


@pytest.mark.slow
def test_who_has_just_come_need_not_wait_for_all_others(
    here: Settings, attempt: Attempt, calls: list[Call]
):
    told: list[str] = []
    with Service(here, starts_runner=False) as service:
        live_series = LiveSeries(service, interval=0.01, lines_per_second=40)
        run(calls[0])
        for _ in range(20):
            live_series.follow(attempt.task.id, lambda table: told.append("old"))
        eventually(lambda: len(told) == 20)
        run(calls[1])
        eventually(lambda: len(told) > 22)
        live_series.follow(attempt.task.id, lambda table: told.append("new"))
        eventually(lambda: "new" in told)
        assert told.index("new") < 40
        TaskLog(here.home).fail(attempt.task, "it cannot be")
        eventually(lambda: live_series._thread is None)


def test_a_follower_needs_new_steps_and_all_where_some_come_between():
    follower = Follower("a task", print, bool)
    two, three = daily([1.0, 2.0]), daily([1.0, 2.0, 3.0])
    assert follower.count_new_steps(two) == 2
    follower.sent = two
    assert (follower.count_new_steps(two), follower.count_new_steps(three)) == (0, 1)
    follower.sent = replace(two, times=three.times[1:])
    assert follower.count_new_steps(three) == 3


def test_who_fails_spoils_nothing_for_others(here: Settings, attempt: Attempt, calls: list[Call]):
    heard = queue.Queue[SeriesTable]()
    with Service(here, starts_runner=False) as service:
        live_series = LiveSeries(service, interval=0.01, lines_per_second=1e6)
        live_series.follow(attempt.task.id, lambda table: 1 / 0)
        stop = live_series.follow(attempt.task.id, heard.put)
        for call in calls[:2]:
            run(call)
            assert steps(heard)
        stop()
        eventually(lambda: live_series._thread is None)


def test_what_cannot_be_read_for_a_while_is_read_later(
    here: Settings, attempt: Attempt, calls: list[Call], caplog: pytest.LogCaptureFixture
):
    heard = queue.Queue[SeriesTable]()
    outline = attempt.context.work / "outline.json"
    written = outline.read_bytes()
    outline.unlink()
    outline.mkdir()
    run(calls[0])
    with Service(here, starts_runner=False) as service:
        live_series = LiveSeries(service, interval=0.01)
        stop = live_series.follow(attempt.task.id, heard.put)
        eventually(lambda: "trying again" in caplog.text)
        whole = outline.with_name("whole.json")
        whole.write_bytes(written)
        outline.rmdir()
        whole.replace(outline)
        assert steps(heard)
        stop()
        eventually(lambda: live_series._thread is None)


def test_nothing_is_known_before_the_first_step_and_after_the_end(here: Settings, attempt: Attempt):
    with Service(here, starts_runner=False) as service:
        assert series_so_far(service, attempt.task.id) is None
        service.cancel(attempt.task)
        with pytest.raises(TaskError, match="has ended"):
            series_so_far(service, attempt.task.id)


def lengths(view: SeriesView) -> list[int]:
    """How long the lines of the chart are."""
    assert view._chart is not None
    return [len(line.data["time"]) for line, _ in view._chart._sources]


def test_lines_of_the_same_chart_grow():
    view, charts = SeriesView(), []
    for table, sizes in (
        (daily([1.0]), [1]),
        (daily([1.0, 2.0]), [2]),
        (many(40), [3]),  # one zone at first
    ):
        view.prepare_update(table)()
        charts.append(view._chart)
        assert lengths(view) == sizes
    assert charts[0] is charts[1]
    assert charts[1] is not charts[2]


def test_what_was_prepared_before_a_chart_went_is_not_shown():
    view = SeriesView()
    late = view.prepare_update(daily([1.0]))
    view.clear()
    late()
    assert view._chart is None


def test_a_chart_that_grows_takes_other_colours_with_the_next_steps():
    view = SeriesView()

    async def run() -> None:
        view.prepare_update(daily([1.0]))()
        view.dark = True
        async with asyncio.timeout(60):
            while view._chart is not None:
                await asyncio.sleep(0.01)
        view.prepare_update(daily([1.0, 2.0]))()

    asyncio.run(run())
    assert view._chart is not None
    assert view._chart.figure.renderers[0].glyph.line_color == DARK.lines[0]


def test_results_are_compared_zone_by_zone_and_those_that_are_gone_are_named():
    view = SeriesView()
    own = many(3)

    def gone() -> SeriesTable:
        raise TaskExpiredError("the result is no longer kept")

    async def run() -> None:
        await view.show(own, {"other": lambda: many(2), "gone": gone})
        view.zones = ["Zone 1"]
        view.compared = ["other", "gone"]
        async with asyncio.timeout(60):  # choices are drawn by tasks of their own
            while view._chart is None or len(view.tables()) < 2 or len(lengths(view)) != 2:
                await asyncio.sleep(0.01)

    asyncio.run(run())
    assert [table.zones for table in view.tables()] == [("Zone 1",), ("Zone 1",)]
    assert view._problem.object == "gone: the result is no longer kept"
    assert view._problem.visible
    assert view._axes.visible
