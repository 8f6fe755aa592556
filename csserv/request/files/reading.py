"""Reads areas from files, also from untrusted senders: one rule of zones and names for all formats.

The format follows from the file's ending, and the content must agree with it. GDAL by itself would
go by the content alone, and open what points to other files and addresses.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from csserv.errors import InvalidAreaError
from csserv.machine.collection_pause import pause_collection
from csserv.request.area import Area
from csserv.request.files.area_file import AreaFile
from csserv.request.files.file_choices import NO_CHOICES, FileChoices
from csserv.request.files.formats import ENDINGS, read_features
from csserv.request.files.source_file import SourceFile
from csserv.request.files.unpack import GEODATABASE
from csserv.request.limits import FILE_LIMITS, Limits
from csserv.request.plain_text import one_line

#: most colons of a path that are looked at
MOST_COLONS = 20

#: endings of other files → how to go on
ADVICE = {
    (
        ".dbf",
        ".shx",
        ".prj",
        ".cpg",
        ".sbn",
    ): ", but a part of a shapefile: give a ZIP of all parts",
    (".gdb", ".gml", ".tab", ".mif", ".dxf", ".mdb", ".sqlite"): ": save it as GeoPackage",
    (".gz", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz"): ": unpack it first",
    (".osm", ".pbf"): ": save its boundaries as GeoJSON, as overpass-turbo.eu does",
    (".qgz", ".qgs", ".mxd", ".lyr", ".qlr"): ", but refers to some: give the file of its layer",
    (".xls", ".xlsb", ".ods", ".numbers"): ", but another workbook: save it as .xlsx or .csv",
    (".pdf", ".doc", ".docx"): ": copy its table into a spreadsheet, and save that as .xlsx",
    (".nc", ".tif", ".tiff"): ", but a grid: give polygons or points",
}


def read_area(
    path: Path | str, limits: Limits = FILE_LIMITS, choices: FileChoices = NO_CHOICES
) -> Area:
    """Read an area from a file; each polygon, or else each point, is a zone.

    Coordinates are converted to longitude/latitude if the file states its coordinate system. The
    notes of the area tell what was left out, and by which fields zones are named.

    Parameters
    ----------
    choices : what the file does not say, or says several times; ``path:layer`` chooses a layer, too

    Raises
    ------
    InvalidAreaError : no such file, an unknown format, no features, or no usable zones
    AreaTooLargeError : more zones or vertices than the limits allow
    """
    path, choices = split_layer(str(path), choices)
    if is_folder(path):
        raise InvalidAreaError(f"{one_line(path)} {_of_folder(path)}")
    _check_ending(path.name)
    try:
        is_there = path.is_file()
    except (OSError, ValueError):  # too long for a file system, or with a NUL in it
        is_there = False
    if not is_there:
        raise InvalidAreaError(f"there is no file {one_line(path)}")
    source = SourceFile(path.absolute(), path.name, limits, choices)
    with pause_collection():  # what is read stays, and has millions of parts
        return AreaFile(source.name, read_features(source), limits, choices).area()


def split_layer(given: str, choices: FileChoices = NO_CHOICES) -> tuple[Path, FileChoices]:
    """Split a path from the name of a layer behind it, as in ``kenya.gpkg:counties``."""
    parts = given.split(":")  # names of layers and of folders may hold one, too
    cuts = [(":".join(parts[:i]), ":".join(parts[i:])) for i in range(1, len(parts))][:MOST_COLONS]
    likely = [cut for cut in cuts if PurePosixPath(cut[0]).suffix.lower() in ENDINGS]
    if likely and not Path(given).is_file():
        before, layer = next((cut for cut in likely if Path(cut[0]).is_file()), likely[-1])
        return Path(before), replace(choices, layer=choices.layer or layer)
    return Path(given), choices


def is_folder(path: Path | str) -> bool:
    """Whether there is a folder at a path."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):  # too long for a file system, or with a NUL in it
        return False


def _of_folder(path: Path) -> str:
    """Say how to go on with a folder."""
    if path.suffix.lower() == ".gdb":
        return f"is {GEODATABASE}"
    return "is a folder, and no file; give one of the files in it"


def read_upload(
    name: str, content: bytes, limits: Limits = FILE_LIMITS, choices: FileChoices = NO_CHOICES
) -> Area:
    """Read an area from an uploaded file; only the ending of its name matters.

    Raises
    ------
    InvalidAreaError : an unknown format, no features, or no usable zones
    AreaTooLargeError : more zones or vertices than the limits allow
    """
    return open_upload(name, content, limits, choices).area()


def open_upload(
    name: str, content: bytes, limits: Limits = FILE_LIMITS, choices: FileChoices = NO_CHOICES
) -> AreaFile:
    """Read an uploaded file, so that the fields of its zones can be chosen.

    Raises
    ------
    InvalidAreaError : an unknown format, or it is broken
    AreaTooLargeError : more zones or vertices than the limits allow
    """
    shown = one_line(re.split(r"[/\\]", name)[-1]) or "the file"
    ending = _check_ending(shown)
    with tempfile.TemporaryDirectory(prefix="csserv-") as folder:
        path = Path(folder) / f"area{ending}"
        path.write_bytes(content)
        source = SourceFile(path, shown, limits, choices)
        with pause_collection():
            return AreaFile(shown, read_features(source), limits, choices)


def _check_ending(name: str) -> str:
    ending = PurePosixPath(name).suffix.lower()
    if ending in ENDINGS:
        return ending
    advice = next((words for endings, words in ADVICE.items() if ending in endings), "")
    raise InvalidAreaError(
        f"{name} is no area file{advice}; allowed endings are {', '.join(ENDINGS)}"
    )
