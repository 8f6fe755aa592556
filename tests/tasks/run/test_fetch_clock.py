"""When data are fetched by themselves, and what is queued then."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from csserv import Settings
from csserv.catalog import Catalog
from csserv.errors import SettingsError
from csserv.ingest.open_fetch import Asked, Fetching
from csserv.ingest.products.product_table import Products
from csserv.ingest.stored.box import Box
from csserv.ingest.stored.wanted import write_wanted
from csserv.logs.events import fields_of
from csserv.service import Service
from csserv.settings import read_settings
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.fetching.fetch_clock import FetchClock, FetchTimes
from csserv.tasks.run.fetching.fetch_queue import queue_fetches


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "now", "latest"),
    [
        ("daily 06:00", "2024-03-05 07:00", "2024-03-05 06:00"),
        ("daily 06:00", "2024-03-05 06:00", "2024-03-05 06:00"),
        ("daily 06:00", "2024-03-05 05:59", "2024-03-04 06:00"),
        ("daily 06:00, 18:30", "2024-03-05 19:00", "2024-03-05 18:30"),
        ("daily 18:30 06:00", "2024-03-05 01:00", "2024-03-04 18:30"),
        ("hourly", "2024-03-05 00:10", "2024-03-05 00:00"),
    ],
)
def test_the_latest_time_at_which_data_were_due(text: str, now: str, latest: str) -> None:
    assert FetchTimes(text).latest(at(now)) == at(latest)


@pytest.mark.parametrize("text", ["off", ""])
def test_nothing_is_due_where_nothing_is_to_be_fetched(text: str) -> None:
    assert FetchTimes(text).latest(at("2024-03-05")) is None


@pytest.mark.parametrize("text", ["daily", "daily 25:00", "daily 6", "06:00", "weekly", "daily x"])
def test_times_that_are_none_are_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(SettingsError, match="write 'daily 06:00'"):
        FetchTimes(text)
    # before a cluster is started, and not again and again
    with pytest.raises(SettingsError, match=r"setting fetch='.*': write 'daily 06:00' \(UTC\)"):
        read_settings(fetch=text)


@pytest.mark.parametrize("text", ["", "off", "hourly", "daily 06:00", "daily 6:00, 18:30"])
def test_settings_take_the_times_that_the_clock_takes(text: str) -> None:
    assert read_settings(fetch=text).fetch == FetchTimes(text).text


class Counted:
    """Counts how often data were queued to be fetched."""

    def __init__(self, path: Path, error: SettingsError | None = None) -> None:
        self.count, self.error = 0, error
        self.again: list[str] = []
        self.clock = FetchClock(FetchTimes("daily 06:00"), path / "fetched-at", self.queue)

    def queue(self, failed_since: datetime | None) -> None:
        if failed_since:
            self.again.append(f"{failed_since:%d %H:%M}")
            return
        self.count += 1
        if self.error:
            raise self.error

    def tick(self, now: str) -> int:
        self.clock.tick(at(now))
        self.clock.wait()
        return self.count


def test_each_time_counts_once_also_for_the_next_runner(tmp_path: Path) -> None:
    first = Counted(tmp_path)
    assert first.tick("2024-03-05 06:01") == 1
    assert first.tick("2024-03-05 23:00") == 1
    next_one = Counted(tmp_path)
    assert next_one.tick("2024-03-06 05:59") == 0
    assert next_one.tick("2024-03-06 06:00") == 1


def test_a_time_that_passed_while_no_runner_led_is_made_up_for_once(tmp_path: Path) -> None:
    assert Counted(tmp_path).tick("2024-03-05 06:01") == 1
    late = Counted(tmp_path)
    assert late.tick("2024-03-09 12:00") == 1
    assert late.tick("2024-03-09 12:01") == 1


def test_what_has_failed_is_looked_for_each_hour_until_the_next_time(tmp_path: Path) -> None:
    first = Counted(tmp_path)
    for minute in ("05 06:01", "05 06:59", "05 07:02", "05 07:30", "05 08:02", "06 05:00"):
        first.tick(f"2024-03-{minute}")
    assert (first.count, first.again) == (1, ["05 06:00"] * 3)
    assert first.tick("2024-03-06 06:01") == 2
    assert first.again == ["05 06:00"] * 3
    next_one = Counted(tmp_path)
    next_one.tick("2024-03-06 06:30")
    assert next_one.again == []
    next_one.tick("2024-03-06 09:00")
    assert (next_one.count, next_one.again) == (0, ["06 06:00"])


def test_only_what_failed_is_queued_again(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", data=tmp_path / "data")
    catalog, log = kept(settings, "tamsat", "arc2", "rfe2"), TaskLog(settings.home)
    since = datetime.now(UTC)
    queued = {one.request.dataset: one for one in queue_fetches(settings, log, catalog)}
    assert queue_fetches(settings, log, catalog, since) == []
    claimed = log.claim(60.0, without=("tamsat", "rfe2"))
    assert claimed is not None
    log.fail(claimed, error="the provider is down")
    log.cancel(queued["tamsat"].id)
    (again,) = queue_fetches(settings, log, catalog, since)
    assert again.request.dataset == "arc2"
    assert queue_fetches(settings, log, catalog, since) == []


def test_a_time_that_goes_wrong_is_not_tried_again_and_again(tmp_path: Path) -> None:
    failing = Counted(tmp_path, SettingsError("no table"))
    assert failing.tick("2024-03-05 06:01") == 1
    assert failing.tick("2024-03-05 06:02") == 1
    assert failing.tick("2024-03-06 06:02") == 2


def kept(settings: Settings, *names: str) -> Catalog:
    """Let products be kept up to date, as after a first fetch."""
    catalog = Catalog.read(settings.data)
    for name in names:
        fetching = Fetching(catalog, Products.read()[name], Asked(box=Box(33, -5, 42, 6)))
        write_wanted(fetching.archive.hidden / "wanted.json", fetching.wanted)
    return catalog


def test_a_task_is_queued_for_each_product_that_is_kept_and_not_for_one_that_is_open(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path / "home", data=tmp_path / "data")
    catalog, log = kept(settings, "tamsat", "arc2"), TaskLog(settings.home)
    queued = queue_fetches(settings, log, catalog)
    assert sorted(one.request.dataset for one in queued) == ["arc2", "tamsat"]
    assert {one.request.area_title for one in queued} == {"box 33 -5 42 6"}
    assert queue_fetches(settings, log, catalog) == []
    log.cancel(queued[0].id)
    (again,) = queue_fetches(settings, log, catalog)
    assert again.request.dataset == queued[0].request.dataset


@pytest.mark.parametrize("is_by_clock", [True, False])
def test_a_fetch_is_told_as_submitted_with_a_request_id_as_any_task(
    is_by_clock: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(home=tmp_path / "home", data=tmp_path / "data")
    catalog = kept(settings, "tamsat")
    with caplog.at_level(logging.INFO), Service(settings, starts_runner=False) as service:
        if is_by_clock:
            (task,) = queue_fetches(settings, TaskLog(settings.home), catalog)
        else:
            task = service.fetch("tamsat", client="ann", request_id="proxy-7.1")
    (told,) = [fields_of(one) for one in caplog.records if one.message == "task submitted"]
    who = {"client": "clock" if is_by_clock else "ann", "request_id": task.request_id}
    what = {"task": task.id, "dataset": "tamsat", "operation": "fetch"}
    assert told == who | what
    assert len(task.request_id) == 32 if is_by_clock else task.request_id == "proxy-7.1"
