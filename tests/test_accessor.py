"""Data that are open in xarray give the service's numbers, without a service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr

import csserv.accessor
from csserv import Area, Zone
from csserv.catalog import CatalogEntry, Granule
from csserv.catalog.timeline.steps_of_files import lay_timeline
from csserv.errors import EmptySelectionError, InvalidAreaError, InvalidRequestError
from csserv.outputs.series import Series
from csserv.request import Options, Period, Request
from csserv.tasks.work.in_process import compute_series
from tests.files import LAT, LON, Layout, write_granule

assert csserv.accessor

ZONES = Area(
    (
        Zone("t", "triangle", shapely.Polygon([(30.2, -3.3), (35.7, -2.1), (32.4, 3.8)])),
        Zone("b", "box", shapely.box(32.0, -2.5, 36.25, 2.0)),
    ),
    "two zones",
)
BOX = Area.from_box(30, -2, 34, 2)


def field(days: int = 59) -> np.ndarray:
    random = np.random.default_rng(3)
    values = random.gamma(0.5, 8.0, (days, len(LAT), len(LON))).astype("f4")
    values[random.random(values.shape) < 0.1] = np.nan
    return values


def of_service(path: Path, name: str, options: Options) -> Series:
    """What a service answers on the same file."""
    granule = Granule(path, "rain")
    request = Request("rain", name, ZONES, Period.parse("2019"), options)
    entry = CatalogEntry("rain", "rain", "rain", path.name, path.parent)
    return compute_series(
        entry, lay_timeline([(granule, granule.header())]).within(request.period), request
    ).series


@pytest.mark.parametrize(
    "layout",
    [
        Layout(storage={"chunksizes": (30, 5, 7), "zlib": True}),
        Layout(south_up=True, order=("lon", "time", "lat"), names=("t", "lat", "lon"), bare=True),
        Layout(calendar="360_day"),
    ],
)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mean", {}),
        ("median", {"units": "inch/day"}),
        ("max", {"time_step": "monthly", "least_valid": 70}),
        ("total", {"time_step": "dekad"}),
        ("sum", {"weighting": "centre"}),
    ],
)
def test_numbers_are_those_of_a_service(
    tmp_path: Path, layout: Layout, name: str, options: dict[str, Any]
):
    path = write_granule(tmp_path / "rain.nc", field(), LAT, LON, layout)
    expected = of_service(path, name, Options.of(**options))
    with xr.open_dataset(path, engine="netcdf4") as data:
        found = data.csserv.zonal(name, ZONES, **options)
    np.testing.assert_allclose(found.values.T, expected.values[0], rtol=1e-13)
    np.testing.assert_allclose(found["valid_percent"].values.T, expected.percent, atol=0.005)
    assert found["zone"].values.tolist() == ["triangle", "box"]


def test_constant_data_keep_their_value_and_say_what_they_are():
    time = xr.date_range("2019-01-01", periods=31)
    rain = xr.DataArray(
        np.full((31, len(LAT), len(LON)), 2.0),
        coords={"time": time, "lat": LAT, "lon": LON},
        dims=("time", "lat", "lon"),
        name="rain",
        attrs={"units": "mm/day", "long_name": "rainfall"},
    )
    found = rain.csserv.zonal("mean", BOX, time_step="monthly")
    assert found.values == pytest.approx([62.0])
    assert found.attrs["units"] == "mm"
    assert found.attrs["long_name"] == "area-weighted mean of rainfall"
    assert found["complete"].values.tolist() == [True]
    part = rain.csserv.zonal("mean", BOX, period="2019-01-05")
    assert (part.dims, part.values.tolist()) == (("time",), pytest.approx([2.0]))
    one_moment = rain.isel(time=3).csserv.zonal("max", BOX)
    assert one_moment["time"].values[0] == np.datetime64("2019-01-04")


def test_dask_and_longitudes_from_0_to_360_make_no_difference(tmp_path: Path):
    path = write_granule(tmp_path / "rain.nc", field(), LAT, LON)
    with xr.open_dataset(path, engine="netcdf4") as data:
        rain = data["rain"].load()
    expected = rain.csserv.zonal("mean", ZONES)
    west = rain.assign_coords(lon=rain["lon"] - 35.0)
    moved = Area(
        tuple(
            Zone(z.id, z.name, shapely.transform(z.geometry, lambda xy: xy - (35.0, 0.0)))
            for z in ZONES.zones
        ),
        "moved",
    )
    for other in (west, west.assign_coords(lon=west["lon"] % 360.0).isel(lon=slice(15, None))):
        if other.sizes["lon"] == len(LON):
            xr.testing.assert_allclose(other.csserv.zonal("mean", moved), expected, rtol=1e-12)
        else:  # 0 to 5 E are left, and the zones have no data west of it
            assert other.csserv.zonal("mean", moved)["valid_percent"].max() < 100
    chunked = rain.chunk({"time": 10, "lat": 5, "lon": 6})
    xr.testing.assert_allclose(chunked.csserv.zonal("mean", ZONES), expected, rtol=1e-12)


def test_large_data_are_shared_by_place_and_keep_their_value():
    # a step of it is 0.6 MB, and all of it takes part in three blocks
    shape = (365, 400, 400)
    rain = xr.DataArray(
        np.broadcast_to(np.float32(2.0), shape),
        coords={
            "time": xr.date_range("2019-01-01", periods=365),
            "lat": 19.975 - 0.05 * np.arange(400),
            "lon": 20.025 + 0.05 * np.arange(400),
        },
        dims=("time", "lat", "lon"),
        name="rain",
        attrs={"units": "mm/day"},
    )
    found = rain.csserv.zonal("mean", Area.from_box(21, 1, 39, 19), time_step="yearly")
    assert found.values == pytest.approx([730.0])


def test_curved_grids_are_read_too(tmp_path: Path):
    lon, lat = np.meshgrid(LON, LAT)
    path = write_granule(tmp_path / "rain.nc", field(3), lat, lon)
    with xr.open_dataset(path, engine="netcdf4") as data:
        placed = data.set_coords(["lat_2d", "lon_2d"])
        curved = placed.csserv.zonal("mean", ZONES, "rain")
    granule = Granule(path, "rain")
    request = Request("rain", "mean", ZONES, Period.parse("2019"))
    entry = CatalogEntry("rain", "rain", "rain", path.name, path.parent)
    expected = compute_series(
        entry, lay_timeline([(granule, granule.header())]).within(request.period), request
    ).series.values[0]
    np.testing.assert_allclose(curved.values.T, expected, rtol=1e-13)


def test_shapes_frames_and_names_are_places(tmp_path: Path):
    path = write_granule(tmp_path / "rain.nc", field(2), LAT, LON)
    index = ["t", "b"]
    frame = gpd.GeoDataFrame(
        {"name": ["triangle", "box"]},
        geometry=[zone.geometry for zone in ZONES.zones],
        index=index,
        crs="EPSG:4326",
    )
    with xr.open_dataset(path, engine="netcdf4") as data:
        expected = data.csserv.zonal("mean", ZONES)
        xr.testing.assert_identical(data.csserv.zonal("mean", frame), expected)
        one = data.csserv.zonal("mean", ZONES.zones[1].geometry)
        np.testing.assert_allclose(one.values, expected.values[1], rtol=1e-13)
        assert data.csserv.zonal("mean", "Rwanda")["zone"].item() == "Rwanda"
        with pytest.raises(InvalidAreaError, match="a float is no area; give an Area"):
            data.csserv.zonal("mean", 3.0)


@pytest.mark.parametrize(
    ("words", "options", "error", "said"),
    [
        (("mean", BOX), {"period": "2021"}, EmptySelectionError, "it has 2019-01-01 to 2019-01-02"),
        (("mean", BOX), {"var": "rian"}, InvalidRequestError, "no variable 'rian'; there is rain"),
        (("netcdf", BOX), {}, InvalidRequestError, "makes files, which a service does"),
        (("mean", BOX), {"step": 1}, InvalidRequestError, "unknown option 'step'; allowed are"),
    ],
)
def test_what_cannot_be_done_is_told(
    tmp_path: Path, words: tuple[Any, ...], options: dict[str, Any], error: Any, said: str
):
    path = write_granule(tmp_path / "rain.nc", field(2), LAT, LON)
    with (
        xr.open_dataset(path, engine="netcdf4") as data,
        pytest.raises(error, match=said),
    ):
        data.csserv.zonal(*words, **options)


def test_data_without_axes_are_told_what_is_missing(tmp_path: Path):
    path = write_granule(tmp_path / "rain.nc", field(2), LAT, LON)
    with xr.open_dataset(path, engine="netcdf4") as data:
        rain = data["rain"].load()
    for broken, said in (
        (rain.rename(lat="p").drop_vars("p"), "no latitude among its dimensions time, p, lon"),
        (rain.expand_dims(member=[1, 2]), "choose one of dimension 'member'"),
        (rain.isel(time=[1, 0]), "time does not rise; sort the data by it"),
        (rain.assign_coords(time=[0, 1]), "time holds int64, no times"),
        (rain.astype(bool), "rain holds bool, which are no numbers"),
    ):
        with pytest.raises(InvalidRequestError, match=said):
            broken.csserv.zonal("mean", BOX)
    with pytest.raises(InvalidRequestError, match="say which var, of rain, snow"):
        xr.Dataset({"rain": rain, "snow": rain}).csserv.zonal("mean", BOX)


RANGES = {
    "of values": {"scale_factor": 0.2, "valid_range": np.array([0.0, 9.0])},
    "of stored numbers": {"scale_factor": 0.2, "valid_range": np.array([0, 45], "i2")},
    "unsigned": {"scale_factor": 0.2, "valid_range": np.array([0, 45], "i2"), "_Unsigned": "true"},
    "negative": {"scale_factor": -0.2, "add_offset": 9.0, "valid_range": np.array([1.0, 9.0])},
    "not packed": {"valid_max": np.int16(40)},
    "with a mark": {"valid_max": np.int16(40), "_FillValue": np.int16(7)},
    "marks alone": {"missing_value": np.int16(7)},
}


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("attributes", RANGES.values(), ids=RANGES)
def test_what_is_out_of_range_is_missing_as_in_a_service(
    tmp_path: Path, attributes: dict[str, Any], scaled: bool
):
    layout = Layout(dtype="i2", attributes=attributes)
    numbers = np.broadcast_to(np.arange(320).reshape(16, 20) % 60, (2, 16, 20))
    path = write_granule(tmp_path / "rain.nc", numbers, LAT, LON, layout)
    expected = of_service(path, "mean", Options())
    with xr.open_dataset(path, engine="netcdf4", mask_and_scale=scaled) as data:
        found = data["rain"].csserv.zonal("mean", ZONES)
    np.testing.assert_allclose(found.values.T, expected.values[0], rtol=1e-6)
    np.testing.assert_allclose(found["valid_percent"].values.T, expected.percent, atol=0.005)


def test_range_of_what_was_computed_from_a_field_is_not_its_own(tmp_path: Path):
    layout = Layout(attributes={"valid_max": np.float32(3)})
    path = write_granule(tmp_path / "rain.nc", np.full((1, 16, 20), 2.0), LAT, LON, layout)
    with xr.set_options(keep_attrs=True), xr.open_dataset(path, engine="netcdf4") as data:
        assert (data["rain"] * 2).csserv.zonal("mean", BOX).values == pytest.approx([4.0])


def test_attribute_that_makes_no_sense_is_refused_in_words(tmp_path: Path):
    layout = Layout(attributes={"valid_range": np.array([3, 1], "f4")})
    path = write_granule(tmp_path / "rain.nc", np.full((1, 16, 20), 2.0), LAT, LON, layout)
    said = "from 3 down to 1; mend or delete that attribute"
    with (
        xr.open_dataset(path, engine="netcdf4") as data,
        pytest.raises(InvalidRequestError, match=said),
    ):
        data["rain"].csserv.zonal("mean", BOX)
