"""A request from submit to result, through real processes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import rasterio
import xarray as xr

from csserv import Area, Service
from csserv.errors import TaskCancelledError, TaskFailedError, TaskNotFinishedError
from csserv.tasks.log.task import TaskState
from tests import test_cli as cli
from tests.acceptance.conftest import Site
from tests.slow_disk import SlowDisk

BOX = ["--box", "35", "-1", "38", "2"]


def submit(site: Site, *words: str) -> str:
    # in this process: one of its own would read code for a second of CPU each time
    done = cli.call(site.settings, "submit", *words)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def test_submit_run_watch_and_result_in_shells_of_their_own(site: Site):
    runner = site.start("run", "--scheduler", site.scheduler)
    asked = site.call("submit", "chirps", "mean", "--area", "Kenya/*", "--period", "2019")
    assert asked.returncode == 0, asked.stderr
    task = asked.stdout.strip()
    watched = site.call("watch", task)
    assert watched.returncode == 0, watched.stderr
    assert f"{task} succeeded 100% 365 of 365 steps" in watched.stderr
    runner.terminate()
    said = runner.communicate(timeout=120)[1]
    assert "(2 workers)" in said
    assert runner.returncode == 0
    plain = json.loads(site.call("result", task, "--json").stdout)
    assert len(plain["series"]) == 8
    assert plain["units"] == "mm/day"
    assert len(plain["provenance"]["granules"]) == 12
    assert "Synthetic" in plain["provenance"]["dataset"]["citation"]
    words = site.call("result", task, "--words").stdout.splitlines()
    assert len(words) == 8
    assert all(re.search(r", 31 December 2019: .* mm/day; synthetic data$", one) for one in words)
    listed = json.loads(site.call("tasks", "--json").stdout)
    assert [(one["id"], one["state"]) for one in listed] == [(task, "succeeded")]
    assert not any((site.settings.home / "work").iterdir())


def test_series_is_what_numpy_says(site: Site):
    with Service(site.settings, starts_runner=False) as service:
        task = service.submit("chirps", "mean", Area.from_box(35, -1, 36, 0), "2019-04")
        site.run_until_empty()
        series = service.result(task).to_xarray()
    path = site.settings.data / "chirps" / "ucsb-chirps.eastafrica.0.05deg.daily.201904.nc4"
    with netCDF4.Dataset(path) as data:
        lat, lon = data["latitude"][:], data["longitude"][:]
        inside = np.ix_(range(30), (lat > -1) & (lat < 0), (lon > 35) & (lon < 36))
        cells = data["precipitation_amount"][:][inside].astype("f8")
        weight = np.cos(np.radians(lat[(lat > -1) & (lat < 0)].astype("f8")))[:, None]
    expected = (cells * weight).sum((1, 2)) / (weight.sum() * cells.shape[2])
    np.testing.assert_allclose(series.values, expected, rtol=1e-6)
    assert series.attrs["units"] == "mm/day"
    assert str(series.time.values[0])[:10] == "2019-04-01"
    assert (series.valid_percent == 100).all()


def test_geotiff_and_netcdf_hold_the_same_cells(site: Site):
    tiffs = submit(site, "chirps", "geotiff", *BOX, "--period", "2019-04-01/2019-05-02")
    netcdf = submit(site, "chirps", "netcdf", *BOX, "--period", "2019-04-01/2019-05-02")
    table = submit(site, "chirps", "csv", *BOX, "--period", "2019-04-01/2019-05-02")
    site.run_until_empty()
    results = site.settings.home / "results"
    with zipfile.ZipFile(results / tiffs / f"{tiffs}.zip") as archive:
        names = archive.namelist()
        assert len(names) == 32
        assert names[0] == "20190401.tif"
        assert names[-1] == "20190502.tif"
        archive.extractall(results)
    with zipfile.ZipFile(results / netcdf / f"{netcdf}.zip") as archive:
        assert archive.namelist() == [f"{netcdf}.nc"]
        archive.extractall(results)
    with rasterio.open(results / "20190401.tif") as tiff:
        assert tiff.crs.to_epsg() == 4326
        assert tuple(tiff.bounds) == pytest.approx((35, -1, 38, 2))
        assert tiff.dtypes == ("float32",)
        assert np.isnan(tiff.nodata)
        assert tiff.compression.name == "deflate"
        first = tiff.read(1)
    with xr.open_dataset(results / f"{netcdf}.nc", engine="netcdf4") as data:
        field = data["precipitation_amount"]
        assert field.dims == ("time", "lat", "lon")
        assert field.attrs["units"] == "mm/day"
        assert field.sizes == {"time": 32, "lat": 60, "lon": 60}
        np.testing.assert_array_equal(field[0], first)
        assert float(field.lat[0]) == pytest.approx(1.975)
    with zipfile.ZipFile(results / table / f"{table}.zip") as archive:
        lines = archive.read(f"{table}.csv").decode().splitlines()
    assert lines[0] == "zone,date,value [mm/day],valid [%]"
    assert len(lines) == 33
    series = json.loads((results / table / f"{table}.json").read_text())["series"][0]
    assert lines[1].split(",")[1:3] == [series["time"][0], str(series["value"][0])]


def test_plain_script_needs_nothing_started_beforehand(site: Site):
    script = (
        "import csserv\n"
        "service = csserv.connect()\n"
        "task = service.submit('chirps', 'max', 'Kenya', '2019-01')\n"
        "print(service.result(task).to_xarray().sizes['time'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=site.environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.strip() == "31", done.stderr
    # the runner it started ends with it
    with Service(site.settings, starts_runner=False) as service:
        deadline = 300
        while service.has_runner():
            deadline -= 1
            assert deadline
            subprocess.run(["sleep", "0.1"], check=True)


def test_progress_rises_in_more_than_five_steps(site: Site):
    task = submit(site, "slow", "mean", *BOX, "--period", "2019")
    disk = SlowDisk(site.settings.data)
    runner = site.start("run", "--scheduler", site.scheduler, "--until-empty")
    lines = site.call("watch", task, "--json").stdout.splitlines()
    progress = [json.loads(line)["progress"] for line in lines]
    runner.communicate(timeout=120)
    assert runner.returncode == 0
    assert progress == sorted(progress)
    assert len(set(progress)) > 5, progress
    disk.end()


def test_runner_that_stands_by_takes_over_from_one_that_is_killed(site: Site):
    with Service(site.settings, starts_runner=False) as service:
        first = site.start("run", "--scheduler", site.scheduler)
        while not service.has_runner():
            time.sleep(0.05)
        second = site.start("run", "--scheduler", site.scheduler)
        assert second.stderr is not None
        assert "standing by" in second.stderr.readline()
        task = submit(site, "chirps", "geotiff", "--area", "Kenya", "--period", "2019")
        assert next(seen for seen in service.watch(task) if seen.done)
        first.kill()
        first.communicate()
        ended = service.wait(task)
        second.terminate()
        second.communicate(timeout=120)
        assert (ended.state, ended.attempt) == (TaskState.SUCCEEDED, 2)
        assert len(service.result(task).files) == 2


def test_cancelled_while_running_stops_and_leaves_no_result(site: Site):
    task = submit(site, "chirps", "geotiff", "--area", "Kenya", "--period", "2019")
    runner = site.start("run", "--scheduler", site.scheduler, "--until-empty")
    with Service(site.settings, starts_runner=False) as service:
        for seen in service.watch(task):
            if seen.done:
                break
        assert service.cancel(task).state is TaskState.CANCELLED
        runner.communicate(timeout=120)
        assert runner.returncode == 0
        assert service.task(task).state is TaskState.CANCELLED
    assert not (site.settings.home / "results" / task).exists()
    assert not list((site.settings.home / "work").iterdir())


def test_cancelled_while_queued_is_not_run(site: Site):
    with Service(site.settings, starts_runner=False) as service:
        task = service.submit("chirps", "mean", "Kenya", "2019-01")
        with pytest.raises(TaskNotFinishedError, match="queued"):
            service.result(task, wait=False)
        service.cancel(task)
        site.run_until_empty()
        with pytest.raises(TaskCancelledError):
            service.result(task)


def test_broken_granule_fails_the_task_by_name_and_others_go_on(site: Site, tmp_path: Path):
    own = tmp_path / "own"
    (own / "chirps").mkdir(parents=True)
    shutil.copy(site.settings.data / "datasets.toml", own)
    for path in sorted((site.settings.data / "chirps").glob("*20190[12].nc4")):
        (own / "chirps" / path.name).write_bytes(path.read_bytes())
    site.settings = site.settings.model_copy(update={"data": own})
    with Service(site.settings, starts_runner=False) as service:
        bad = service.submit("chirps", "mean", "Kenya", "2019-02")
        good = service.submit("chirps", "mean", "Kenya", "2019-01")
        broken = own / "chirps" / "ucsb-chirps.eastafrica.0.05deg.daily.201902.nc4"
        whole = broken.read_bytes()
        broken.write_bytes(whole[: len(whole) // 2])
        site.run_until_empty()
        with pytest.raises(TaskFailedError, match=r"201902\.nc4"):
            service.result(bad)
        assert service.wait(good).state in (TaskState.SUCCEEDED, TaskState.FAILED)
        assert "201902" in (service.task(bad).error or "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chrips", "mean", *BOX, "--period", "2019"], "did you mean chirps"),
        (["chirps", "meen", *BOX, "--period", "2019"], "did you mean mean"),
        (["chirps", "mean", *BOX, "--period", "1981"], "it has 2019-01-01 to 2019-12-31"),
        (
            ["chirps", "mean", "--box", "0", "0", "1", "1", "--period", "2019"],
            "lies outside chirps",
        ),
        (["chirps", "mean", "--area", "Kenyya", "--period", "2019"], "did you mean Kenya"),
        (["esi_4_week", "mean", *BOX, "--period", "2019"], "has no files on this server"),
        (["36", "mean", *BOX, "--period", "2019"], "ClimateSERV has withdrawn it"),
    ],
)
def test_what_cannot_be_done_is_refused_at_submit(site: Site, words: list[str], said: str):
    done = cli.call(site.settings, "submit", *words)
    assert isinstance(done.exception, SystemExit), "it is no error of ours"
    assert done.exit_code == 1
    assert said in done.stderr
    with Service(site.settings, starts_runner=False) as service:
        assert service.tasks() == []
