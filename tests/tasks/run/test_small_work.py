"""What the runner answers by itself: the same as workers give, and what fails is left to them."""

from __future__ import annotations

import os
import queue
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.errors import SilentFileError
from csserv.machine.patience import Patience
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.planning import Planned, Planning
from csserv.tasks.run.small_work import Room, SmallWork
from tests.halfway import BOX, planned, run
from tests.silent import silent

POINT = Area.from_point(23.0, 1.0)
TINY = Area.from_box(22.0, -1.0, 24.0, 2.0)
WIDE = Area.from_box(-60, -50, 60, 50)
SMALL = SmallWork(8e6)

WEEK = "2019-03-01/2019-03-07"


def document(settings: Settings, task: Task) -> dict[str, Any]:
    """The JSON of a result, without what differs each time."""
    path = settings.home / "results" / task.id / f"{task.id}.json"
    plain = orjson.loads(path.read_bytes())
    for name in ("started", "finished", "request_id"):
        plain["provenance"].pop(name, None)
    return {name: one for name, one in plain.items() if name not in ("id", "checksum")}


@pytest.fixture
def own(here: Settings, tmp_path: Path) -> Settings:
    """The same data, of which a test may spoil the file."""
    shutil.copytree(here.data / "columns", tmp_path / "own" / "columns")
    return here.model_copy(update={"data": tmp_path / "own"})


@pytest.mark.parametrize("operation", ["mean", "max,median"])
def test_the_answer_is_that_of_a_worker(here: Settings, operation: str):
    mine, other = (planned(here, "columns", operation, TINY, WEEK) for _ in "ab")
    call = SMALL.answer(mine, TINY, Patience())
    assert call is not None
    assert mine.is_done
    assert mine.done == mine.total
    assert not mine.context.work.exists()
    for one in other.waiting:
        run(one)
    assert document(here, mine.task) == document(here, other.task)


@pytest.mark.parametrize(
    ("dataset", "area", "period"),
    [("maps", BOX, "2019"), ("columns", WIDE, "2019"), ("maps", POINT, WEEK)],
)
def test_what_is_large_is_left_as_it_is(here: Settings, dataset: str, area: Area, period: str):
    attempt = planned(here, dataset, "mean", area, period)
    waiting = list(attempt.waiting)
    assert SMALL.answer(attempt, area, Patience()) is None
    assert list(attempt.waiting) == waiting


def test_only_the_first_attempt_is_small(here: Settings):
    task = planned(here, "columns", "mean", POINT, WEEK).task
    assert SMALL.takes(task)
    assert not SMALL.takes(replace(task, attempt=2))
    assert not SMALL.takes(task.requeued("its runner stopped"))
    assert not SmallWork(0).takes(task)


def test_files_that_only_a_library_reads_are_left_to_workers(here: Settings):
    attempt = planned(here, "columns", "mean", POINT, WEEK)
    (call,) = attempt.waiting
    call.sources = tuple(replace(one, index=None) for one in call.sources)
    assert SMALL.answer(attempt, POINT, Patience()) is None
    assert not attempt.is_done


@pytest.mark.parametrize(
    "changed",
    [
        {"operation": "geotiff"},
        {"options": {"against": "1991/2020"}},
        {"options": {"index": "spi"}},
        {"fetch": {"product": "chirps3"}},
        {"prepare": "all"},
        {"zones": 21},
        {"bytes": 9_000_000},
        {"bytes": 0},
    ],
)
def test_what_may_take_long_is_left_to_workers(here: Settings, changed: dict[str, Any]):
    task = planned(here, "columns", "mean", POINT, WEEK).task
    assert not SMALL.takes(replace(task, request=replace(task.request, **changed)))


def spoil(attempt: Attempt) -> None:
    """Write over the middle of the file, and keep what it is known by."""
    path = attempt.waiting[0].sources[0].path
    before = path.stat()
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 20 :] = bytes(len(raw) - len(raw) // 20)
    with path.open("r+b") as file:
        file.write(raw)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_fails_is_left_to_workers_and_nothing_is_published(own: Settings):
    attempt = planned(own, "columns", "mean", POINT, WEEK)
    spoil(attempt)
    assert SMALL.answer(attempt, POINT, Patience()) is None
    assert len(attempt.waiting) == 1
    assert attempt.context.work.is_dir()
    assert not (own.home / "results" / attempt.task.id).exists()


def test_an_attempt_that_was_given_up_publishes_nothing(here: Settings):
    attempt = planned(here, "columns", "mean", POINT, WEEK)
    attempt.give_up()
    assert SMALL.answer(attempt, POINT, Patience()) is None
    assert not (here.home / "results" / attempt.task.id).exists()


def test_a_silent_file_is_given_up(own: Settings):
    attempt = planned(own, "columns", "mean", POINT, WEEK)
    patience = Patience(1.0)
    with silent(attempt.waiting[0].sources[0].path), pytest.raises(SilentFileError):
        SMALL.answer(attempt, POINT, patience)


def submitted(settings: Settings, *areas: Area) -> TaskLog:
    with Service(settings, starts_runner=False) as service:
        for area in areas:
            service.submit("columns", "mean", area, WEEK)
    return TaskLog(settings.home)


def test_planning_answers_at_once_and_what_is_dropped_meanwhile_is_gone(here: Settings):
    log = submitted(here, POINT, POINT)
    news: queue.Queue[Planned] = queue.Queue()
    catalog = Catalog.read(here.data, here.catalog)
    planning = Planning(catalog, log, Patience(), news.put, here)
    kept, dropped = (task for _ in "ab" if (task := log.claim(60)))
    planning.start(kept)
    found = news.get(timeout=60)
    assert found.done is not None
    assert planning.end(found)
    assert isinstance(found.outcome, Attempt)
    assert found.outcome.is_done
    assert document(here, kept)["series"][0]["value"]
    planning.start(dropped)
    planning.drop(dropped.id)
    assert not planning.end(news.get(timeout=60))
    assert list((here.home / "work").iterdir()) == []


def test_there_is_room_for_some_small_ones_beside_others(here: Settings):
    log = submitted(here, POINT, WIDE, POINT, POINT, WIDE, POINT)
    room = Room(SMALL, small=2, large=1)
    claimed = log.claim_all(60, room.fits)
    # in their order: the third small one does not fit, and none is passed over
    assert [SMALL.takes(task) for task in claimed] == [True, False, True]
    assert room.is_full
