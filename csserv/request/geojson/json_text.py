"""Parses GeoJSON text from untrusted senders, within limits; says where and how it is no JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.machine.collection_pause import pause_collection
from csserv.request.limits import Limits

#: longest GeoJSON text that is read [characters]
LONGEST_GEOJSON = 100_000_000

#: how Python's parser begins to say what is wrong → the same in our words
WRONG = {
    "Expecting value": "a value is missing, or is none that JSON knows",
    "Expecting property name": "a name in double quotes is missing",
    "Expecting ','": "a comma, or the end of a list or an object, is missing",
    "Expecting ':'": "a colon is missing behind a name",
    "Illegal trailing comma": "a comma stands before an end",
    "Extra data": "something follows behind its end",
    "Unterminated string": "a text that begins here does not end",
    "Invalid control character": "a text holds a line end, or another control character",
    "Invalid \\": "a backslash stands before a letter that it may not stand before",
}

#: types of JSON as Python has them → in words
TYPES = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}

#: whole numbers that orjson would round, as values of fields
_LONG_NUMBER = re.compile(r":\s?\d{19}")


def parse_geojson(source: object, limits: Limits, first_line: int = 1) -> Mapping[str, Any]:
    """Parse GeoJSON text; a mapping is returned as it is. Of a repeated key, the last one counts.

    Parameters
    ----------
    first_line : of its file, which the text begins in

    Raises
    ------
    InvalidAreaError : it is not JSON, not an object, or nested too deeply
    AreaTooLargeError : it is too long, or has more brackets than an area within the limits
    """
    if isinstance(source, str):
        _check_text(source, limits)
        source = _parsed(source, first_line)
    if not isinstance(source, Mapping):
        what = TYPES.get(type(source), "a number")
        raise InvalidAreaError(f"GeoJSON is an object with a type, not {what}")
    return source


def _parsed(text: str, first_line: int) -> object:
    """Parse by orjson, which takes a quarter of the time; by Python what it does not read."""
    try:
        if not _LONG_NUMBER.search(text):
            with pause_collection():  # it makes millions of lists, all of which stay
                return orjson.loads(text)
    except ValueError:  # NaN, which many writers write, and lone surrogates
        pass
    try:
        return json.loads(text)
    except RecursionError:
        raise InvalidAreaError("the GeoJSON is nested too deeply") from None
    except ValueError as error:
        raise InvalidAreaError(
            f"the GeoJSON is no JSON: {_what_is_wrong(text, error, first_line)}"
        ) from None


def _what_is_wrong(text: str, error: ValueError, first_line: int) -> str:
    if not text.strip():
        return "it is empty"
    if text.lstrip().startswith("<"):
        return "it is XML or HTML, perhaps the message of a server that was saved in its place"
    if not isinstance(error, json.JSONDecodeError):
        return "a number has too many digits"
    where = f"line {first_line + error.lineno - 1:,}, column {error.colno:,}"
    if error.pos >= len(text.rstrip()):
        return f"it ends too early, at {where}"
    words = (what for begin, what in WRONG.items() if error.msg.startswith(begin))
    return f"{where}: {next(words, 'this is not allowed here')}"


def _check_text(text: str, limits: Limits) -> None:
    if len(text) > LONGEST_GEOJSON:
        raise AreaTooLargeError(
            f"the GeoJSON has {len(text):,} characters; at most {LONGEST_GEOJSON:,} are allowed"
        )
    check_size(text, limits)


def check_size(text: str, limits: Limits) -> None:
    """Check how much a text will take once it is parsed.

    Raises
    ------
    AreaTooLargeError : it has more brackets or commas than an area within the limits
    """
    if limits.vertices is None or limits.zones is None:
        return
    # parsed, each bracket takes 60 bytes or more, each comma 30: so they are counted before
    for count, most, what in (
        (text.count("[") + text.count("{"), 2 * limits.vertices + 100 * limits.zones, "brackets"),
        (text.count(","), 4 * limits.vertices + 1000 * limits.zones, "commas"),
    ):
        if count > most:
            raise AreaTooLargeError(
                f"the GeoJSON has {count:,} {what}, more than an area of {limits.vertices:,} "
                f"vertices in {limits.zones:,} zones can have "
                "(CSSERV_MAX_VERTICES, CSSERV_MAX_ZONES)"
            )
