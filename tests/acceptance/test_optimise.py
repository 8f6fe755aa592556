"""A dataset is rewritten under a server that is asked all the while."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.errors import GranuleError
from tests.files import Layout, write_granule
from tests.processes import CSSERV, environment, eventually, workers_below

LAT, LON = np.arange(11.95, -4, -0.1), np.arange(20.05, 40, 0.1)  #: 160 rows, 200 columns
MAPS = Layout(storage={"chunksizes": (1, 160, 200), "zlib": True})
TABLE = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/rain.*.nc"\n'
DAYS = 60  #: of each year
REQUEST = ("rain", "mean", Area.from_box(23.3, -2.2, 31.7, 9.4), "2018/2019")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty days of each of two years, a file each, maps of random rain."""
    folder = tmp_path_factory.mktemp("written")
    random = np.random.default_rng(3)
    for year, first in ((2018, -365), (2019, 0)):
        for day in range(DAYS):
            path = folder / "rain" / f"rain.{year}{day:03}.nc"
            field = random.gamma(0.5, 9, (1, len(LAT), len(LON)))
            write_granule(path, field, LAT, LON, MAPS, np.array([first + day]))
    return folder


@pytest.fixture
def settings(tmp_path: Path, written: Path) -> Settings:
    """These files to be changed, and a worker."""
    shutil.copytree(written, tmp_path / "data")
    catalog = tmp_path / "own.toml"
    catalog.write_text(TABLE)
    return Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=catalog, workers=1)


def command(settings: Settings, *words: str) -> tuple[list[str], dict[str, str]]:
    own = {"home": settings.home, "data": settings.data, "catalog": settings.catalog}
    return [*CSSERV, "optimise", "rain", *words], environment(own)


def optimise(settings: Settings, *words: str) -> str:
    line, own = command(settings, *words)
    done = subprocess.run(line, env=own, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer(service: Service) -> np.ndarray:
    return service.result(service.submit(*REQUEST)).to_dataframe()["value"].to_numpy()


def names(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data / "rain").iterdir())


def test_answers_are_the_same_before_while_and_after(settings: Settings, tmp_path: Path):
    line, own = command(settings, "--yes", "--workers", "1", "--keep", str(tmp_path / "old"))
    with Service(settings) as service:
        expected = answer(service)
        with subprocess.Popen(line, env=own, stdout=subprocess.PIPE, text=True) as process:
            while process.poll() is None:
                np.testing.assert_allclose(answer(service), expected, rtol=1e-6)
            assert process.returncode == 0
            assert process.stdout is not None
            said = process.stdout.read()
        np.testing.assert_allclose(answer(service), expected, rtol=1e-6)
    assert "120 files" in said
    assert "become 2 in chunks of 60 steps" in said
    assert "gain: 7.68 MB to inflate for a year of 100 x 100 cells now" in said
    assert "2 new files in place, checked (bit for bit)" in said
    assert names(settings) == ["rain.2018.nc", "rain.2019.nc"]
    assert len(list((tmp_path / "old" / "rain").iterdir())) == 2 * DAYS
    assert "quick to read already" in optimise(settings)


def test_task_that_waited_since_before_finds_its_data(settings: Settings):
    with Service(settings, starts_runner=False) as service:
        task = service.submit(*REQUEST)
    optimise(settings, "--yes")
    with Service(settings) as service:
        assert len(service.result(task).to_dataframe()) == 2 * DAYS


def test_what_was_made_before_a_kill_is_kept_and_nothing_had_changed(settings: Settings):
    before = names(settings)
    line, own = command(settings, "--yes", "--workers", "1")
    ready = settings.data / "rain" / ".rain.2018.nc.ready"
    with subprocess.Popen(line, env=own, start_new_session=True) as process:
        eventually(ready.exists, 60, "the first year is never made", 0.002)
        os.killpg(process.pid, signal.SIGKILL)
    made = ready.stat().st_ino
    assert [name for name in names(settings) if not name.startswith(".")] == before
    optimise(settings, "--yes", "--workers", "1")
    assert names(settings) == ["rain.2018.nc", "rain.2019.nc"]
    assert (settings.data / "rain" / "rain.2018.nc").stat().st_ino == made


def test_killed_worker_costs_a_year_and_not_the_run(settings: Settings):
    line, own = command(settings, "--yes", "--workers", "2")
    with subprocess.Popen(line, env=own, stderr=subprocess.PIPE, text=True) as process:
        drafts = settings.data / "rain"
        eventually(lambda: list(drafts.glob(".*.draft")), 60, "nothing is made", 0.002)
        worker, *_ = workers_below(process.pid)
        worker.kill()
        said = process.communicate(timeout=120)[1]
        assert process.returncode == 0, said
    assert names(settings) == ["rain.2018.nc", "rain.2019.nc"]
    with Service(settings) as service:
        assert len(answer(service)) == 2 * DAYS


def test_old_files_that_a_kill_left_beside_the_new_one_are_not_read_and_removed(
    settings: Settings, tmp_path: Path
):
    optimise(settings, "--yes", "--keep", str(tmp_path / "old"))
    for path in (tmp_path / "old" / "rain").glob("rain.2018*"):
        os.link(path, settings.data / "rain" / path.name)
    with Service(settings) as service:
        assert len(answer(service)) == 2 * DAYS
    assert "60 old files to remove" in optimise(settings, "--yes")
    assert names(settings) == ["rain.2018.nc", "rain.2019.nc"]


def test_later_days_join_their_year_the_next_time(settings: Settings):
    optimise(settings, "--yes")
    field = np.ones((1, len(LAT), len(LON)))
    path = settings.data / "rain" / "rain.2019060.nc"
    write_granule(path, field, LAT, LON, MAPS, np.array([DAYS]))
    assert "2 files" in optimise(settings, "--yes")
    assert names(settings) == ["rain.2018.nc", "rain.2019.nc"]
    with Service(settings) as service:
        assert len(answer(service)) == 2 * DAYS + 1


def test_dry_run_says_what_it_would_do_and_packing_loses_what_it_said(settings: Settings):
    before = names(settings)
    said = optimise(settings, "--dry-run", "--pack", "0.05")
    assert "packed into 16-bit integers of 0.05" in said
    assert "needs: " in said
    assert names(settings) == before
    with Service(settings) as service:
        exact = answer(service)
        optimise(settings, "--yes", "--pack", "0.05")
        packed = answer(service)
    assert 0 < np.abs(packed - exact).max() < 0.025
    header = Catalog.read(settings.data, settings.catalog)["rain"].granules[0].header()
    assert header.layout.packing.dtype == "<i2"


def test_folder_for_old_files_may_not_be_among_the_data(settings: Settings):
    with pytest.raises(AssertionError, match="the old files must go elsewhere"):
        optimise(settings, "--yes", "--keep", str(settings.data / "rain" / "old"))


def test_unreadable_file_stops_it_before_anything_is_done(settings: Settings):
    (settings.data / "rain" / "rain.2018030.nc").write_bytes(b"no NetCDF")
    with pytest.raises(AssertionError, match=r"cannot read rain\.2018030\.nc"):
        optimise(settings, "--yes")
    assert len(names(settings)) == 2 * DAYS
    with pytest.raises(GranuleError):
        Catalog.read(settings.data, settings.catalog)["rain"].granules[30].header()
