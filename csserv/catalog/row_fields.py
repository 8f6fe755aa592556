"""What a row of the catalog may say: its fields, what each may hold, and what is wrong with one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from csserv.errors import SettingsError, nearest

Row = dict[str, Any]

#: between patterns, of which a file fits one
OR = " | "

PREFER = ("final", "newer")

#: parts of a date that a file's name may hold, as ``strptime`` writes them
DATE_PARTS = (*"YymdjHMSb", "[dekad]", "[pentad]", "[dekad of year]", "[pentad of year]")


@dataclass(frozen=True)
class Kind:
    """What a field may hold.

    Attributes
    ----------
    holds : whether it may hold a value
    words : what is allowed, as the end of a sentence
    choices : texts that are allowed, where it is one of some
    """

    holds: Callable[[Any], bool]
    words: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """What a row may say."""

    said: str
    kind: Kind


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_scale(value: Any) -> bool:
    return _is_number(value) and value != 0


def _are_numbers(value: Any) -> bool:
    return _is_number(value) or (
        isinstance(value, list) and bool(value) and all(map(_is_number, value))
    )


def _is_range(value: Any) -> bool:
    """Whether it is two numbers, the lower one first; infinity is no bound."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    low, high = value
    bounds = _is_number(low) or low == -math.inf, _is_number(high) or high == math.inf
    return all(bounds) and bool(low <= high)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)


def _is_date_pattern(value: Any) -> bool:
    """Whether it holds a year, and no part but those of a date."""
    if not isinstance(value, str):
        return False
    parts = re.findall(r"%(\[[^]]*\]|.?)", value)
    is_once = len(set(parts)) == len(parts)
    return is_once and set(parts) <= set(DATE_PARTS) and bool({"Y", "y"} & set(parts))


def _one_of(*allowed: str) -> Kind:
    return Kind(lambda value: value in ("", *allowed), f"allowed are {', '.join(allowed)}", allowed)


TEXT = Kind(_is_text, "write a text")
WHOLE = Kind(
    lambda value: isinstance(value, int) and not isinstance(value, bool), "write a whole number"
)

#: what a row may say: field → what it is, and what it may hold
FIELDS: dict[str, Field] = {
    "title": Field("what it is, in a line", TEXT),
    "variable": Field(
        "its name in the files, `group/name` in a group; of several, the first that a file has",
        Kind(lambda v: _is_text(v) or _are_texts(v), "write a name, or a list of names"),
    ),
    "files": Field(
        "pattern of their names, below the data folder, or several patterns",
        Kind(lambda v: _is_text(v) or _are_texts(v), "write a pattern, or a list of patterns"),
    ),
    "number": Field("ClimateSERV's, which it takes from the dataset that had it", WHOLE),
    "old_name": Field("what ClimateSERV once called it", TEXT),
    "description": Field("what it is, in a sentence or two", TEXT),
    "units": Field("in place of those that the files say", TEXT),
    "missing": Field(
        "stored numbers that mean missing, besides those that the files state",
        Kind(_are_numbers, "write a number, or a list of numbers"),
    ),
    "valid": Field(
        "lowest and highest value, in units; others are missing; in place of the files' range",
        Kind(
            _is_range,
            "write the lowest and the highest value, such as [0, 50]; inf is no bound: [0, inf]",
        ),
    ),
    "scale": Field(
        "in place of `scale_factor`: value = stored x scale + offset",
        Kind(_is_scale, "write a number other than 0"),
    ),
    "offset": Field("in place of `add_offset`", Kind(_is_number, "write a number")),
    "time_step": Field("how long a step is, where its times do not tell: day, month, …", TEXT),
    "over_time": Field(
        "how steps become longer ones; accumulated: values are sums since 00 UTC",
        _one_of("sum", "mean", "max", "min", "accumulated"),
    ),
    "time_at": Field("where in its step a time stamp stands", _one_of("start", "end", "centre")),
    "time_from_name": Field(
        "where the date stands in a file's name, as `strptime` writes it",
        Kind(
            _is_date_pattern,
            "write the file's name with %Y, %m, %d, %j, %H, %[dekad], %[pentad] in place of the "
            "date, such as rain.%Y.%m.%d",
        ),
    ),
    "bands": Field(
        "what bands of a GeoTIFF are that say no dates: steps, each as long as `time_step`, the "
        "first of the date in the file's name; else of a further dimension",
        _one_of("steps", "further"),
    ),
    "crs": Field("coordinate reference system of the grid, such as `EPSG:3035`", TEXT),
    "prefer": Field(
        "which file wins where several hold the same step",
        Kind(
            lambda value: value in ("", *PREFER) or _are_texts(value),
            f"allowed are {', '.join(PREFER)}, or a list of patterns of names, the best first",
            PREFER,
        ),
    ),
    "resolution": Field("as its makers say it", TEXT),
    "region": Field("where it is of", TEXT),
    "source": Field("who made it", TEXT),
    "licence": Field("what may be done with it", TEXT),
    "citation": Field("how to cite it", TEXT),
    "select": Field(
        "what to take of further dimensions", Kind(lambda v: isinstance(v, dict), "write a table")
    ),
    "synthetic": Field(
        "how its data were made up, where they are; each answer says so, in a note", TEXT
    ),
    "withdrawn": Field("why it is no more, where it is so", TEXT),
}

