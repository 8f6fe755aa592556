"""Reads what the JSON of a result says of its series: their steps, numbers, names and rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.times.calendar_units import to_seconds
from csserv.catalog.timeline.frequency import DAY
from csserv.catalog.timeline.intervals import lay_out
from csserv.errors import InvalidRequestError
from csserv.outputs.further_dimensions import selection_texts, series_name, zones_of
from csserv.outputs.words.index_words import index_name
from csserv.zonal.operations import operation
from csserv.zonal.over_time.time_rule import Quantity, time_rule

Floats = NDArray[np.float64]

#: operations whose values can be summed over time, if the data can
SUMMABLE = ("mean", "median", "sum", "total", "geotiff", "netcdf", "csv")


@dataclass(frozen=True)
class SeriesDocument:
    """The series of a result, or of the part computed so far.

    Attributes
    ----------
    json : of one operation
    """

    json: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the series, made unique."""
        return _made_unique([series_name(one) for one in self.json["series"]])

    @property
    def selections(self) -> tuple[str, ...]:
        """The coordinates of the series of each zone; none where it has one."""
        first, series = zones_of(self.json)[0], self.json["series"]
        mine = (one["select"] for one in series if "select" in one and one["zone"] == first)
        return tuple(", ".join(selection_texts(one)) for one in mine)

    @property
    def title(self) -> str:
        """What was computed, and of which dataset."""
        return f"{_what(self.json)} of {self.json['request']['dataset']}"

    @cached_property
    def times(self) -> tuple[cftime.datetime, ...]:
        """(time,) first day of each step, in the calendar of the data."""
        kind = self.json["calendar"]
        return tuple(_time(text, kind) for text in self.json["series"][0]["time"])

    @cached_property
    def lengths(self) -> Floats:
        """(time,) length of each step [days]."""
        return _lengths(self.times, self._steps.get("end"), self.json["calendar"])

    @property
    def complete(self) -> NDArray[np.bool_]:
        """(time,) whether the step lies wholly in the period."""
        return np.array(self._steps.get("complete") or [True] * len(self.times), dtype=bool)

    @property
    def spans(self) -> tuple[tuple[str, str], ...]:
        """(time,) from when to when each value is; empty where the result does not say it."""
        said = self.json.get("intervals")
        if not said:
            return ()
        starts = said.get("start", self.json["series"][0]["time"])
        return tuple(zip(starts, said["end"], strict=True))

    @property
    def rule(self) -> str:
        """How values are aggregated to longer steps: "rate", "sum", "mean", "max" or "min"."""
        # steps that hold those before them cannot be added up once more
        rolls = "accumulate" in (self.json.get("time_step") or {})
        if self.json["request"]["operation"] not in SUMMABLE or rolls:
            return "mean"
        return _rule(self._quantity)

    def columns(self, name: str) -> Floats:
        """(time, series) numbers of that name; NaN where there are none."""
        return _columns([one[name] for one in self.json["series"]])

    @property
    def _steps(self) -> Mapping[str, Any]:
        return self.json.get("steps") or {}

    @property
    def _quantity(self) -> Quantity:
        dataset = self.json.get("provenance", {}).get("dataset", {})
        said = self.json.get("variable", {})
        names = [dataset.get("name", self.json["request"]["dataset"]), dataset.get("title", "")]
        names += [said.get("standard_name", ""), said.get("long_name", "")]
        return Quantity(
            units=self.json["units"],
            names=tuple(names),
            cell_methods=said.get("cell_methods", ""),
            step_days=float(np.median(self.lengths)),
        )


def _rule(quantity: Quantity) -> str:
    """Return how values are aggregated; where nothing says it, only means of them are offered."""
    try:
        return time_rule(quantity)
    except InvalidRequestError:
        return "mean"


def _time(text: str, kind: str) -> cftime.datetime:
    day, _, clock = text.partition("T")
    numbers = [int(part) for part in (*day.split("-"), *clock.split(":")) if part]
    return cftime.datetime(*numbers, calendar=kind)


def _lengths(times: Sequence[cftime.datetime], ends: Sequence[str] | None, kind: str) -> Floats:
    if not ends:
        start = to_seconds(times, kind)
        nowhere = np.zeros((len(start), 2), np.int64), np.zeros(len(start), bool)
        laid = lay_out(start, *nowhere, kind, "start", 0.0)
        return np.asarray((laid.end - laid.start) / DAY, np.float64)
    last = [_time(text, kind) for text in ends]
    return np.array(
        [(b - a).total_seconds() / 86400.0 + 1.0 for a, b in zip(times, last, strict=True)]
    )


def _what(document: Mapping[str, Any]) -> str:
    """Return the index that a result has, or its statistic: that of an export is the mean."""
    if "index" in document:
        return index_name(document["index"])
    name = document["request"]["operation"]
    return "mean" if operation(name).export else str(name)


def _columns(lists: Sequence[list[float | None]]) -> Floats:
    """Return lists as columns; one that several series share is converted once."""
    different = {id(one): one for one in lists}
    rows = {key: row for row, key in enumerate(different)}
    return np.array(list(different.values()), dtype=float)[[rows[id(one)] for one in lists]].T


def _made_unique(names: Sequence[str]) -> tuple[str, ...]:
    """Make names unique by numbers."""
    seen: dict[str, int] = {}
    own = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        own.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(own)
