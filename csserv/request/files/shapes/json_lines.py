"""GeoJSON of a feature a line, also where records are marked (RFC 8142)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from csserv.errors import InvalidAreaError
from csserv.request.files.features import Features
from csserv.request.geojson import check_size, parse_geojson, read_table, stated_crs
from csserv.request.limits import Limits

#: mark before each record, which may go over several lines then
MARK = "\x1e"

#: what JSON takes for blank; for Python, the mark is blank, too
BLANKS = " \t\r\n"


def is_lines(text: str) -> bool:
    r"""Whether a text is several JSON objects, one a line; in no JSON does } stand before {.

    >>> is_lines('{"type": "Point"}\n{"type": "Point"}'), is_lines('{"a": [\n{}]}')
    (True, False)
    """
    first, _, rest = text.lstrip(BLANKS).partition("\n")
    if first.startswith(MARK):
        return True
    return first.rstrip().endswith("}") and rest.lstrip().startswith("{")


def read_lines(text: str, file: str, limits: Limits, most: int | None) -> Features:
    """Read the features.

    Parameters
    ----------
    file : its name, for error messages
    most : how many lines to read; None for all

    Raises
    ------
    InvalidAreaError : a line is no GeoJSON; it is named
    AreaTooLargeError : it has more brackets than an area within the limits
    """
    check_size(text, limits)
    features = []
    for number, line in islice(_records(text), most):
        try:
            features.append(parse_geojson(line, limits, number))
        except InvalidAreaError as error:
            raise InvalidAreaError(f"{file}, line {number:,}: {error}") from None
    plain = {"type": "FeatureCollection", "features": features}
    stated = next(filter(None, map(stated_crs, features)), "")
    return Features(read_table(plain, limits), stated)


def _records(text: str) -> Iterator[tuple[int, str]]:
    """Yield each record with the line it begins in.

    Lines end at a line feed alone: a name may hold other characters that end a line for Python.
    """
    end = MARK if MARK in text else "\n"
    number = 1
    for record in text.split(end):
        if record.strip(BLANKS):
            yield number, record.strip(BLANKS)
        number += (record + end).count("\n")