#: what a row must say, unless its dataset was withdrawn
NEEDED = ("title", "variable", "files")

#: what the row of a family says besides
FAMILY: dict[str, Field] = {
    "members": Field("how many datasets it is", WHOLE),
    "number_step": Field("from the number of one to that of the next", WHOLE),
}


def check_fields(name: str, row: Row) -> None:
    """See that each field of a row exists, and holds what it may.

    Raises
    ------
    SettingsError : one does not; says what is allowed
    """
    known = FIELDS | FAMILY
    for field, value in row.items():
        if field not in known:
            close = nearest(field, known, 1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise SettingsError(
                f"dataset {name}: unknown {field}{hint}; allowed are {', '.join(sorted(known))}"
            )
        if not known[field].kind.holds(value):
            raise SettingsError(_refusal(name, field, value, known[field].kind))


def check_row(name: str, row: Row) -> None:
    """See that a row has what it needs, and of the right kind.

    Raises
    ------
    SettingsError : it has not
    """
    check_fields(name, row)
    if not row.get("withdrawn") and (lacking := set(NEEDED) - set(row)):
        raise SettingsError(f"dataset {name} lacks {', '.join(sorted(lacking))}")
    files = row.get("files", "")
    for pattern in map(PurePath, files if isinstance(files, list) else [files]):
        if pattern.is_absolute() or ".." in pattern.parts:
            raise SettingsError(
                f"dataset {name}: files is {str(pattern)!r}; it lies below CSSERV_DATA"
            )


def filled(row: Row, **values: Any) -> Row:
    """Put values into the braces of all texts of a row, those in lists too."""
    return {field: _filled(value, values) for field, value in row.items()}


def entry_fields(row: Row) -> Row:
    """Turn a row into fields of a ``CatalogEntry``: what may be several is a tuple."""
    plain = dict(row)
    if isinstance(names := row.get("variable"), list):
        plain |= {"variable": names[0], "aliases": tuple(names[1:])}
    if isinstance(patterns := row.get("files"), list):
        plain["files"] = OR.join(patterns)
    if "missing" in row:
        given = row["missing"]
        plain["missing"] = tuple(map(float, given if isinstance(given, list) else [given]))
    if "valid" in row:
        plain["valid"] = tuple(float(v) if math.isfinite(v) else None for v in row["valid"])
    if isinstance(names := row.get("prefer"), list):
        plain["prefer"] = tuple(names)
    return plain


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    return value.format(**values) if isinstance(value, str) else value


def _refusal(name: str, field: str, value: Any, kind: Kind) -> str:
    close = nearest(value, kind.choices, 1) if isinstance(value, str) else []
    hint = f" (did you mean {close[0]}?)" if close else ""
    return f"dataset {name}: {field} is {value!r}{hint}; {kind.words}"
