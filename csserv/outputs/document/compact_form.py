"""Version 2 of a result's JSON: what all series have in common, or all steps, is written once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.outputs.against import AGAINST, statistics_of
from csserv.outputs.series import FURTHER_AGAINST, VALID, VALID_STEPS

#: name of the member that says which form a document has; one without it is of the first
VERSION = "version"

#: the forms: each series is whole by itself; what series share is written once
WHOLE, COMPACT = 1, 2

#: a document of several series, and of this many numbers or more, is compact: of fewer, both are
#: small, and programs that know the first form only go on reading them
MANY = 100_000

#: lists in which often all entries are the same; then it is written once, in place of the list
SHARES = (VALID, VALID_STEPS)

#: in ``against``: the statistics that are the same in each year, and which entry each step has
OF_YEAR = "step_of_year"


def version_for(series: int, numbers: int) -> int:
    """Return the form of a document with so many series, and numbers in all of them together."""
    return COMPACT if series > 1 and numbers >= MANY else WHOLE


def version_of(plain: Mapping[str, Any]) -> int:
    """Return the form of a document.

    Raises
    ------
    ValueError : it is of none that is known
    """
    found = plain.get(VERSION, WHOLE)
    if found not in (WHOLE, COMPACT):
        raise ValueError(f"it is of version {found!r}; known are {WHOLE} and {COMPACT}")
    return int(found)


def compact(
    plain: Mapping[str, Any], times: Sequence[str], shared: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the members of a document in the compact form, before and behind its series.

    Parameters
    ----------
    shared : of ``of_year``
    """
    found: dict[str, Any] = {VERSION: COMPACT}
    for name, one in plain.items():
        if name == "series":  # each is read with what they share
            found["time"] = list(times)
        found.setdefault(name, {**one, **shared} if name == AGAINST else one)
    return found


def whole(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a document in the first form, without what series share."""
    found = {name: one for name, one in plain.items() if name != "time"}
    if found.get(VERSION) == COMPACT:
        found[VERSION] = WHOLE
        if AGAINST in found:
            found[AGAINST] = {name: one for name, one in found[AGAINST].items() if name != OF_YEAR}
    return found


def of_year(names: Sequence[str], sets: NDArray[np.integer]) -> dict[str, Any]:
    """Return ``step_of_year``; empty where hardly a step shares its entries with another one.

    Parameters
    ----------
    names : of the statistics
    sets : (time,) steps of the same number have the same statistics
    """
    _, first, place = np.unique(sets, return_index=True, return_inverse=True)
    if 2 * len(first) > len(sets):
        return {}
    order = np.argsort(np.argsort(first))  # of the first step that has them
    return {OF_YEAR: {"statistics": list(names), "of_step": order[place.reshape(-1)].tolist()}}


@dataclass(frozen=True, eq=False)
class SharedParts:
    """What the series of a compact document have in common.

    Attributes
    ----------
    times : of all steps
    texts : names of lists that are no numbers
    statistics : names of those that are the same in each year
    places : (time,) which of their entries each step has
    """

    times: list[str]
    texts: frozenset[str]
    statistics: frozenset[str] = frozenset()
    places: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    _kept: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> SharedParts:
        """Read them from a compact document."""
        said = plain.get(AGAINST, {}).get(OF_YEAR)
        common = (plain["time"], texts_of(plain))
        if not said:
            return cls(*common)
        return cls(*common, frozenset(said["statistics"]), np.array(said["of_step"]))

    def shorten(self, series: Mapping[str, Any]) -> dict[str, Any]:
        """Return a series without what it shares."""
        found = {name: one for name, one in series.items() if name != "time"}
        for name in SHARES:
            if name in found:
                found[name] = _once(found[name])
        if self.statistics:
            _, first = np.unique(self.places, return_index=True)
            found |= self._each_statistic(found, lambda one: _pick(one, first))
        return found

    def restore(self, short: Mapping[str, Any], arrays: bool = False) -> dict[str, Any]:
        """Return the series that ``shorten`` took apart.

        Parameters
        ----------
        arrays : whether numbers become arrays, NaN where there is none, not lists
        """
        keys = {name: short[name] for name in ("zone", "select") if name in short}
        found = {**keys, "time": self.times, **short}
        for name in SHARES:
            if isinstance(found.get(name), float):
                found[name] = self._all(found[name], arrays)
        if self.statistics:
            found |= self._each_statistic(found, self._of_steps)
        return as_arrays(found, self.texts) if arrays else found

    def _each_statistic(
        self, series: Mapping[str, Any], change: Callable[[Any], Any]
    ) -> dict[str, Any]:
        """Change the lists of statistics that are the same in each year, of all operations."""

        def changed(of: Mapping[str, Any]) -> dict[str, Any]:
            return {
                name: change(one) if name in self.statistics else one for name, one in of.items()
            }

        found: dict[str, Any] = {AGAINST: changed(series[AGAINST])} if AGAINST in series else {}
        if FURTHER_AGAINST in series:
            of_each = series[FURTHER_AGAINST].items()
            found[FURTHER_AGAINST] = {name: changed(of) for name, of in of_each}
        return found

    def _all(self, entry: float, arrays: bool) -> Any:
        """Return an entry for each step; the same list for all series that have it."""
        if entry not in self._kept:
            number = len(self.times)
            self._kept[entry] = np.full(number, entry, float) if arrays else [entry] * number
        return self._kept[entry]

    def _of_steps(self, entries: Sequence[Any]) -> list[Any]:
        return [entries[place] for place in self.places]


def texts_of(plain: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the lists of series that are texts."""
    return frozenset({"time"} | {one["name"] for one in statistics_of(plain) if not one["units"]})


def as_arrays(series: Mapping[str, Any], texts: frozenset[str]) -> dict[str, Any]:
    """Return a series with arrays in place of lists of numbers; NaN where there is none.

    Parameters
    ----------
    texts : names of lists that are no numbers
    """
    found = dict(series)
    for name, one in series.items():
        if isinstance(one, dict):
            found[name] = as_arrays(one, texts)
        elif isinstance(one, list) and name not in texts:
            found[name] = np.array(one, float)
    return found


def _once(entries: Any) -> Any:
    """Return the entry that all steps have, to the last bit; else the entries as they are."""
    if len(entries) < 2:
        return entries
    array = np.asarray(entries, float)
    every = array.tobytes()  # compared as bytes in a tenth of numpy's time, where they are few
    return float(array[0]) if every == every[: array.itemsize] * len(array) else entries


def _pick(entries: Any, places: NDArray[np.int64]) -> Any:
    if isinstance(entries, np.ndarray):
        return entries[places]
    return [entries[place] for place in places]
