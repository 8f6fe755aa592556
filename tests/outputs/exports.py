"""Small datasets of many kinds, and what the engine exports of them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.outputs import Result
from csserv.outputs.formats.series_files import SERIES_FORMATS
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt_plan import plan_attempt
from tests.catalog.read.place.grids import degrees, metres, write_field
from tests.files import LAT, LON, Layout, write_granule
from tests.halfway import run

#: name of a dataset → what its row says beside title, variable and files
ROWS = {
    "rain": {},
    "warm": {},
    "dekads": {"units": "mm/dekad"},
    "round": {},
    "member": {},
    "lambert": {},
    "rotated": {},
    "satellite": {},
    "polar": {},
    "curved": {},
}

RAIN = {
    "units": "mm/day",
    "long_name": "rainfall",
    "standard_name": "lwe_precipitation_rate",
    "cell_methods": "time: mean (interval: 1 hr)",
}
WARM = {"units": "degC", "standard_name": "air_temperature", "cell_methods": "lat: lon: mean"}

LAMBERT = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": np.array([5.0, 10.0]),
    "longitude_of_central_meridian": 30.0,
    "latitude_of_projection_origin": 0.0,
    "earth_radius": 6370000.0,
}
ROTATED = {
    "grid_mapping_name": "rotated_latitude_longitude",
    "grid_north_pole_latitude": 39.25,
    "grid_north_pole_longitude": -162.0,
}
POLAR = {
    "grid_mapping_name": "polar_stereographic",
    "straight_vertical_longitude_from_pole": -45.0,
    "latitude_of_projection_origin": 90.0,
    "standard_parallel": 70.0,
}
SATELLITE = {
    "grid_mapping_name": "geostationary",
    "perspective_point_height": 35785831.0,
    "longitude_of_projection_origin": 30.0,
    "latitude_of_projection_origin": 0.0,
    "semi_major_axis": 6378137.0,
    "semi_minor_axis": 6356752.3142,
    "sweep_angle_axis": "y",
}


def write_datasets(home: Path) -> Settings:
    """Write the datasets of ``ROWS``; return settings that know them."""
    data = home / "data"
    values = np.random.default_rng(7).gamma(2.0, 3.0, (59, len(LAT), len(LON)))
    values[3, 5:9, 8:12] = np.nan
    write_granule(data / "rain" / "a.nc", values, LAT, LON, Layout(attributes=RAIN))
    hours = Layout(attributes=WARM, units="hours since 2019-01-01")
    write_granule(data / "warm" / "a.nc", values, LAT, LON, hours, days=6 * np.arange(59))
    starts = np.array([0, 10, 20, 31, 41, 51])
    write_granule(
        data / "dekads" / "a.nc",
        values[:6],
        LAT,
        LON,
        Layout(attributes={"units": "mm/dekad"}),
        days=starts,
    )
    of_360 = Layout(attributes=RAIN, calendar="360_day")
    write_granule(data / "round" / "a.nc", values, LAT, LON, of_360)
    lon, lat = np.meshgrid(LON, LAT)
    turned = lat + 0.1 * (lon - 30), lon - 0.1 * lat
    write_granule(data / "curved" / "a.nc", values[:3], *turned, Layout(attributes=RAIN))
    members = np.stack([values[:3], values[3:6]], axis=1)
    at = degrees(LAT, LON) | {"member": (("member",), np.array([1, 2]), {})}
    write_field(data / "member" / "a.nc", members, ("time", "member", "lat", "lon"), at)
    _write_projected(data, values[:3])
    catalog = home / "own.toml"
    rows = [
        f'[{name}]\ntitle = "{name.title()}"\nvariable = "rain"\nfiles = "{name}/*.nc"\n'
        + "".join(f'{key} = "{text}"\n' for key, text in row.items())
        for name, row in ROWS.items()
    ]
    catalog.write_text("\n".join(rows))
    return Settings(home=home / "home", data=data, catalog=catalog)


def _write_projected(data: Path, values: np.ndarray) -> None:
    y, x = 1e5 * np.arange(7.5, -8, -1.0), 1e5 * np.arange(-9.5, 10.0)
    dims = ("time", "y", "x")
    write_field(data / "lambert" / "a.nc", values, dims, metres(y, x), LAMBERT)
    write_field(data / "polar" / "a.nc", values, dims, metres(y, x), POLAR)
    to_pole = pyproj.Transformer.from_crs(
        "EPSG:4326",
        "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18 +R=6371229",
        always_xy=True,
    )
    east, north = to_pole.transform(30.0, 0.0)
    rotated = {
        "y": (("y",), north + LAT, {"units": "degrees", "standard_name": "grid_latitude"}),
        "x": (("x",), east + LON - 30, {"units": "degrees", "standard_name": "grid_longitude"}),
    }
    write_field(data / "rotated" / "a.nc", values, dims, rotated, ROTATED)
    angles = metres(y / 35785831.0, x / 35785831.0, "rad")
    write_field(data / "satellite" / "a.nc", values, dims, angles, SATELLITE)


def export(settings: Settings, dataset: str, operation: str, area: Area, **asked: Any) -> Result:
    """Compute a request as a runner and its workers do."""
    with Service(settings, starts_runner=False) as service:
        service.submit(dataset, operation, area, asked.pop("period", "2019"), **asked)
    log = TaskLog(settings.home)
    task = log.claim(60.0)
    assert task is not None
    attempt = plan_attempt(task, area, Catalog.read(settings.data, settings.catalog), settings.home)
    for calls in (attempt.waiting, *attempt.later):
        for call in calls:
            run(call)
    return Result(settings.home / "results" / task.id)


def series_file(result: Result) -> Path:
    """Write the NetCDF of the series of a result."""
    path = result.folder.parent.parent / f"{result.folder.name}_series.nc"
    SERIES_FORMATS["netcdf"].write(result, path)
    return path


def maps_file(result: Result) -> Path:
    """Take the NetCDF of the maps of a result out of its ZIP."""
    with zipfile.ZipFile(result.folder / f"{result.folder.name}.zip") as archive:
        (name,) = archive.namelist()
        return Path(archive.extract(name, result.folder.parent.parent))
