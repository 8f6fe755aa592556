"""Finds the numbers of a result that are others today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.checking.cell_contributions import ROUNDING
from csserv.outputs.further_dimensions import series_name
from csserv.outputs.several_operations import operations_of, units_of


@dataclass(frozen=True)
class Change:
    """A number of a result that is another one today.

    Attributes
    ----------
    zone, zone_id : name and id of the zone
    select : coordinates of further dimensions, where the result has several
    time : the step, as the result writes it
    old, new : the number in the result, and today's; None for no data or no such step
    files : that the step comes from now, by their paths below the data folder
    why : what has become of its data, as far as it is known
    """

    zone: str
    zone_id: str
    select: tuple[tuple[str, str], ...]
    operation: str
    time: str
    old: float | None
    new: float | None
    units: str
    files: tuple[str, ...] = ()
    why: str = ""

    @property
    def difference(self) -> float | None:
        """The new number less the old one; None where one of them is none."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def percent(self) -> float | None:
        """The difference in per cent of the old number; None where that is none or 0."""
        change = self.difference
        return None if change is None or not self.old else 100.0 * change / abs(self.old)

    @property
    def series(self) -> str:
        """Zone and coordinates, in words."""
        return series_name({"zone": {"name": self.zone}, "select": dict(self.select)})


@dataclass(frozen=True)
class Compared:
    """How the numbers of a result compare with today's.

    Attributes
    ----------
    numbers : how many were compared, those that only one of both has included
    changes : those that are others, in the order of the result
    rounded : how many differ by no more than sums in another order do
    """

    numbers: int
    changes: tuple[Change, ...]
    rounded: int


@dataclass(frozen=True, eq=False)
class NumberPair:
    """The numbers of one series and operation, then and now, at the steps that either has."""

    key: Mapping[str, Any]
    operation: str
    units: str
    times: Sequence[str]
    old: NDArray[np.float64]
    new: NDArray[np.float64]

    def differs(self) -> NDArray[np.bool_]:
        """Return a (steps,) mask of the numbers that are not the same, to the last bit."""
        both_lack = np.isnan(self.old) & np.isnan(self.new)
        return np.asarray((self.old != self.new) & ~both_lack)

    def has_moved(self) -> NDArray[np.bool_]:
        """Return a (steps,) mask of those that differ by more than the order of sums explains.

        Files that are written anew, with other chunks, are added up in another order.
        """
        known = np.concatenate([self.old, self.new])
        largest = np.abs(known[~np.isnan(known)]).max(initial=0.0)
        rounded = np.abs(self.new - self.old) <= ROUNDING * largest
        return np.asarray(self.differs() & ~rounded)

    def changes(self) -> Iterator[Change]:
        """Yield those that have moved."""
        for i in np.flatnonzero(self.has_moved()).tolist():
            yield Change(
                zone=self.key["zone"]["name"],
                zone_id=self.key["zone"]["id"],
                select=tuple(self.key.get("select", {}).items()),
                operation=self.operation,
                time=self.times[i],
                old=_number(self.old[i]),
                new=_number(self.new[i]),
                units=self.units,
            )


def compare_numbers(plain: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> Compared:
    """Compare the series of a result with today's.

    Parameters
    ----------
    plain : JSON of the result
    now : its series, computed again for the same zones
    """
    numbers = rounded = 0
    changes: list[Change] = []
    for pair in _pairs(plain, now):
        numbers += len(pair.times)
        found = list(pair.changes())
        rounded += int(pair.differs().sum()) - len(found)
        changes += found
    return Compared(numbers, tuple(changes), rounded)


def _pairs(plain: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> Iterator[NumberPair]:
    names, units = operations_of(plain), units_of(plain)
    then, today = by_key(plain["series"]), by_key(now)
    for key in [*then, *(key for key in today if key not in then)]:
        old, new = then.get(key), today.get(key)
        one = old or new or {}
        times = _all_times(old, new)
        for name in names:
            pair = [numbers_at(each, times, name, first=names[0]) for each in (old, new)]
            yield NumberPair(one, name, units[name], times, *pair)


def by_key(series: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """Return the series by zone and coordinates; of several zones of one name, each."""
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    seen: dict[tuple[Any, ...], int] = {}
    for one in series:
        key = (*one["zone"].values(), *one.get("select", {}).items())
        seen[key] = seen.get(key, -1) + 1
        found[key, seen[key]] = one
    return found


def _all_times(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Sequence[str]:
    """Return the steps that one of two series has."""
    then, now = (one["time"] if one else [] for one in (old, new))
    return then if then == now else sorted({*then, *now})


def numbers_at(
    one: Mapping[str, Any] | None, times: Sequence[str], name: str, first: str
) -> NDArray[np.float64]:
    """Return the numbers of an operation at some steps; NaN where there is none."""
    if one is None:
        return np.full(len(times), np.nan)
    values = one["value"] if name == first else one["further"][name]
    if one["time"] is not times and one["time"] != times:
        known = dict(zip(one["time"], values, strict=True))
        values = [known.get(time) for time in times]
    return np.array(values, np.float64)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
