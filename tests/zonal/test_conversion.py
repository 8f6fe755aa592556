"""What numbers mean: units and scale of an answer follow from what was asked of which data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from csserv.catalog import CatalogEntry
from csserv.errors import InvalidRequestError
from csserv.request import Area, Options, Period, Request
from csserv.tasks.work.in_process import compute_series
from csserv.zonal.conversion import Conversion, check_options, find_conversion
from csserv.zonal.operations import OPERATIONS, operation
from tests.files import LAT, LON, Layout, write_granule

FLUX = {"units": "kg m-2 s-1", "standard_name": "precipitation_flux"}
TWO_CELLS = Area.from_box(20, 0, 22, 1)

#: three days of 2 and 4 kg m-2 a day are 6 and 12 kg m-2
OVER_THREE_DAYS = {
    "mean": (9, "kg m-2"),
    "max": (12, "kg m-2"),
    "min": (6, "kg m-2"),
    "median": (9, "kg m-2"),
    "range": (6, "kg m-2"),
    "sum": (18, "kg m-2"),
    "std": (3, "kg m-2"),
    "variance": (9, "kg2 m-4"),
    "count": (2, "cells"),
    "coverage": (100, "%"),
}


@pytest.fixture
def flux(tmp_path: Path) -> CatalogEntry:
    """Two cells of 2 and 4 kg m-2 a day, as a rate each second, for three days."""
    field = np.zeros((3, len(LAT), len(LON)))
    field[:, 7, :2] = np.array([2, 4]) / 86_400
    layout = Layout(dtype="f8", attributes=FLUX)
    write_granule(tmp_path / "a.nc", field, LAT, LON, layout)
    return CatalogEntry("flux", "Rain", "rain", "*.nc", tmp_path)


def series(entry: CatalogEntry, name: str, options: Options) -> tuple[float, str]:
    period = Period.parse("2019-01-01/2019-01-03")
    request = Request(entry.name, name, TWO_CELLS, period, options)
    found = compute_series(entry, entry.covering(period), request)
    return found.series.values[0, 0, 0], found.conversions[0].units


def conversion(entry: CatalogEntry, name: str, options: Options) -> Conversion:
    return find_conversion(entry, entry.timeline(), options, operation(name))


@pytest.mark.parametrize("name", OVER_THREE_DAYS)
def test_rate_over_days_changes_each_statistic_as_its_units_do(flux: CatalogEntry, name: str):
    value, units = series(flux, name, Options(time_step="period"))
    assert (value, units) == (pytest.approx(OVER_THREE_DAYS[name][0]), OVER_THREE_DAYS[name][1])


def test_month_of_a_rate_is_a_mean_where_that_is_asked_for(flux: CatalogEntry):
    asked = Options(time_step="period", over_time="mean", units="mm/day")
    assert series(flux, "mean", asked) == (pytest.approx(3), "mm/day")


def test_rule_asked_for_is_one_that_there_is():
    with pytest.raises(InvalidRequestError, match="over_time is 'total'; allowed are sum, mean"):
        Options(over_time="total")


def test_export_of_two_grids_is_refused_and_says_when_the_grid_changes(flux: CatalogEntry):
    day = np.array([3])
    write_granule(flux.data / "b.nc", np.zeros((1, 2, 2)), LAT[:2], LON[:2], days=day)
    both = flux.covering(Period.parse("2019"))
    check_options(flux, both, Options(), [operation("mean")])
    with pytest.raises(InvalidRequestError, match=r"another one begins with 2019-01-04 \(b.nc\)"):
        check_options(flux, both, Options(), [operation("netcdf")])


def test_rate_over_days_times_area_is_a_mass(flux: CatalogEntry):
    mean, _ = series(flux, "mean", Options(time_step="period"))
    total, units = series(flux, "total", Options(time_step="period"))
    # a degree by two degrees, from the equator, on a sphere of 6371.0088 km
    area = 6_371_008.8**2 * np.radians(2) * np.sin(np.radians(1))
    assert (total, units) == (pytest.approx(mean * area), "kg")


def test_variance_over_days_in_units_of_one_s_own(flux: CatalogEntry):
    asked = Options(time_step="period", units="g2 m-4")
    assert series(flux, "variance", asked) == (pytest.approx(9e6), "g2 m-4")


@pytest.mark.parametrize("name", OPERATIONS)
def test_statistics_of_twice_the_data_grow_by_their_power(flux: CatalogEntry, name: str):
    field = np.zeros((1, len(LAT), len(LON)))
    field[:, 7, :2] = 2, 6
    found = []
    for factor in (1, 2):
        write_granule(flux.data / "a.nc", factor * field, LAT, LON)
        request = Request(flux.name, name, TWO_CELLS, Period.parse("2019"))
        found.append(
            compute_series(flux, flux.covering(request.period), request).series.values[0, 0, 0]
        )
    assert found[1] / found[0] == pytest.approx(2 ** operation(name).power)


@pytest.mark.parametrize(
    ("name", "options", "units", "scale"),
    [
        ("netcdf", {}, "kg m-2 s-1", 1),
        ("netcdf", {"units": "mm/day"}, "mm/day", 86_400),
        ("netcdf", {"time_step": "monthly"}, "kg m-2", 86_400),
        ("geotiff", {"time_step": "monthly", "units": "cm"}, "cm", 8_640),
        ("mean", {"units": "mm/day"}, "kg m-2 s-1", 1),
        ("total", {"units": "kg d-1"}, "kg m-2 s-1", 1),
        ("variance", {"time_step": "monthly"}, "kg m-2", 86_400),
        ("std", {"time_step": "monthly", "units": "mm"}, "kg m-2", 86_400),
    ],
)
def test_units_and_scale_of_cells_belong_together(
    flux: CatalogEntry, name: str, options: dict[str, str], units: str, scale: float
):
    """Units that are asked for are those of the series, and of cells that are exported."""
    found = conversion(flux, name, Options(**options))
    assert (found.cell_units, found.cell_scale) == (units, pytest.approx(scale))
    assert found.cell_offset == 0
    assert found.units == options.get("units", found.units)
