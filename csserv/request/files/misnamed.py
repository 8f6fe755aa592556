"""Tables and workbooks that are not what their name says: what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from csserv.errors import InvalidAreaError

_WORKBOOK = "save it as XLSX or CSV in Excel or LibreOffice"

#: first bytes of a file → what it is, and what to do
KINDS: Mapping[bytes, str] = {
    b"PK\x03\x04": "is a workbook or ZIP; name it .xlsx, or .zip",
    b"\xd0\xcf\x11\xe0": f"is a workbook of Excel before 2007, or has a password; {_WORKBOOK}",
    b"%PDF": "is a PDF; copy its table into a spreadsheet, and save that as XLSX or CSV",
    b"\x1f\x8b": "is packed as gzip; unpack it, or pack it as ZIP",
    b"SQLite format 3": "is a GeoPackage; name it .gpkg",
    b"PAR1": "is a Parquet file; name it .parquet",
}

_PAGE = f"is a page of the web, as some programs write tables; open it, and {_WORKBOOK}"

#: how a text begins → what it is, and what to do; in small letters
TEXTS: Mapping[bytes, str] = {
    b"<html": _PAGE,
    b"<!doctype html": _PAGE,
    b"<table": _PAGE,
    b"<?mso-application": f"is a workbook as XML; open it, and {_WORKBOOK}",
    b"<kml": "is KML; name it .kml",
    b"<gpx": "is GPX; name it .gpx",
    b"<workbook": f"is a workbook as XML; open it, and {_WORKBOOK}",
    b"<?xml": "is XML, no table; name it after its format, as .kml or .gpx",
    b"{": "is GeoJSON or other JSON; name it .geojson",
}


def check_table(path: Path, name: str) -> None:
    """Refuse a table of text that is something else.

    Raises
    ------
    InvalidAreaError : says what to do
    """
    with path.open("rb") as file:
        first = file.read(1000)
    for begins, said in KINDS.items():
        if first.startswith(begins):
            raise InvalidAreaError(f"{name} {said}")
    text = first.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for begins, said in TEXTS.items():
        is_inside = begins != b"<?xml" and text.startswith(b"<?xml") and begins + b" " in text
        if text.startswith(begins) or is_inside:
            raise InvalidAreaError(f"{name} {said}")


def check_workbook(path: Path, name: str) -> None:
    """Refuse a workbook that is of the old format, or text.

    Raises
    ------
    InvalidAreaError : says what to do
    """
    with path.open("rb") as file:
        first = file.read(4)
    if first != b"PK\x03\x04":
        old = KINDS.get(first, f"is no workbook of the format XLSX; {_WORKBOOK}")
        raise InvalidAreaError(f"{name} {old}")
