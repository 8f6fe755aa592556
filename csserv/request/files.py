"""Areas from files: GeoJSON, zipped shapefile, GeoPackage, KML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.request.area import Area, Zone

#: file ending → how GDAL is told to open it
ENDINGS = {
    ".geojson": "{path}",
    ".json": "{path}",
    ".zip": "/vsizip/{path}",
    ".shp": "{path}",
    ".gpkg": "{path}",
    ".kml": "{path}",
}

#: fields that name a feature, the likeliest first
NAMES = ("name", "nam", "title", "label", "adm2_en", "adm1_en", "name_1", "id")


def read_area(path: Path | str) -> Area:
    """Read an area from a file; each feature is a zone.

    Coordinates are brought to longitude/latitude where the file says what they are.

    Raises
    ------
    InvalidAreaError : not a file, not of a known kind, empty, or no usable polygons or points
    """
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise InvalidAreaError(
            f"{path.name} is no area file; allowed endings are {', '.join(ENDINGS)}"
        )
    if not path.is_file():
        raise InvalidAreaError(f"there is no file {path}")
    if path.stat().st_size == 0:
        raise InvalidAreaError(f"{path.name} is an empty file")
    if path.suffix.lower() in (".geojson", ".json"):
        return _from_geojson(path)
    return _from_gdal(path)


def _from_geojson(path: Path) -> Area:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidAreaError(f"{path.name} is no text, so no GeoJSON") from None
    return Area.from_geojson(text)


def _from_gdal(path: Path) -> Area:
    source = ENDINGS[path.suffix.lower()].format(path=path.absolute())
    try:
        meta, _, wkb, values = pyogrio.raw.read(source)
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise InvalidAreaError(f"{path.name} cannot be read: {error}") from None
    if wkb is None or not len(wkb):
        raise InvalidAreaError(f"{path.name} holds no feature")
    shapes = shapely.from_wkb(wkb)
    names = _names(list(meta["fields"]), values, len(shapes))
    zones = tuple(
        Zone(str(i), name, _lonlat(shape, meta["crs"], path))
        for i, (name, shape) in enumerate(zip(names, shapes, strict=True), 1)
        if shape is not None
    )
    return Area(zones, zones[0].name if len(zones) == 1 else path.stem)


def _names(fields: list[str], values: Any, count: int) -> list[str]:
    lowered = [field.lower() for field in fields]
    chosen = next((lowered.index(name) for name in NAMES if name in lowered), None)
    if chosen is None:
        return [f"zone {i}" for i in range(1, count + 1)]
    return [str(v) if v else f"zone {i}" for i, v in enumerate(values[chosen], 1)]


def _lonlat(shape: BaseGeometry, crs: str | None, path: Path) -> BaseGeometry:
    if crs in (None, "EPSG:4326", "OGC:CRS84"):
        return shape
    from rasterio.warp import transform  # PROJ is loaded only where needed

    def project(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(transform(crs, "EPSG:4326", xy[:, 0], xy[:, 1]))

    try:
        return shapely.transform(shapely.force_2d(shape), project)
    except Exception as error:
        raise InvalidAreaError(f"{path.name}: unknown coordinates ({crs}): {error}") from None
