"""From an empty folder to the rain of a place: `csserv fetch`, and the same as a task."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from csserv import Service, Settings
from csserv.errors import InvalidRequestError
from csserv.ingest.products.product_table import Products
from csserv.ingest.replay.made_files import made_values
from csserv.ingest.replay.published import PublishedFile
from csserv.ingest.replay.replay_server import Replay, ReplayHandler, serve_replay
from csserv.request import Period
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.task import Task, TaskState

from .conftest import Site

#: one cell of the stand-in's grid: row 40 and column 40 from 10 N, 28 E
CELL = "38.01,-0.24,38.24,-0.01"


@dataclass
class FetchSite(Site):
    """A site whose providers are the stand-in."""

    replay: Replay

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"CSSERV_PROVIDER_BASE": self.replay.address}

    def publish(self, name: str, days: str) -> list[str]:
        return self.replay.shelf.publish(Products.read()[name], "final", Period.parse(days))

    def tasks(self) -> list[Task]:
        with Service(self.settings, starts_runner=False) as service:
            return service.tasks()


@pytest.fixture
def site(tmp_path: Path, scheduler: str) -> Iterator[FetchSite]:
    settings = Settings(home=tmp_path / "home", data=tmp_path / "data")
    with serve_replay() as replay:
        yield FetchSite(settings, scheduler, replay)


def test_two_commands_lead_from_an_empty_folder_to_the_rain_of_a_place(site: FetchSite) -> None:
    site.publish("chirps3", "2024-01")
    box = ("--box", "33", "-5", "42", "6")
    planned = site.call("fetch", "chirps3", "--from", "2024", *box, "--dry-run")
    assert planned.stdout.startswith("chirps3: 31 steps to fetch, 2024-01-01 to 2024-01-31;")
    fetched = site.call("fetch", "chirps3", "--from", "2024", *box)
    assert fetched.returncode == 0, fetched.stderr
    again = site.call("fetch", "chirps3")
    assert again.stdout.startswith("chirps3: up to date, 31 steps in")
    asked = ("--area", CELL, "--period", "2024-01", "--time-step", "dekad")
    submitted = site.call("submit", "chirps3", "mean", *asked)
    assert submitted.returncode == 0, submitted.stderr
    site.run_until_empty()
    with Service(site.settings, starts_runner=False) as service:
        found = service.result(submitted.stdout.strip(), wait=False).to_xarray().values
    grid = site.replay.shelf.grid
    days = [made_values(grid, datetime(2024, 1, n + 1), "final")[40, 40] for n in range(31)]
    by_hand = [sum(days[:10]), sum(days[10:20]), sum(days[20:])]
    assert found.ravel().tolist() == pytest.approx(by_hand, rel=1e-6)


def test_a_queued_fetch_is_done_by_a_worker(site: FetchSite) -> None:
    site.publish("tamsat", "2024-01-01/2024-01-03")
    queued = site.call("fetch", "tamsat", "--from", "2024", "--area", "Kenya", "--queue", "--json")
    assert queued.returncode == 0, queued.stderr
    site.run_until_empty()
    (task,) = site.tasks()
    assert (task.state, task.done, task.total) == (TaskState.SUCCEEDED, 3, 3)
    assert task.request.area_title.startswith("box 33.89")
    with Service(site.settings, starts_runner=False) as service:
        last = service.datasets["tamsat"]["to"]
        with pytest.raises(InvalidRequestError, match="has fetched tamsat: that is in"):
            service.result(task)
    assert last == "2024-01-03"


def test_a_fetch_shows_how_far_it_is_and_when_cancelled_stops_and_keeps_what_it_has(
    site: FetchSite,
) -> None:
    _, *others = site.publish("tamsat", "2024-01-01/2024-01-08")
    for path in others:
        site.replay.troubles[path] = [_slowly]
    site.call("fetch", "tamsat", "--from", "2024", "--queue")
    (task,) = site.tasks()
    running = site.start("run", "--scheduler", site.scheduler)
    try:
        _until(lambda: (site.settings.data / "tamsat" / "tamsat.20240101.nc").exists())
        # it would count as hung after a while, if it were silent
        _until(lambda: 0 < site.tasks()[0].done < site.tasks()[0].total == 8)
        site.call("cancel", task.id)
        lock = FileLock(site.settings.data / "tamsat" / ".fetch" / "tamsat" / "lock")
        _until(lock.try_acquire)
        lock.close()
    finally:
        running.terminate()
        running.communicate(timeout=60)
    (task,) = site.tasks()
    assert task.state is TaskState.CANCELLED
    assert (site.settings.data / "tamsat" / "tamsat.20240101.nc").exists()


def _slowly(handler: ReplayHandler, file: PublishedFile | None) -> bool:
    assert file is not None
    handler.send_file(file, pause=0.5)
    return True


def _until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)
