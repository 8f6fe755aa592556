"""A file has the place of an earlier one only where it says the very same, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from csserv.catalog.header_store.known_places import FEW, KnownPlaces
from csserv.catalog.read.place.horizontal import find_horizontal
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.place.surroundings import InFile
from csserv.errors import GranuleError
from tests.catalog.header_store.same import plain
from tests.catalog.read.place.grids import Coordinates, degrees, metres, write_field

ROWS, COLUMNS = 3, 4
LAT, LON = np.array([2.0, 1.0, 0.0]), np.array([30.0, 31.0, 32.0, 33.0])
FIELD = np.arange(12.0).reshape(ROWS, COLUMNS)
LAMBERT = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": np.array([25.0, 60.0]),
    "longitude_of_central_meridian": -100.0,
    "latitude_of_projection_origin": 42.5,
    "earth_radius": 6370000.0,
}
Change = Callable[[netCDF4.Dataset], Any]


def even(path: Path) -> None:
    """Latitudes and longitudes, with bounds of the latitudes."""
    bounds = np.stack([LAT + 0.5, LAT - 0.5], axis=-1)
    at = degrees(LAT, LON) | {"lat_bnds": (("lat", "two"), bounds, {})}
    write_field(path, FIELD, ("lat", "lon"), at)


def projected(path: Path) -> None:
    """Kilometres of a projection."""
    at = metres(np.arange(ROWS) * -25.0, np.arange(COLUMNS) * 25.0, "km")
    write_field(path, FIELD, ("y", "x"), at, LAMBERT)


def curved(path: Path) -> None:
    """Latitudes and longitudes of each cell, one of which is missing."""
    lat = np.ma.masked_greater(LAT[:, None] + 0.1 * np.arange(COLUMNS), 2.25)
    lon = np.ma.array(LON + 0.1 * np.arange(ROWS)[:, None])
    at: Coordinates = {
        "lat": (("y", "x"), lat, {"units": "degrees_north"}),
        "lon": (("y", "x"), lon, {"units": "degrees_east"}),
    }
    write_field(path, FIELD, ("y", "x"), at, coordinates="lat lon")


def single(path: Path) -> None:
    """One row, as high as the file says."""
    write_field(path, FIELD[:1], ("lat", "lon"), degrees(LAT[:1], LON))
    with netCDF4.Dataset(path, "a") as file:
        file.geospatial_lat_resolution = "0.5"


KINDS = {one.__name__: one for one in (even, projected, curved, single)}


def add(file: netCDF4.Dataset, name: str, dims: tuple[str, ...], **attributes: str) -> None:
    file.createVariable(name, "f8", dims).setncatts(attributes)
    file[name][:] = 50.0


def move(name: str, index: Any) -> Change:
    """Change the last bit of a number."""

    def change(file: netCDF4.Dataset) -> None:
        file[name][index] = np.nextafter(file[name][index], 1e9)

    return change


#: kind of file → what is changed in it, each by itself
CHANGES: dict[str, dict[str, Change]] = {
    "even": {
        "a latitude": move("lat", 1),
        "a longitude": move("lon", 0),
        "a bound": move("lat_bnds", (2, 0)),
        "units": lambda file: file["lat"].setncattr("units", "degrees_south"),
        "coordinates": lambda file: add(file, "lat2", ("lat",), units="degrees_north"),
        "grid mapping": lambda file: file["rain"].setncattr("grid_mapping", "crs"),
        "dimension": lambda file: file.renameDimension("lat", "rows"),
        "name": lambda file: file.renameVariable("lon", "x"),
    },
    "projected": {
        "x": move("x", 2),
        "units": lambda file: file["y"].setncattr("units", "m"),
        "mapping": lambda file: file["crs"].setncattr("earth_radius", np.nextafter(6.37e6, 1e9)),
        "mapping's type": lambda file: file["crs"].setncattr("earth_radius", np.float32(6.37e6)),
        "array": lambda file: file["crs"].setncattr("standard_parallel", np.array([25.0, 60.1])),
        "no mapping": lambda file: file["rain"].delncattr("grid_mapping"),
        "axis": lambda file: file["x"].delncattr("standard_name"),
    },
    "curved": {
        "a cell": move("lat", (2, 3)),
        "the missing cell": lambda file: file["lat"].__setitem__((0, 3), 2.3),
        "coordinates": lambda file: file["rain"].delncattr("coordinates"),
    },
    "single": {
        "its height": lambda file: file.setncattr("geospatial_lat_resolution", "0.25"),
        "no height": lambda file: file.delncattr("geospatial_lat_resolution"),
    },
}
EACH = [(kind, change) for kind, changes in CHANGES.items() for change in changes]

Find = Callable[..., Placed]


def found(path: Path, find: Find, crs: str = "") -> Placed | str:
    """Where its cells lie, or why they cannot be placed."""
    with netCDF4.Dataset(path) as file:
        try:
            return find(InFile(file["rain"]), crs)
        except GranuleError as error:
            return str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_file_that_says_the_same_has_the_very_same_place(tmp_path: Path, kind: str):
    places = KnownPlaces()
    for name in ("a.nc", "b.nc"):
        KINDS[kind](tmp_path / name)
    first, second = (found(tmp_path / name, places.find) for name in ("a.nc", "b.nc"))
    assert isinstance(first, Placed)
    assert second is first
    assert plain(first) == plain(found(tmp_path / "b.nc", find_horizontal))


@pytest.mark.parametrize(("kind", "change"), EACH)
def test_any_change_gives_a_file_the_place_that_is_its_own(tmp_path: Path, kind: str, change: str):
    places = KnownPlaces()
    for name in ("a.nc", "b.nc"):
        KINDS[kind](tmp_path / name)
    with netCDF4.Dataset(tmp_path / "b.nc", "a") as file:
        CHANGES[kind][change](file)
    for name in ("a.nc", "b.nc", "a.nc"):
        alone = found(tmp_path / name, find_horizontal)
        assert plain(found(tmp_path / name, places.find)) == plain(alone)
    first, second = (found(tmp_path / name, places.find) for name in ("a.nc", "b.nc"))
    assert first is not second


def test_what_the_row_says_counts_too(tmp_path: Path):
    places = KnownPlaces()
    write_field(tmp_path / "a.nc", FIELD, ("y", "x"), metres(LAT, LON))
    refused = found(tmp_path / "a.nc", places.find)
    placed = found(tmp_path / "a.nc", places.find, "EPSG:3857")
    assert isinstance(placed, Placed)
    assert isinstance(refused, str)
    assert found(tmp_path / "a.nc", places.find) == refused
    assert found(tmp_path / "a.nc", places.find, "EPSG:3857") is placed


def test_place_that_depends_on_values_is_found_anew(tmp_path: Path):
    """The last column repeats the first one, unless its values are others: then it is refused."""
    places, round_the_earth = KnownPlaces(), np.arange(0.0, 361.0, 90.0)
    field = np.tile([1.0, 2.0, 3.0, 4.0, 1.0], (ROWS, 1))
    other = np.tile([1.0, 2.0, 3.0, 4.0, 5.0], (ROWS, 1))
    for name, values in (("a.nc", field), ("b.nc", other)):
        write_field(tmp_path / name, values, ("lat", "lon"), degrees(LAT, round_the_earth))
    assert isinstance(found(tmp_path / "a.nc", places.find), Placed)
    assert "different numbers" in str(found(tmp_path / "b.nc", places.find))


def test_few_places_are_kept_the_latest_ones(tmp_path: Path):
    places, paths = KnownPlaces(), [tmp_path / f"{number}.nc" for number in range(FEW + 1)]
    for number, path in enumerate(paths):
        write_field(path, FIELD, ("lat", "lon"), degrees(LAT, LON + number))
    first = [found(path, places.find) for path in paths]
    assert all(
        found(path, places.find) is one for path, one in zip(paths[1:], first[1:], strict=True)
    )
    again = found(paths[0], places.find)
    assert again is not first[0]
    assert plain(again) == plain(first[0])
