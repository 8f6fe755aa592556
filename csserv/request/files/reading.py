"""Reads areas from files, also from untrusted senders: GeoJSON, zipped shapefile, GeoPackage, KML.

The format follows from the file's ending, and the content must agree with it. GDAL by itself would
go by the content alone, and open what points to other files and addresses.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import shapely

from csserv.errors import InvalidAreaError
from csserv.request.area import Area
from csserv.request.files.features import Features, name_field
from csserv.request.files.geopackage import read_geopackage
from csserv.request.files.kml import check_kml
from csserv.request.files.unpack import unpack
from csserv.request.geojson import one_line
from csserv.request.limits import FILE_LIMITS, Limits

#: largest file that is read [bytes]
LARGEST = 200_000_000

#: first bytes of the .shp and .shx files of a shapefile
_SHAPEFILE = (9994).to_bytes(4, "big")


@dataclass(frozen=True)
class _Source:
    """A file to read, the name its sender knows it by, and the limits."""

    path: Path
    name: str
    limits: Limits

    @property
    def most(self) -> int | None:
        """How many features to read: one more than allowed, so that an excess is noticed."""
        return None if self.limits.zones is None else self.limits.zones + 1

    def area(self, features: Features) -> Area:
        """Make an area of the features that were read."""
        return features.to_area(self.name, PurePosixPath(self.name).stem, self.limits)


def read_area(path: Path | str, limits: Limits = FILE_LIMITS) -> Area:
    """Read an area from a file; each feature is a zone.

    Coordinates are converted to longitude/latitude if the file states its coordinate system.

    Raises
    ------
    InvalidAreaError : no such file, an unknown format, no features, or no usable zones
    AreaTooLargeError : more zones or vertices than the limits allow
    """
    path = Path(path)
    _check_ending(path.name)
    if not path.is_file():
        raise InvalidAreaError(f"there is no file {path}")
    return _read(_Source(path.absolute(), path.name, limits))


def read_upload(name: str, content: bytes, limits: Limits = FILE_LIMITS) -> Area:
    """Read an area from an uploaded file; only the ending of its name matters.

    Raises
    ------
    InvalidAreaError : an unknown format, no features, or no usable zones
    AreaTooLargeError : more zones or vertices than the limits allow
    """
    shown = one_line(re.split(r"[/\\]", name)[-1]) or "the file"
    ending = _check_ending(shown)
    with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
        path = Path(folder) / f"area{ending}"
        path.write_bytes(content)
        return _read(_Source(path, shown, limits))


def _check_ending(name: str) -> str:
    ending = PurePosixPath(name).suffix.lower()
    if ending not in ENDINGS:
        raise InvalidAreaError(f"{name} is no area file; allowed endings are {', '.join(ENDINGS)}")
    return ending


def _read(source: _Source) -> Area:
    size = source.path.stat().st_size
    if size == 0:
        raise InvalidAreaError(f"{source.name} is an empty file")
    if size > LARGEST:
        raise InvalidAreaError(
            f"{source.name} has {size / 1e6:,.0f} MB; at most {LARGEST / 1e6:,.0f} are allowed"
        )
    return ENDINGS[source.path.suffix.lower()](source)


def _from_geojson(source: _Source) -> Area:
    try:
        text = source.path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidAreaError(f"{source.name} is no text, so no GeoJSON") from None
    return Area.from_geojson(text, limits=source.limits)


def _from_zip(source: _Source) -> Area:
    inner = [ending for ending in ENDINGS if ending != ".zip"]
    with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
        path = unpack(source.path, source.name, Path(folder), inner)
        return _read(_Source(path, source.name, source.limits))


def _from_shapefile(source: _Source) -> Area:
    parts = {
        path.suffix.lower(): path
        for path in source.path.parent.iterdir()
        if path.stem == source.path.stem
    }
    for ending in (".shp", ".shx"):
        if ending not in parts:
            raise InvalidAreaError(
                f"{source.name} lacks its {ending}; zip .shp, .shx, .dbf and .prj together"
            )
    for ending in (".shp", ".shx"):
        with parts[ending].open("rb") as file:
            if file.read(len(_SHAPEFILE)) != _SHAPEFILE:
                raise InvalidAreaError(f"{source.name} cannot be read: it is no shapefile")
    return source.area(_from_gdal(source))


def _from_geopackage(source: _Source) -> Area:
    return source.area(read_geopackage(source.path, source.name, source.most))


def _from_kml(source: _Source) -> Area:
    check_kml(source.path, source.name)
    return source.area(_from_gdal(source))


def _from_gdal(source: _Source) -> Features:
    """Read names and geometries of the first layer."""
    import pyogrio  # slow to import, and most areas come otherwise
    import pyogrio.raw

    try:
        fields = list(pyogrio.read_info(source.path)["fields"])
        chosen = name_field(fields)
        columns = [] if chosen is None else [fields[chosen]]
        meta, _, wkb, values = pyogrio.raw.read(
            source.path, columns=columns, max_features=source.most
        )
        shapes = [] if wkb is None else list(shapely.from_wkb(wkb))
    # pyogrio's errors are RuntimeErrors
    except (RuntimeError, ValueError, OSError, shapely.GEOSException) as error:
        reason = str(error).replace(str(source.path), source.name)
        raise InvalidAreaError(f"{source.name} cannot be read: {one_line(reason)}") from None
    return Features(list(values[0]) if values else [None] * len(shapes), shapes, meta["crs"])


#: file ending → function that reads it
ENDINGS: dict[str, Callable[[_Source], Area]] = {
    ".geojson": _from_geojson,
    ".json": _from_geojson,
    ".zip": _from_zip,
    ".shp": _from_shapefile,
    ".gpkg": _from_geopackage,
    ".kml": _from_kml,
}
