"""What can be read of an answer while its task runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.tasks.drive import Call, Drive, plan_drive
from csserv.tasks.log import TaskLog
from csserv.tasks.partial import read_partial
from tests.files import Layout, write_granule

BOX = Area.from_box(22.0, -2.0, 26.0, 2.0)
GLOBE = Area.from_box(-170.0, -70.0, 170.0, 70.0)
LAT, LON = np.linspace(79.75, -80, 320), np.linspace(-179.5, 179.5, 360)
DAYS = np.arange(1.0, 366)

#: dataset → lengths of its chunks; a year of it is 168 MB, so that it is cut into blocks
CHUNKS = {"maps": (73, 320, 360), "columns": (365, 40, 40)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of data, each day of which holds its number, in two layouts."""
    folder = tmp_path_factory.mktemp("data")
    values = np.broadcast_to(DAYS[:, None, None], (365, len(LAT), len(LON))).astype("f4")
    for name, chunks in CHUNKS.items():
        layout = Layout(storage={"chunksizes": chunks, "zlib": True, "complevel": 1})
        write_granule(folder / name / "rain.nc", values, LAT, LON, layout)
    return folder


@pytest.fixture
def here(tmp_path: Path, data: Path) -> Settings:
    """Settings that know these data."""
    catalog = tmp_path / "own.toml"
    row = '[{0}]\ntitle = "Rain"\nvariable = "rain"\nfiles = "{0}/*.nc"\nunits = "mm/day"\n'
    catalog.write_text("".join(row.format(name) for name in CHUNKS))
    return Settings(home=tmp_path / "home", data=data, catalog=catalog)


def planned(settings: Settings, dataset: str, operation: str, area: Area) -> Drive:
    """Submit, claim and plan a task; nothing has been done for it yet."""
    with Service(settings, starts_runner=False) as service:
        service.submit(dataset, operation, area, "2019", units="cm/day")
    log = TaskLog(settings.home)
    task = log.claim(60.0)
    assert task is not None
    return plan_drive(task, area, Catalog.read(settings.data, settings.catalog), settings.home)


@pytest.fixture
def drive(here: Settings, request: pytest.FixtureRequest) -> Drive:
    """A task that several blocks share by time."""
    return planned(here, "maps", getattr(request, "param", "mean"), BOX)


def run(call: Call) -> None:
    call.function(*call.args)


def blocks(drive: Drive) -> list[Call]:
    """Do the weights; list the calls of the blocks."""
    for call in drive.waiting:
        run(call)
    assert len(drive.later[0]) > 1
    return drive.later[0]


def test_nothing_is_known_before_the_first_block(drive: Drive) -> None:
    part = read_partial(drive.job.work)
    assert part is not None
    assert part["partial"] is True
    assert [one["time"] for one in part["series"]] == [[]]


def test_nothing_is_read_where_nothing_is(tmp_path: Path) -> None:
    assert read_partial(tmp_path) is None


@pytest.mark.parametrize("drive", ["mean", "median", "range"], indirect=True)
def test_the_blocks_that_are_done_stand_in_time_order(drive: Drive) -> None:
    first, *_, last = blocks(drive)
    run(last)
    late = read_partial(drive.job.work)
    run(first)
    both = read_partial(drive.job.work)
    assert late is not None
    assert both is not None
    (before,), (after,) = late["series"], both["series"]
    assert 0 < len(before["time"]) < len(after["time"])
    assert after["time"] == sorted(after["time"])
    assert after["time"][-1] == before["time"][-1] == "2019-12-31"
    assert both["units"] == "cm/day"


@pytest.mark.parametrize("drive", ["mean", "median", "std"], indirect=True)
def test_with_all_blocks_it_is_the_result(drive: Drive, here: Settings) -> None:
    for call in blocks(drive):
        run(call)
    part = read_partial(drive.job.work)
    (last,) = drive.later[1]
    run(last)
    with Service(here, starts_runner=False) as service:
        TaskLog(here.home).succeed(drive.task, drive.total)
        whole = service.result(drive.task).json
        assert service.partial(drive.task) == whole
    assert part is not None
    known = [{k: v for k, v in one.items() if k != "percent_on_grid"} for one in whole["series"]]
    assert part["series"] == known
    assert part["units"] == whole["units"]
    assert part["calendar"] == whole["calendar"]


def test_steps_that_blocks_share_by_place_are_known_when_all_have_them(here: Settings) -> None:
    drive = planned(here, "columns", "mean", GLOBE)
    for call in blocks(drive):
        part = read_partial(drive.job.work)
        assert part is not None
        assert part["series"][0]["time"] == []
        run(call)
    part = read_partial(drive.job.work)
    assert part is not None
    np.testing.assert_allclose(part["series"][0]["value"], DAYS / 10, rtol=1e-6)
