"""What can be asked of a request, by service and command line, on all kinds of grid."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from csserv import Area, Service, Settings
from csserv.errors import InvalidRequestError
from csserv.outputs import Result
from tests.files import LAT, LON, write_granule
from tests.processes import CSSERV, environment

DATASETS = ("rain", "curved", "uneven", "ensemble")
TABLE = "\n".join(
    f'[{name}]\ntitle = "{name}"\nvariable = "rain"\nfiles = "{name}/*.nc"' for name in DATASETS
)
#: 1, 2, … 31 mm/day in January, none in February
LEVEL = np.concatenate([np.arange(1.0, 32), np.zeros(28)])
FLAT = np.broadcast_to(LEVEL[:, None, None], (59, len(LAT), len(LON)))
BOX = Area.from_box(30, -2, 34, 2)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("options")
    data = folder / "data"
    write_granule(data / "rain" / "2019.nc", FLAT, LAT, LON)
    # rows and columns turned by 20 degrees
    lon, lat = np.meshgrid(LON - 30, LAT)
    turn = np.deg2rad(20)
    lat_2d = lat * np.cos(turn) + lon * np.sin(turn)
    lon_2d = lon * np.cos(turn) - lat * np.sin(turn) + 30
    write_granule(data / "curved" / "2019.nc", FLAT, lat_2d, lon_2d)
    rows = 8 * np.cos(np.linspace(0.1, 3.0, 16))  # nearer to each other at both ends
    write_granule(data / "uneven" / "2019.nc", FLAT, rows, LON)
    _write_ensemble(data / "ensemble" / "2019.nc")
    (folder / "own.toml").write_text(TABLE)
    settings = Settings(home=folder / "home", data=data, catalog=folder / "own.toml")
    with Service(settings) as service:
        yield service


def _write_ensemble(path: Path) -> None:
    """Member 1 holds the level, member 2 twice that."""
    write_granule(path, FLAT, LAT, LON)
    with netCDF4.Dataset(path, "a") as data:
        data.renameVariable("rain", "unused")
        data.createDimension("member", 2)
        data.createVariable("member", "i4", ("member",))[:] = [1, 2]
        rain = data.createVariable("rain", "f4", ("time", "member", "lat", "lon"))
        rain.units = "mm/day"
        rain[:] = np.stack([FLAT, 2 * FLAT], axis=1)


def asked(service: Service, *words: Any, **options: Any) -> Result:
    return service.result(service.submit(*words, **options))


def series(found: Result) -> dict[str, Any]:
    (one,) = found.json["series"]
    return dict(one)


def exported(found: Result) -> bytes:
    """The one file of a ZIP."""
    with zipfile.ZipFile(found.path.with_suffix(".zip")) as archive:
        (name,) = archive.namelist()
        return archive.read(name)


def test_days_become_months_and_rain_is_added_up(service: Service):
    found = asked(service, "rain", "mean", BOX, "2019-01/2019-02", time_step="monthly")
    one = series(found)
    assert one["time"] == ["2019-01-01", "2019-02-01"]
    assert one["value"] == pytest.approx([496.0, 0.0])  # 1 + 2 + … + 31 mm
    assert found.json["units"] == "mm"
    assert found.json["variable"]["cell_methods"] == "time: sum area: mean"
    assert found.json["steps"]["complete"] == [True, True]
    assert found.json["time_step"]["least_valid_percent"] == 80
    assert found.json["time_step"]["name"] == "monthly"


def test_month_that_the_period_cuts_is_marked(service: Service):
    found = asked(service, "rain", "mean", BOX, "2019-01-10/2019-02", time_step="monthly")
    assert found.json["steps"]["complete"] == [False, True]
    assert found.json["steps"]["end"] == ["2019-01-31", "2019-02-28"]
    table = asked(service, "rain", "csv", BOX, "2019-01-10/2019-02", time_step="monthly")
    lines = exported(table).decode().splitlines()
    assert lines[0] == "zone,date,value [mm],valid [%],valid days [%],complete"
    assert [line.rpartition(",")[2] for line in lines[1:]] == ["False", "True"]


def test_steps_hold_those_before_them(service: Service):
    ask = {"accumulate": 3, "units": "cm"}
    found = asked(service, "rain", "mean,max", BOX, "2019-01-31/2019-02-03", **ask)
    one = series(found)
    assert one["time"] == ["2019-01-31", "2019-02-01", "2019-02-02", "2019-02-03"]
    assert one["value"] == pytest.approx([9.0, 6.1, 3.1, 0.0])  # 29 + 30 + 31 mm, 30 + 31 mm, …
    assert one["further"]["max"] == pytest.approx(one["value"])
    assert found.json["intervals"]["start"][0] == "2019-01-29"
    assert found.json["intervals"]["end"][0] == "2019-02-01"
    assert found.json["time_step"]["accumulate"] == 3
    assert found.why("2019-02-03").code == "value"
    explained = service.explain(found, "2019-02-01", operation="max")
    assert explained.cells["contribution"].sum() == pytest.approx(6.1)
    assert service.verify(found).differences == ()


def test_units_are_converted_in_series_and_export(service: Service):
    found = asked(service, "rain", "max", BOX, "2019-01-31", units="inch/day")
    assert series(found)["value"] == pytest.approx([31 / 25.4])
    assert found.json["units"] == "inch/day"
    cells = exported(asked(service, "rain", "netcdf", BOX, "2019-01-31", units="inch/day"))
    with netCDF4.Dataset("cells", memory=cells) as data:
        assert data["rain"].units == "inch/day"
        assert float(data["rain"][0, 0, 0]) == pytest.approx(31 / 25.4)
    with pytest.raises(InvalidRequestError, match="degC"):
        service.submit("rain", "mean", BOX, "2019-01", units="degC")


def test_member_is_chosen_by_name_or_the_error_lists_them(service: Service):
    day = (BOX, "2019-01-03")
    with pytest.raises(InvalidRequestError, match="choose one member of 1, 2"):
        service.submit("ensemble", "mean", *day)
    found = [
        series(asked(service, "ensemble", "mean", *day, select={"member": m}))["value"]
        for m in ("1", "2")
    ]
    assert found == [pytest.approx([3.0]), pytest.approx([6.0])]


def test_all_members_have_a_series_each(service: Service):
    days = (BOX, "2019-01-03/2019-01-04")
    for select in ({"member": "*"}, {"member": [1, 2]}):
        found = asked(service, "ensemble", "mean,max", *days, select=select)
        told = [(one["select"]["member"], one["value"]) for one in found.json["series"]]
        assert told == [("1", pytest.approx([3.0, 4.0])), ("2", pytest.approx([6.0, 8.0]))]
        table = found.to_dataset()["max"]
        assert table.sel(member=2).values.tolist() == [6.0, 8.0]
    alone = asked(service, "ensemble", "mean", *days, select={"member": 2})
    assert found.select("mean", member=2).json["series"][0]["value"] == series(alone)["value"]
    with pytest.raises(InvalidRequestError, match="maps are of one coordinate"):
        service.submit("ensemble", "netcdf", *days, select={"member": "*"})
    with pytest.raises(InvalidRequestError, match="no member '3'"):
        service.submit("ensemble", "mean", *days, select={"member": "1,3"})


def test_weighting_is_said_in_the_result(service: Service):
    for weighting, said in (("area", "exact share"), ("centre", "whole cells")):
        found = asked(service, "rain", "mean", BOX, "2019-01-05", weighting=weighting)
        assert series(found)["value"] == pytest.approx([5.0])
        assert said in found.json["provenance"]["weighting"]


def test_total_is_a_volume(service: Service):
    found = asked(service, "rain", "total", BOX, "2019-01-02")
    # 2 mm/day on 4 x 4 degrees about the equator, on a sphere of 6371 km
    square = 2 * np.sin(np.deg2rad(2)) * np.deg2rad(4) * 6_371_000**2
    assert series(found)["value"] == pytest.approx([2e-3 * square], rel=2e-3)
    assert found.json["units"] == "m3 d-1"


@pytest.mark.parametrize("dataset", ["curved", "uneven"])
def test_odd_grids_give_series_and_netcdf_and_refuse_geotiff(service: Service, dataset: str):
    found = asked(service, dataset, "mean", BOX, "2019-01-01/2019-01-03")
    assert series(found)["value"] == pytest.approx([1.0, 2.0, 3.0])
    assert series(found)["percent_on_grid"] == 100
    cells = exported(asked(service, dataset, "netcdf", BOX, "2019-01-04"))
    with netCDF4.Dataset("cells", memory=cells) as data:
        inside = data["rain"][0].compressed()
        assert len(inside) >= 8
        assert inside.tolist() == [4.0] * len(inside)
        lat = data["lat"][:]
        assert (lat.ndim == 2) is (dataset == "curved")
        assert lat.min() < -1
        assert lat.max() > 1
    with pytest.raises(InvalidRequestError, match="ask for netcdf"):
        service.submit(dataset, "geotiff", BOX, "2019-01")


def test_command_line_prints_each_member(service: Service):
    settings = service.settings
    own = {"home": settings.home, "data": settings.data, "catalog": settings.catalog}
    words = ["ensemble", "mean", "--box", "30", "-2", "34", "2", "--period", "2019-01-03"]
    done = subprocess.run(
        [*CSSERV, "submit", *words, "--select", "member=*", "--wait"],
        env=environment(own),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    path = settings.home / "results" / done.stdout.split()[0]
    plain = json.loads((path / f"{path.name}.json").read_text())
    values = [one["value"] for one in plain["series"]]
    assert values == [pytest.approx([3.0]), pytest.approx([6.0])]
    assert [one["select"] for one in plain["series"]] == [{"member": "1"}, {"member": "2"}]


def test_command_line_takes_all_options(service: Service):
    settings = service.settings
    own = {"home": settings.home, "data": settings.data, "catalog": settings.catalog}
    words = ["ensemble", "mean", "--box", "30", "-2", "34", "2", "--period", "2019-01/2019-02"]
    options = ["--time-step", "monthly", "--least-valid", "50", "--units", "cm"]
    options += ["--accumulate", "2", "--over-time", "sum"]
    more = ["--weighting", "centre", "--select", "member=2", "--wait"]
    done = subprocess.run(
        [*CSSERV, "submit", *words, *options, *more],
        env=environment(own),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (folder,) = (path for path in (settings.home / "results").glob(f"*{done.stdout.strip()[:36]}"))
    plain = json.loads((folder / f"{folder.name}.json").read_text())
    assert plain["series"][0]["value"] == [None, pytest.approx(99.2)]  # no data of December
    assert plain["units"] == "cm"
    assert plain["request"]["options"] == {
        "time_step": "monthly",
        "least_valid": 50.0,
        "over_time": "sum",
        "accumulate": 2,
        "units": "cm",
        "weighting": "centre",
        "select": [["member", "2"]],
    }
