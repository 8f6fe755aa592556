"""Areas from GeoDataFrames of geopandas: each row is a zone, with the index as its id."""

from __future__ import annotations

from typing import Any

from csserv.errors import InvalidAreaError
from csserv.request.area import Area, Zone
from csserv.request.files.features import NAMES


def area_of_frame(frame: Any, name: str | None = None) -> Area:
    """Build an area with a zone for each row; the index, as text, gives the ids.

    Coordinates are converted to longitude/latitude if the frame has a coordinate system.

    Parameters
    ----------
    frame : a GeoDataFrame
    name : the column with the zones' names; if None, a usual one (``name``, ``title``, …)

    Raises
    ------
    InvalidAreaError : no rows, an empty geometry, equal ids, no such column, or no usable zone
    """
    if name is not None and name not in frame.columns:
        columns = ", ".join(map(str, frame.columns))
        raise InvalidAreaError(f"no column {name!r} to name the zones; the frame has {columns}")
    lonlat = frame if frame.crs is None else frame.to_crs("EPSG:4326")
    ids = [str(one) for one in frame.index]
    names = _names(frame, name) or ids
    zones = []
    for identity, title, shape in zip(ids, names, lonlat.geometry, strict=True):
        if shape is None:
            raise InvalidAreaError(f"row {identity} of the frame has no shape")
        zones.append(Zone(identity, title, shape))
    if not zones:
        raise InvalidAreaError("the frame is empty: it holds no zone")
    return Area(tuple(zones), zones[0].name if len(zones) == 1 else f"{len(zones)} zones")


def is_frame(given: object) -> bool:
    """Whether something is a GeoDataFrame; does not load geopandas."""
    return all(hasattr(given, name) for name in ("geometry", "crs", "to_crs", "index"))


def _names(frame: Any, wanted: str | None) -> list[str]:
    lowered = {str(column).lower(): column for column in frame.columns}
    chosen = wanted or next((lowered[name] for name in NAMES if name in lowered), None)
    return [] if chosen is None else [str(one) for one in frame[chosen]]
