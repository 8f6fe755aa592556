"""NetCDF of series and of maps is CF: by its checker, and as xarray reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cftime
import netCDF4
import numpy as np
import pyproj
import pytest
import shapely
import xarray as xr

from csserv import Area, Settings, Zone
from csserv.catalog.read.grid import Grid, Window
from csserv.outputs import Result
from csserv.outputs.netcdf.standard_names import canonical_units
from tests.cf_checker import complaints
from tests.outputs.exports import ROWS, export, maps_file, series_file, write_datasets

# rasterio multiplies affine transforms in the way that affine is about to give up
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

ONE = Area.from_box(25, -4, 33, 4)
POLE = Area.from_box(-60, 82, 60, 89)
WEST, EAST = shapely.box(25, -4, 29, 4), shapely.box(29, -4, 33, 4)
TWO = Area((Zone("w", "Côte - Ω", WEST), Zone("e", "East", EAST)), "both")

#: dataset, operation, area, options
Asked = tuple[str, str, Area, dict[str, Any]]

SERIES: dict[str, Asked] = {
    "one zone": ("rain", "mean", ONE, {}),
    "several zones": ("rain", "mean", TWO, {}),
    "months": ("rain", "mean", TWO, {"time_step": "monthly"}),
    "percentile of dekads": ("rain", "p2.5", TWO, {"time_step": "dekad"}),
    "several operations": ("warm", "mean,std,p90", TWO, {"time_step": "daily"}),
    "days with those before": ("rain", "mean", TWO, {"accumulate": 7}),
    "months with those before": ("round", "max", TWO, {"time_step": "monthly", "accumulate": 2}),
    "count": ("rain", "count", TWO, {}),
    "share": ("rain", "coverage", ONE, {}),
    "volume of the period": ("rain", "total", ONE, {"time_step": "period"}),
    "temperature": ("warm", "mean", ONE, {"units": "K"}),
    "spread of temperature": ("warm", "range", TWO, {}),
    "variance": ("warm", "variance", TWO, {}),
    "days of hours": ("warm", "max", TWO, {"time_step": "daily", "over_time": "max"}),
    "units that UDUNITS lacks": ("dekads", "mean", TWO, {}),
    "months of 30 days": ("round", "mean", TWO, {"time_step": "monthly"}),
    "member": ("member", "mean", TWO, {"select": {"member": "1"}}),
    "of an export": ("rain", "netcdf", ONE, {}),
    "of cut-out cells": ("rain", "geotiff", ONE, {}),
}
MAPS: dict[str, Asked] = {
    "days": ("rain", "netcdf", ONE, {}),
    "months": ("rain", "netcdf", TWO, {"time_step": "monthly"}),
    "days with those before": ("rain", "netcdf", ONE, {"accumulate": 7}),
    "the period": ("round", "netcdf", ONE, {"time_step": "period"}),
    "hours": ("warm", "netcdf", ONE, {"units": "K"}),
    "dekads": ("dekads", "netcdf", ONE, {}),
    "member": ("member", "netcdf", ONE, {"select": {"member": "2"}}),
    "lambert": ("lambert", "netcdf", ONE, {}),
    "rotated pole": ("rotated", "netcdf", ONE, {}),
    "satellite": ("satellite", "netcdf", ONE, {}),
    "pole": ("polar", "netcdf", POLE, {}),
    "curved": ("curved", "netcdf", ONE, {}),
}
KINDS = [(series_file, *one) for one in SERIES.values()] + [
    (maps_file, *one) for one in MAPS.values()
]
NAMES = [f"series: {name}" for name in SERIES] + [f"maps: {name}" for name in MAPS]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return write_datasets(tmp_path_factory.mktemp("cf"))


@pytest.mark.slow
@pytest.mark.parametrize(("write", "dataset", "operation", "area", "options"), KINDS, ids=NAMES)
def test_each_kind_of_export_is_cf(
    settings: Settings,
    write: Callable[[Result], Path],
    dataset: str,
    operation: str,
    area: Area,
    options: dict[str, Any],
):
    result = export(settings, dataset, operation, area, **options)
    path = write(result)
    assert complaints(path) == []
    with xr.open_dataset(path, engine="netcdf4", decode_coords="all") as found:
        found.load()
    assert found.attrs["Conventions"] == "CF-1.11"
    assert json.loads(found.attrs["provenance"]) == result.provenance
    times = result.to_xarray()["time"]
    assert (found["time"].values == times.values).all()
    bounds = found["time_bnds"].values
    before = options.get("accumulate", 1) > 1  # a step is named by the last one that it holds
    assert ((bounds[:, 0] < times.values) if before else (bounds[:, 0] == times.values)).all()
    assert (bounds[:, 1] > times.values).all()
    assert (bounds[:, 1] > bounds[:, 0]).all()


@pytest.mark.slow
def test_checker_finds_a_fault(settings: Settings):
    path = series_file(export(settings, "rain", "mean", ONE))
    with netCDF4.Dataset(path, "a") as data:
        data["mean"].units = "mm of something"
    assert any("units" in text for text in complaints(path))


def test_series_comes_back_from_its_file(settings: Settings):
    result = export(settings, "rain", "mean", TWO, time_step="monthly")
    series = result.to_xarray()
    with xr.open_dataset(series_file(result), engine="netcdf4") as data:
        found = data["mean"].load()
    assert found["zone"].values.tolist() == ["Côte - Ω", "East"]
    by_name = found.set_xindex("zone")
    assert by_name.sel(zone="East").values.tolist() == series.sel(zone="East").values.tolist()
    again = found.swap_dims(zone_index="zone")
    for one in (again, series):
        one["time"].attrs.clear()
        one.attrs.clear()
    xr.testing.assert_identical(again, series)


def test_maps_come_back_from_their_file(settings: Settings, tmp_path: Path):
    result = export(settings, "warm", "netcdf", ONE)
    with xr.open_dataset(maps_file(result), engine="netcdf4") as found:
        found.load()
    with xr.open_dataset(settings.data / "warm" / "a.nc", engine="netcdf4") as source:
        given = source["rain"].sel(lat=slice(4, -4), lon=slice(25, 33)).load()
    np.testing.assert_array_equal(found["rain"].values, given.values.astype("f4"))
    assert (found["time"].values == given["time"].values).all()
    assert (found["time_bnds"].diff("bnds") == np.timedelta64(6, "h")).all()


def test_edges_of_cells_are_those_of_the_grid(settings: Settings):
    with netCDF4.Dataset(maps_file(export(settings, "rain", "netcdf", ONE))) as data:
        np.testing.assert_array_equal(data["lat_bnds"][:, 0], np.arange(4.0, -4, -1))
        np.testing.assert_array_equal(data["lat_bnds"][:, 1], np.arange(3.0, -5, -1))
        np.testing.assert_array_equal(data["lon_bnds"][:, 0], np.arange(25.0, 33))
        np.testing.assert_array_equal(data["lon_bnds"][:, 1], np.arange(26.0, 34))


@pytest.mark.parametrize("name", ["lambert", "rotated pole", "satellite", "pole"])
def test_projection_of_the_file_gives_its_latitudes(settings: Settings, name: str):
    dataset, operation, area, _ = MAPS[name]
    with netCDF4.Dataset(maps_file(export(settings, dataset, operation, area))) as data:
        said = data[data["rain"].grid_mapping]
        crs = pyproj.CRS.from_cf({key: said.getncattr(key) for key in said.ncattrs()})
        to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        found = to_degrees.transform(*np.meshgrid(data["x"][:], data["y"][:]))
        np.testing.assert_allclose(found, [data["lon"][:], data["lat"][:]], atol=1e-9)
        west, east = (side(data["lon_bnds"][:], axis=2) for side in (np.min, np.max))
        assert ((west < data["lon"][:]) & (data["lon"][:] < east)).all()


def test_amount_of_a_month_is_no_rate(settings: Settings):
    result = export(settings, "rain", "netcdf", ONE, time_step="monthly")
    for path, name, more in (
        (maps_file(result), "rain", ""),
        (series_file(result), "mean", " area: mean"),
    ):
        with netCDF4.Dataset(path) as data:
            assert data[name].units == "mm"
            assert data[name].cell_methods == f"time: sum{more}"
            assert "standard_name" not in data[name].ncattrs()
    days = export(settings, "rain", "netcdf", ONE)
    with netCDF4.Dataset(maps_file(days)) as data:
        assert data["rain"].units == "mm/day"
        assert data["rain"].cell_methods == "time: mean"
        assert data["rain"].standard_name == "lwe_precipitation_rate"
        assert data.title == f"maps of Rain, {ONE.title}, 2019-01-01/2019-12-31"


def test_bounds_of_a_month_that_the_period_cuts_are_those_of_the_part(settings: Settings):
    cut = {"time_step": "monthly", "period": "2019-01-10/2019-02-20"}
    result = export(settings, "rain", "netcdf", ONE, **cut)
    with netCDF4.Dataset(maps_file(result)) as data:
        time, bounds = data["time"], data["time_bnds"][:]
        texts = [
            one.strftime("%Y-%m-%d") for one in cftime.num2date(bounds, time.units).ravel().tolist()
        ]
        # what a mean rate is found by: the amount, by the days that it fell in
        rate = data["rain"][:] / np.diff(bounds, axis=1)[:, :, None]
    assert texts == ["2019-01-10", "2019-02-01", "2019-02-01", "2019-02-21"]
    with xr.open_dataset(settings.data / "rain" / "a.nc", engine="netcdf4") as source:
        given = source["rain"].sel(lat=slice(4, -4), lon=slice(25, 33)).load()
    january = given.sel(time=slice("2019-01-10", "2019-01-31")).mean("time")
    np.testing.assert_allclose(rate[0], january, rtol=1e-6)


def test_steps_of_unknown_length_have_no_bounds(settings: Settings):
    result = export(settings, "curved", "mean", ONE, period="2019-01-01")
    assert "intervals" in result.json  # three days of the dataset say how long one is
    first = settings.data / "single" / "a.nc"
    first.parent.mkdir(exist_ok=True)
    with xr.open_dataset(settings.data / "rain" / "a.nc", engine="netcdf4") as source:
        source.isel(time=[0]).to_netcdf(first, engine="netcdf4")
    row = '\n[single]\ntitle = "Single"\nvariable = "rain"\nfiles = "single/*.nc"\n'
    catalog = settings.catalog
    assert catalog is not None
    catalog.write_text(catalog.read_text() + row)
    alone = export(settings, "single", "netcdf", ONE)
    assert "intervals" not in alone.json
    for path in (maps_file(alone), series_file(alone)):
        with netCDF4.Dataset(path) as data:
            assert "bounds" not in data["time"].ncattrs()


def test_units_of_a_calendar_step_stand_beside_the_amount(settings: Settings):
    result = export(settings, "dekads", "netcdf", ONE)
    for path, name in ((maps_file(result), "rain"), (series_file(result), "mean")):
        with netCDF4.Dataset(path) as data:
            assert data[name].units == "mm"
            assert data[name].original_units == "mm/dekad"
            days = np.diff(data["time_bnds"][:], axis=1).ravel().tolist()
    assert days == [10, 10, 11, 10, 10, 8]


@pytest.mark.slow
def test_standard_names_have_the_units_of_the_table():
    from compliance_checker.cf.util import StandardNameTable

    table = StandardNameTable()
    given = canonical_units()
    assert len(given) > 300
    assert {name: table[name].canonical_units for name in given} == given


def test_each_dataset_is_exported():
    assert {asked[0] for asked in (*SERIES.values(), *MAPS.values())} == set(ROWS)


@pytest.mark.parametrize("lat", [np.arange(85.0, -90, -10), np.array([80.0, 60, 35, 10, -8, -40])])
@pytest.mark.parametrize("column", [0, 16, 30])
def test_edges_hold_their_centres_on_either_side_of_the_date_line(lat: np.ndarray, column: int):
    lon = np.arange(5.0, 360, 10)
    edges = np.append(lon - np.where(np.arange(36) % 2, 4, 5), 360.0)
    uneven = np.stack([edges[:-1], edges[1:]], axis=-1)
    for grid in (
        Grid.from_centres(lat, lon),
        Grid.from_centres(lat, lon - 180),
        Grid.from_centres(lat, uneven.mean(axis=1), lon_bounds=uneven),
    ):
        window = Window(1, column, 3, 10)  # the last one passes the end of the grid
        for middle, bounds in (
            (grid.lat(window), grid.lat_bounds(window)),
            (grid.lon(window), grid.lon_bounds(window)),
        ):
            np.testing.assert_allclose(bounds.mean(axis=1), middle, atol=1e-9)
            np.testing.assert_allclose(bounds[1:, 0], bounds[:-1, 1], atol=1e-9)
