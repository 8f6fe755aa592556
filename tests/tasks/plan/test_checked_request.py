"""What cannot be answered is refused when it is asked, not when it is computed."""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import pytest

from csserv.catalog import CatalogEntry
from csserv.errors import InvalidRequestError
from csserv.request import Area, Options, Period, Request
from csserv.tasks.plan.checked_request import CheckedRequest
from csserv.zonal.operations import operation
from tests.files import LAT, LON, Layout, write_granule


def dataset(folder: Path, days: list[int], before: int = 0) -> CatalogEntry:
    """Daily rain; each value holds so many days ``before`` as well, by the bounds of time."""
    attributes = {"units": "mm", "long_name": "rainfall"}
    field = np.ones((len(days), len(LAT), len(LON)))
    path = folder / "a.nc"
    write_granule(path, field, LAT, LON, Layout(attributes=attributes), np.array(days, float))
    if before:
        with netCDF4.Dataset(path, "a") as file:
            file.createDimension("nv", 2)
            file["time"].bounds = "time_bounds"
            bounds = file.createVariable("time_bounds", "f8", ("time", "nv"))
            bounds[:] = [(day - before, day + 1) for day in days]
    return CatalogEntry("rain", "Rain", "rain", "*.nc", folder)


def check(entry: CatalogEntry, time_step: str) -> CheckedRequest:
    wanted = (operation("mean"),)
    options = Options(time_step=time_step)
    request = Request(
        "rain", "mean", Area.from_point(20.5, 0.5), Period.parse("2018-12/2019"), options
    )
    return CheckedRequest.of(request, entry, wanted)


def test_running_sums_do_not_add_up(tmp_path: Path):
    entry = dataset(tmp_path, [0, 1, 2, 3], before=2)
    assert check(entry, "native").steps == 4
    with pytest.raises(InvalidRequestError, match="would count time twice"):
        check(entry, "monthly")


def test_step_of_unknown_length_becomes_no_longer_one(tmp_path: Path):
    entry = dataset(tmp_path, [0])
    assert check(entry, "native").steps == 1
    with pytest.raises(InvalidRequestError, match="how long a step of the data is is not known"):
        check(entry, "monthly")


@pytest.mark.parametrize(
    ("lat", "storage", "said"),
    [
        (LAT + 0.25, {}, "have different grids: ask for native steps, or for .* before 2019-01-02"),
        (LAT, {"chunksizes": (1, 3, 5), "zlib": True}, "with csserv optimise"),
    ],
)
def test_a_longer_step_of_files_that_do_not_fit_is_refused_before_it_is_queued(
    tmp_path: Path, lat: np.ndarray, storage: dict[str, object], said: str
):
    entry = dataset(tmp_path, [0])
    layout = Layout(attributes={"units": "mm", "long_name": "rainfall"}, storage=storage)
    field = np.ones((1, len(LAT), len(LON)))
    write_granule(tmp_path / "b.nc", field, lat, LON, layout, np.array([1.0]))
    assert check(entry, "native").steps == 2
    with pytest.raises(InvalidRequestError, match=said):
        check(entry, "monthly")


def test_a_level_that_some_files_lack_is_refused_before_it_is_queued(tmp_path: Path):
    for number, levels in enumerate(([1, 2], [2, 3])):
        with netCDF4.Dataset(tmp_path / f"{number}.nc", "w") as file:
            for name, values, units in (
                ("time", [float(number)], "days since 2019-01-01"),
                ("level", levels, "m"),
                ("lat", LAT, "degrees_north"),
                ("lon", LON, "degrees_east"),
            ):
                file.createDimension(name, len(values))
                file.createVariable(name, "f8", (name,)).units = units
                file[name][:] = values
            file.createVariable("rain", "f4", ("time", "level", "lat", "lon")).units = "mm"
    entry = CatalogEntry("rain", "Rain", "rain", "*.nc", tmp_path)
    wanted, area, period = (operation("mean"),), Area.from_point(20.5, 0.5), Period.parse("2019")
    asked = [Request("rain", "mean", area, period, Options.of({"level": n})) for n in (1, 2)]
    with pytest.raises(InvalidRequestError, match=r"1\.nc: no level '1'; it has 2, 3"):
        CheckedRequest.of(asked[0], entry, wanted)
    assert CheckedRequest.of(asked[1], entry, wanted).steps == 2
