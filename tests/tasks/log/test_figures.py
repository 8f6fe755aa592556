"""Figures for an administrator: small logs, counted by hand."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime

import pytest

from csserv import Area, Service
from csserv.tasks.log.disk_use import DAY, DiskUse, ResultSize
from csserv.tasks.log.figures import Queue, Throughput, failures, reason
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.usage import COUNTED_APART, OTHERS, Usage

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def a_task(name: str, state: str, started: str = "", finished: str = "", **more: object) -> Task:
    """A task of 10 March, submitted at eleven; times are written as hours and minutes."""
    record = RequestRecord("rain", "mean", "2019", "a", "A", 1, "f", bytes=1000)
    moments = {
        key: f"2026-03-10T{text}:00.000Z" if text else None
        for key, text in (("started", started), ("finished", finished))
    }
    return Task(
        id=name,
        request=record,
        submitted="2026-03-10T11:00:00.000Z",
        state=TaskState(state),
        total=5,
        **moments,
        **more,
    )


DAY_OF_WORK = [
    a_task("waits", "queued"),
    a_task("runs", "running", "11:58"),
    a_task("quick", "succeeded", "11:50", "11:51"),
    a_task("slow", "succeeded", "11:50", "11:59"),
    a_task("slower", "succeeded", "10:00", "10:20"),
    a_task("bad", "failed", "11:30", "11:40", error="rain_1.nc is unreadable (attempt 3 of 3)"),
    a_task("worse", "failed", "09:30", "09:40", error="rain_2.nc is unreadable"),
    a_task("full", "failed", "09:30", "09:41", error="no space left on the disk of /srv/home"),
    a_task("gone", "cancelled", "11:00", "11:01"),
]


def test_queue_counts_what_waits_and_runs_and_how_long_the_oldest_waits():
    assert Queue.of(DAY_OF_WORK, NOW) == Queue(queued=1, running=1, waiting=3600.0)
    assert Queue.of([], NOW) == Queue(0, 0, 0.0)


def test_throughput_counts_what_ended_in_its_time():
    hour, day = (Throughput.of(DAY_OF_WORK, NOW, hours) for hours in (1, 24))
    assert (hour.succeeded, hour.failed, hour.cancelled) == (2, 1, 1)
    assert (hour.steps, hour.bytes, hour.seconds) == (10, 2000, 300.0)
    assert (day.succeeded, day.failed, day.seconds) == (3, 3, 540.0)
    assert Throughput.of([], NOW, 1).seconds is None


def test_failures_of_one_kind_are_one_the_most_frequent_first():
    unreadable, full = failures(DAY_OF_WORK, NOW)
    assert (unreadable.reason, unreadable.count, unreadable.example) == (
        "… is unreadable",
        2,
        "bad",
    )
    assert (full.reason, full.count) == ("no space left on the disk of …", 1)
    assert failures(DAY_OF_WORK, datetime(2026, 5, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("KeyError: 'rain'", "KeyError: …"),
        ("rain had 3 files for 2019-01 when this was submitted", "rain had … files for … when"),
        ("x" * 500, "x" * 120 + "…"),
        ("its lease ran out (attempt 2 of 2)", "its lease ran out"),
        ("", "no reason was noted"),
    ],
)
def test_a_reason_leaves_out_what_differs(error: str, said: str):
    assert reason(error).startswith(said)


def test_usage_counts_by_day_and_dataset_and_tells_only_some_apart():
    rows = [("2026-03-08", "rain", 2), ("2026-03-10", "rain", 1), ("2026-03-10", "rain", 3)]
    rows += [("2026-03-01", "rain", 99)]  # before the first day
    rows += [("2026-03-09", f"d{number}", 1) for number in range(COUNTED_APART + 1)]
    found = Usage.of(rows, date(2026, 3, 10), 3)
    assert [day.day for day in found.days] == [8, 9, 10]
    assert found.counts["rain"] == (2, 0, 4)
    assert next(iter(found.counts)) == "rain"
    assert found.counts[OTHERS] == (0, 2, 0)
    assert found.total == 6 + COUNTED_APART + 1


def test_disk_use_adds_up_by_dataset_and_tells_what_goes_within_a_week():
    now = 100 * DAY
    held = [ResultSize("a", 10, now - 84 * DAY), ResultSize("b", 30, now - 82 * DAY)]
    held += [ResultSize("c", 5, now)]
    found = DiskUse.of(held, {"a": "rain", "b": "sea"}, 90, now, free=7)
    assert found.by_dataset == (("sea", 1, 30), ("rain", 1, 10), ("unknown", 1, 5))
    assert (found.results, found.bytes, found.free) == (3, 45, 7)
    assert (found.soon, found.soon_bytes) == (1, 10)
    assert DiskUse.of(held, {}, 0, now, free=7).soon == 0


def test_overview_counts_archived_and_recent_tasks_once(service: Service):
    tasks = [
        service.submit("rain", "mean", Area.from_box(30, 0, 32, 2), "2019-01") for _ in range(3)
    ]
    assert service.overview.queue().queued == 3
    for task in tasks[:2]:
        service.cancel(task)
    service._log.archive_finished(keep=0)
    folder = service.settings.home / "results" / tasks[0].id
    folder.mkdir(parents=True)
    (folder / "x.json").write_bytes(b"x" * 5000)
    os.utime(folder, (time.time() - 85 * DAY,) * 2)
    overview = service.overview
    assert overview.work().hour.cancelled == 2
    assert overview.usage(30).counts["rain"][-1] == 3
    held = overview.disk_use()
    assert (held.results, held.soon, held.by_dataset[0][0]) == (1, 1, "rain")
    assert held.bytes >= 5000
