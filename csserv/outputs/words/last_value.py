"""The sentence that a result begins with: the last value of a series, its normal and its rank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csserv.outputs.words.sentence import in_words


def last_in_words(plain: Mapping[str, Any], number: int = 0) -> str:
    """Say the last value of a series in words; that there is none, where no step has one.

    Parameters
    ----------
    plain : a result's JSON, of one operation
    number : of the series
    """
    series = plain["series"][number]
    date = series["time"][last_place(series)]
    return in_words({**plain, "series": [series]}, date, select=series.get("select"))


def last_place(series: Mapping[str, Any]) -> int:
    """Return the last step of a series that has a value; the last one, where none has.

    >>> last_place({"value": [2.0, 1.0, None]}), last_place({"value": [None, None]})
    (1, 1)
    """
    values = series["value"]
    places = (n for n in range(len(values) - 1, -1, -1) if values[n] is not None)
    return next(places, len(values) - 1)


def has_value(series: Mapping[str, Any]) -> bool:
    """Whether any step of a series has a value."""
    return any(value is not None for value in series["value"])
