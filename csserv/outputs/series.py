"""The series of a task, and how it is written as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Series:
    """One value for each step and zone.

    Attributes
    ----------
    times : (time,) in the calendar of the data
    zones : (zones,) pairs of id and name
    values : (time, zones) NaN where a zone has no data
    percent : (time, zones) share of the zone's area that has data [%], 0 to 100
    complete : (time,) whether period and data fill a longer step; empty for steps of the data
    """

    times: tuple[cftime.datetime, ...]
    zones: tuple[tuple[str, str], ...]
    values: Floats
    percent: Floats
    complete: tuple[bool, ...] = ()

    def to_list(self) -> list[dict[str, Any]]:
        """Return one mapping for each zone, for JSON; values without data are None."""
        times = [iso(time) for time in self.times]
        return by_zone(times, self.zones, self.values, self.percent)

    def rows(self) -> Iterator[tuple[str | float | bool | None, ...]]:
        """Yield (zone, time, value, valid per cent): zone after zone, in time order.

        Longer steps have ``complete`` as a fifth.
        """
        more = [self.complete] if self.complete else []
        for one in self.to_list():
            for row in zip(one["time"], one["value"], one["valid_percent"], *more, strict=True):
                yield (one["zone"]["name"], *row)


def by_zone(
    times: list[str], zones: Sequence[tuple[str, str]], values: Floats, percent: Floats
) -> list[dict[str, Any]]:
    """Return one mapping for each zone, for JSON; values without data are None.

    Parameters
    ----------
    times : (time,) ISO 8601
    zones : (zones,) pairs of id and name
    values, percent : (time, zones)
    """
    return [
        {
            "zone": {"id": identity, "name": name},
            "time": times,
            "value": [_number(v) for v in values[:, z].tolist()],
            "valid_percent": [round(p, 2) for p in percent[:, z].tolist()],
        }
        for z, (identity, name) in enumerate(zones)
    ]


def iso(time: cftime.datetime) -> str:
    """Write a time of any calendar as ISO 8601; without the time of day if it is midnight.

    >>> iso(cftime.datetime(2019, 2, 30, calendar="360_day"))
    '2019-02-30'
    """
    date = f"{time.year:04}-{time.month:02}-{time.day:02}"
    clock = f"{time.hour:02}:{time.minute:02}:{time.second:02}"
    return date if clock == "00:00:00" else f"{date}T{clock}"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
