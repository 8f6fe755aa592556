"""Sums are made by tasks: asked for, after data have come, or after a first request for months."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.cli import main
from csserv.errors import InvalidRequestError
from csserv.request import Options
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.summing.sums_attempt import plan_sums_attempt
from csserv.tasks.run.summing.sums_queue import queue_sums
from csserv.views.tasks.task_actions import submit_again
from tests.files import Layout, write_granule
from tests.halfway import run
from tests.tasks.sums.summed_files import files

LAT, LON = np.arange(9.75, -10, -0.5), np.arange(20.25, 40, 0.5)
BOX = Area.from_box(22.0, -5.0, 33.0, 5.0)


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """Two years of days, a file each."""
    for year in (2018, 2019):
        values = np.random.default_rng(year).gamma(0.4, 5.0, (365, len(LAT), len(LON)))
        layout = Layout(
            units=f"days since {year}-01-01", storage={"chunksizes": (31, 40, 40), "zlib": True}
        )
        write_granule(tmp_path / f"data/rain.{year}.nc", values.astype("f4"), LAT, LON, layout)
    text = '[rain]\ntitle = "R"\nvariable = "rain"\nfiles = "rain.*.nc"\nunits = "mm/day"\n'
    (tmp_path / "own.toml").write_text(text)
    return Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml")


def do(own: Settings) -> list[str]:
    """Do the oldest task that makes sums; return the names of the files that it made."""
    log = TaskLog(own.home)
    task = log.claim(60.0)
    assert task is not None
    attempt = plan_sums_attempt(task, Catalog.read(own.data, own.catalog), own.home)
    for call in attempt.waiting:
        run(call)
    log.succeed(task, steps=attempt.total)
    return [call.name for call in attempt.waiting]


def test_a_task_makes_what_is_missing_and_goes_on_where_one_was_stopped(own: Settings):
    with Service(own, starts_runner=False) as service:
        task = service.make_sums("rain")
        assert (task.request.what, task.request.has_result) == ("prepare sums", False)
        assert do(own) == ["monthly.2018.h5", "monthly.2019.h5"]
        with pytest.raises(InvalidRequestError, match="has made time sums of rain"):
            service.result(task.id, wait=False)
        shown = CliRunner().invoke(main, ["store"], env=_variables(own)).output
        assert "sums of months of rain, beside the data: " in shown
        files(own)[0].unlink()
        submit_again(service, service.task(task))
        assert do(own) == ["monthly.2018.h5"]
        service.make_sums("rain")
        assert do(own) == ["the work folder"]


def test_after_data_have_come_sums_that_are_there_grow(own: Settings):
    with Service(own, starts_runner=False) as service:
        service.make_sums("rain", "dekad")
        do(own)
        log, catalog = TaskLog(own.home), Catalog.read(own.data, own.catalog)
        (sums,) = log.find(TaskFilter(), 0, 1)
        fetched = replace(sums, request=replace(sums.request, fetch={"recheck": False}, prepare=""))
        assert not queue_sums(own, log, catalog, fetched)  # nothing is new
        files(own)[1].unlink()
        (queued,) = queue_sums(own, log, catalog, fetched)
        assert Options.from_dict(queued.request.options).time_step == "dekad"
        assert not queue_sums(own, log, catalog, fetched)  # it waits already


def test_an_estimate_counts_only_the_days_that_are_read(own: Settings):
    with Service(own, starts_runner=False) as service:
        service.make_sums("rain")
        do(own)
        days, months, cut = (
            service.estimate("rain", "mean", BOX, period, Options(time_step=step)).inflated
            for period, step in (
                ("2018/2019", "native"),
                ("2018/2019", "monthly"),
                ("2018-01-02/2019", "monthly"),  # the days of one month are read
            )
        )
    assert months == 0 < cut < days / 20


@pytest.mark.parametrize(("sums", "expected"), [("asked", 0), ("auto", 1)])
def test_a_first_request_for_months_has_sums_made_where_that_is_set(
    own: Settings, sums: str, expected: int
):
    own = own.model_copy(update={"sums": sums})
    with Service(own, starts_runner=False) as service:
        task = service.submit("rain", "mean", BOX, "2018", options=Options(time_step="yearly"))
    log, catalog = TaskLog(own.home), Catalog.read(own.data, own.catalog)
    large: Task = replace(task, request=replace(task.request, bytes=10**9))
    assert not queue_sums(own, log, catalog, task)  # it was too small to gain
    assert len(queue_sums(own, log, catalog, large)) == expected
    assert not queue_sums(own, log, catalog, large)  # once, also for one who removes them


@pytest.mark.slow
def test_sums_are_made_by_workers_and_a_request_of_them_is_verified(own: Settings):
    said = CliRunner().invoke(
        main, ["optimise", "rain", "--sums", "monthly", "--yes"], obj=None, env=_variables(own)
    )
    assert said.exit_code == 0, said.output
    assert "sums of 24 months in place" in said.output
    with Service(own) as service:
        task = service.submit(
            "rain", "mean", BOX, "2018/2019", options=Options(time_step="monthly")
        )
        result = service.result(service.wait(task))
        assert result.provenance["summed"] == {"steps": 24}
    said = CliRunner().invoke(main, ["verify", task.id], env=_variables(own))
    assert "identical" in said.output, said.output
    said = CliRunner().invoke(
        main, ["optimise", "rain", "--sums", "monthly", "--yes"], env=_variables(own)
    )
    assert "24 have their sums" in said.output


def test_what_contradicts_itself_is_refused(own: Settings):
    asked = ["optimise", "rain", "--sums", "monthly", "--pack", "0.1"]
    said = CliRunner().invoke(main, asked, env=_variables(own))
    assert said.exit_code == 2
    assert "--sums rewrites no file" in said.output


def test_a_dry_run_says_what_would_be_made(own: Settings):
    asked = ["optimise", "rain", "--sums", "pentad", "--dry-run"]
    said = CliRunner().invoke(main, asked, env=_variables(own))
    assert "144 pentads have all their steps" in said.output
    assert not files(own)


def _variables(own: Settings) -> dict[str, str]:
    return {
        "CSSERV_HOME": str(own.home),
        "CSSERV_DATA": str(own.data),
        "CSSERV_CATALOG": str(own.catalog),
        "CSSERV_WORKERS": "1",
    }
