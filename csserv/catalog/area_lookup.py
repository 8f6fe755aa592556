"""From whatever a user gives as an area (name, file, GeoDataFrame, geometry) to an ``Area``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Union

from shapely.geometry.base import BaseGeometry

from csserv.catalog.layers import Layers
from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.request.files.geodataframes import area_of_frame, is_frame
from csserv.request.files.reading import ENDINGS, read_area
from csserv.request.limits import FILE_LIMITS, Limits

if TYPE_CHECKING:
    import geopandas as gpd


class HasShape(Protocol):
    """Anything with a ``__geo_interface__``, as the geometries of many packages have it."""

    @property
    def __geo_interface__(self) -> Mapping[str, Any]: ...


AreaLike: TypeAlias = Union[Area, str, Path, BaseGeometry, HasShape, "gpd.GeoDataFrame"]


def find_area(given: AreaLike, layers: Layers, limits: Limits = FILE_LIMITS) -> Area:
    """Make an area of what a user gives as one.

    Parameters
    ----------
    given : an area; a name like ``"Kenya"``, ``"Kenya/Rift Valley"`` or ``"Kenya/*"``; the path
        of a file; a GeoDataFrame; a shapely geometry in longitude/latitude; or an object with a
        ``__geo_interface__``, such as ``csserv.pick_area()``
    layers : the feature layers that names are looked up in
    limits : most zones and vertices that are read from a file

    Raises
    ------
    InvalidAreaError : none of these, an unknown name, or no usable geometry
    AreaTooLargeError : the file has more zones or vertices than the limits allow
    """
    if isinstance(given, Area):
        return given
    if isinstance(given, BaseGeometry):
        return Area.from_geometry(given)
    if is_frame(given):
        return area_of_frame(given)
    if not isinstance(given, str | Path):
        if hasattr(given, "__geo_interface__"):
            return Area.from_geojson(given.__geo_interface__, limits=limits)
        raise InvalidAreaError(
            f"a {type(given).__name__} is no area; give an Area, a name, a file, a GeoDataFrame "
            "or a shapely geometry"
        )
    return layers.find(str(given)) if is_name(given) else read_area(Path(given), limits)


def is_name(given: AreaLike) -> bool:
    """Whether the given area is the name of a feature: a text that is not the path of a file."""
    if not isinstance(given, str):
        return False
    path = Path(given)
    if path.suffix.lower() in ENDINGS:
        return False
    try:
        return not path.is_file()
    except (OSError, ValueError):  # too long for a file system, or with a NUL in it
        return True
