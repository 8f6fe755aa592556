"""From whatever a user gives as an area (name, file, frame, geometry, box) to an ``Area``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Union

from shapely.geometry.base import BaseGeometry

from csserv.catalog.layers import Layers
from csserv.errors import InvalidAreaError
from csserv.notes import each_once
from csserv.request import Area
from csserv.request.area import Zone
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.files.formats import ENDINGS
from csserv.request.files.geodataframes import (
    area_of_frame,
    area_of_table,
    is_frame,
    is_table,
)
from csserv.request.files.reading import is_folder, read_area, split_layer
from csserv.request.files.shapes.wkt import is_wkt
from csserv.request.files.written_areas import read_written
from csserv.request.geojson import parse_geojson, read_table, stated_crs
from csserv.request.limits import FILE_LIMITS, Limits
from csserv.request.plain_text import one_line

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


class HasShape(Protocol):
    """Anything with a ``__geo_interface__``, as the geometries of many packages have it."""

    @property
    def __geo_interface__(self) -> Mapping[str, Any]: ...


AreaLike: TypeAlias = Union[
    Area,
    str,
    Path,
    BaseGeometry,
    HasShape,
    Mapping[str, Any],
    "gpd.GeoDataFrame",
    "gpd.GeoSeries",
    "pd.DataFrame",
    Sequence[float],
    Sequence[str],
    Sequence[BaseGeometry],
]


def find_area(
    given: AreaLike,
    layers: Layers,
    limits: Limits = FILE_LIMITS,
    choices: FileChoices = NO_CHOICES,
) -> Area:
    """Make an area of what a user gives as one.

    Parameters
    ----------
    given : an area; a name like ``"Kenya"``, ``"Kenya/Rift Valley"`` or ``"Kenya/*"``, or several
        in a list; the path of a file; GeoJSON or WKT; the four
        edges of a box as a text; a GeoDataFrame, a GeoSeries, or a DataFrame
        with columns of longitude and latitude; a shapely geometry in longitude/latitude, or several
        in a list; the four edges of a box, west, south, east, north; or an object with a
        ``__geo_interface__``, such as ``csserv.pick_area()``
    layers : the feature layers that names are looked up in
    limits : most zones and vertices that are read from a file
    choices : how to read a file or a frame

    Raises
    ------
    InvalidAreaError : none of these, an unknown name, or no usable geometry
    AreaTooLargeError : the file has more zones or vertices than the limits allow
    """
    if isinstance(given, Area):
        return given
    if isinstance(given, BaseGeometry):
        return _from_geometry(given, limits, choices)
    if is_frame(given):
        return area_of_frame(given, choices, limits)
    if isinstance(given, Mapping) or _is_geojson(given):
        return _from_geojson(given, limits, choices)
    if is_table(given):
        return area_of_table(given, choices, limits)
    if isinstance(given, str) and (written := read_written(given, limits, choices)):
        return written
    if isinstance(given, str) and is_name(given):
        return _named(given, layers, limits, choices)
    if isinstance(given, str):
        return read_area(given, limits, choices)
    if isinstance(given, Path):
        return read_area(given, limits, choices)
    if hasattr(given, "__geo_interface__"):
        return _from_geojson(given.__geo_interface__, limits, choices)
    if isinstance(given, Iterable):
        return _from_list(list(given), layers, limits, choices)
    raise InvalidAreaError(
        f"a {type(given).__name__} is no area; give an Area, a name, a file, a GeoDataFrame, "
        "GeoJSON, a shapely geometry, or the four edges of a box"
    )


def is_name(given: AreaLike) -> bool:
    """Whether the given area is the name of a feature: a text that is no path, GeoJSON or WKT."""
    if not isinstance(given, str) or _is_geojson(given) or is_wkt(given):
        return False
    path, _ = split_layer(given)
    if path.suffix.lower() in ENDINGS:
        return False
    try:
        return not path.is_file()
    except (OSError, ValueError):  # too long for a file system, or with a NUL in it
        return True


def check_unchosen(name: str, choices: FileChoices) -> None:
    """See that nothing is chosen of a file where a name is given.

    Raises
    ------
    InvalidAreaError : something is
    """
    said = [one.name for one in fields(choices) if getattr(choices, one.name)]
    if said:
        raise InvalidAreaError(
            f"{one_line(name)} is the name of an area, and no file; {', '.join(said)} "
            f"{'goes' if len(said) == 1 else 'go'} with a file: leave out, or give one"
        )


def _named(given: str, layers: Layers, limits: Limits, choices: FileChoices) -> Area:
    try:
        found = layers.find(given, limits)
    except InvalidAreaError:
        if given and is_folder(given):  # of the name of a country, it does not matter
            return read_area(given, limits, choices)
        raise
    check_unchosen(given, choices)
    return found


def _is_geojson(given: object) -> bool:
    return isinstance(given, str) and given.lstrip().startswith("{")


def _from_geojson(given: Any, limits: Limits, choices: FileChoices) -> Area:
    plain = parse_geojson(given, limits)
    if choices.crs or stated_crs(plain):
        features = Features(read_table(plain, limits), stated_crs(plain))
        return features.to_area("the GeoJSON", "the GeoJSON", limits, choices)
    return Area.from_geojson(
        plain, limits=limits, name_field=choices.name_field, id_field=choices.id_field
    )


def _from_geometry(given: BaseGeometry, limits: Limits, choices: FileChoices) -> Area:
    if not choices.crs and given.geom_type != "GeometryCollection":
        return Area.from_geometry(given)
    return Features(FeatureTable([given])).to_area("the geometry", "area", limits, choices)


def _from_list(given: list[Any], layers: Layers, limits: Limits, choices: FileChoices) -> Area:
    """Make an area of the edges of a box, of several geometries, or of several names."""
    if len(given) == 4 and all(_is_number(one) for one in given):
        return Area.from_box(*map(float, given))
    if given and all(isinstance(one, BaseGeometry) for one in given):
        return Features(FeatureTable(given)).to_area(
            "the list", f"{len(given)} zones", limits, choices
        )
    if given and all(isinstance(one, str) for one in given):
        areas = [layers.find(name, limits) for name in dict.fromkeys(given)]
        zones = [zone for area in areas for zone in area.zones]
        once = {(zone.id, zone.name, zone.geometry): zone for zone in zones}
        whole = _joined(list(once.values()), [area.title for area in areas])
        return replace(whole, notes=each_once(note for area in areas for note in area.notes))
    kinds = ", ".join(sorted({type(one).__name__ for one in given})) or "nothing"
    raise InvalidAreaError(
        f"a list of {kinds} is no area; give four numbers (west, south, east, north), several "
        "geometries, or several names"
    )


def _joined(zones: Sequence[Zone], titles: Sequence[str]) -> Area:
    ids = [zone.id for zone in zones]
    if len(set(ids)) < len(ids):  # of two layers
        zones = [Zone(str(i), zone.name, zone.geometry) for i, zone in enumerate(zones, 1)]
    return Area(tuple(zones), ", ".join(titles) if len(titles) <= 3 else f"{len(zones)} zones")


def _is_number(one: object) -> bool:
    return hasattr(one, "__float__") and not isinstance(one, str | BaseGeometry)
