"""The series of a task, and how it is written as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from csserv.outputs.netcdf.step_times import StepTimes

if TYPE_CHECKING:  # slow to import, and `import csserv` reads this module
    import cftime

Floats = NDArray[np.float64]

#: dimension → coordinate, of each series that a zone has
Selections = Sequence[Mapping[str, str]]

#: name → (time, series), what is normal and how far each value is from it
Against = Mapping[str, NDArray[Any]]

#: name in JSON of the statistics of all operations but the first, by operation
FURTHER_AGAINST = "further_against"

#: numbers of series that are put in the order of JSON at once
AT_ONCE = 100_000

#: names in JSON: the share of a zone's area, and of the days of a longer step, that has data [%]
VALID, VALID_STEPS = "valid_percent", "valid_steps_percent"


@dataclass(frozen=True, eq=False)
class Series:
    """The values of each step and zone, of one operation or several.

    Attributes
    ----------
    times : (time,) in the calendar of the data
    zones : (zones,) pairs of id and name
    values : (operations, time, series) NaN where a zone has no data; each zone has a series, or one
        for each of ``selections``: zone by zone, those of each
    percent : (time, series) share of the zone's area that has data [%], 0 to 100
    complete : (time,) whether period and data fill a longer step; empty for steps of the data
    steps_percent : (time, series) share of a longer step's days that have data, all cells taken
        together [%], 0 to 100; None for steps of the data
    names : of the operations
    selections : dimension → coordinate, of further dimensions of which several are asked for
    against : of each operation, name → (time, series), what is normal and how far each value is
        from it; empty where that was not asked for
    """

    times: Sequence[cftime.datetime]
    zones: tuple[tuple[str, str], ...]
    values: Floats
    percent: Floats
    complete: tuple[bool, ...] = ()
    steps_percent: Floats | None = None
    names: tuple[str, ...] = ("",)
    selections: Selections = ({},)
    against: Sequence[Against] = ()

    @classmethod
    def joined(cls, groups: Sequence[Series]) -> Series:
        """Put the series of some zones beside those of others, of the same steps."""
        first, *others = groups
        if not others:
            return first
        longer = [one.steps_percent for one in groups if one.steps_percent is not None]
        return replace(
            first,
            zones=tuple(zone for one in groups for zone in one.zones),
            values=np.concatenate([one.values for one in groups], axis=2),
            percent=np.concatenate([one.percent for one in groups], axis=1),
            steps_percent=np.concatenate(longer, axis=1) if longer else None,
            against=[
                {
                    name: np.concatenate([one.against[number][name] for one in groups], axis=1)
                    for name in of_first
                }
                for number, of_first in enumerate(first.against)
            ],
        )

    def to_list(self) -> list[dict[str, Any]]:
        """Return one mapping for each series, for JSON; values without data are None."""
        return list(self.each())

    def each(self) -> Iterator[dict[str, Any]]:
        """Yield what ``to_list`` returns, one series after the other."""
        return map(as_lists, self.arrays())

    def arrays(self) -> Iterator[dict[str, Any]]:
        """Yield what ``each`` does, with arrays in place of lists; NaN where there is no value."""
        times = iso_texts(self.times)
        shares = shares_of(self.percent, self.steps_percent)
        keys = series_keys(self.zones, self.selections)
        return by_series(times, keys, self.values, shares, self.names, self.against)

    def rows(self) -> Iterator[tuple[str | float | bool | None, ...]]:
        """Yield (zone, time, value, valid per cent): zone after zone, in time order.

        Coordinates of further dimensions, where several are asked for, follow the zone. Rows of
        longer steps go on with the share of their days that have data [%] and
        ``complete``; the statistics against what is normal come last.
        """
        more = [] if self.steps_percent is None else [VALID_STEPS]
        for one in self.each():
            columns = [one[name] for name in ("time", "value", VALID, *more)]
            columns += [self.complete] if self.complete else []
            columns += one.get("against", {}).values()
            for row in zip(*columns, strict=True):
                yield (one["zone"]["name"], *one.get("select", {}).values(), *row)


def shares_of(percent: Floats, steps_percent: Floats | None) -> dict[str, Floats]:
    """Return name in JSON → (time, series) share [%], of those that are known; see ``Series``."""
    longer = {} if steps_percent is None else {VALID_STEPS: steps_percent}
    return {VALID: percent} | longer


def series_keys(
    zones: Iterable[tuple[str, str]], selections: Selections = ({},)
) -> list[dict[str, Any]]:
    """Return what series are told apart by: ``zone``, and ``select`` where zones have several.

    Parameters
    ----------
    zones : pairs of id and name
    selections : see ``Series``
    """
    return [
        {"zone": {"id": identity, "name": name}, **({"select": dict(one)} if one else {})}
        for identity, name in zones
        for one in selections
    ]


def by_series(
    times: list[str],
    keys: Sequence[Mapping[str, Any]],
    values: Floats,
    shares: Mapping[str, Floats],
    names: Sequence[str] = ("",),
    against: Sequence[Against] = (),
) -> Iterator[dict[str, Any]]:
    """Yield one mapping for each series, of arrays; see ``as_lists``.

    Parameters
    ----------
    times : (time,) ISO 8601
    keys : (series,) of ``series_keys``
    values : (operations, time, series); the first operation gives ``value``, and all others, by
        name, are in ``further``
    shares : name → (time, series) [%]
    names : of the operations
    against : see ``Series``; that of the first operation gives ``against``, and all others, by
        name, are in ``further_against``
    """
    together = max(1, AT_ONCE // max(1, len(times)))
    for start in range(0, len(keys), together):
        some = slice(start, start + together)
        turned = [np.ascontiguousarray(one[:, some].T) for one in values]
        rounded = {
            name: _rounded(np.ascontiguousarray(one[:, some].T)) for name, one in shares.items()
        }
        for z, key in enumerate(keys[some]):
            first, *others = [one[z] for one in turned]
            further = {"further": dict(zip(names[1:], others, strict=True))} if others else {}
            share = {name: one[z] for name, one in rounded.items()}
            beside = _against(against, names, start + z)
            yield {**key, "time": times, "value": first} | further | share | beside


def _against(against: Sequence[Against], names: Sequence[str], number: int) -> dict[str, Any]:
    """Return what is said of one series against what is normal, by member of its JSON."""
    every = [{name: _column(one, number) for name, one in of.items()} for of in against]
    found: dict[str, Any] = {"against": every[0]} if every else {}
    if every[1:]:
        found[FURTHER_AGAINST] = dict(zip(names[1:], every[1:], strict=True))
    return found


def _column(array: NDArray[Any], number: int) -> Any:
    """Return a column that orjson can write: it takes arrays of numbers, not of classes."""
    if array.dtype == object:
        return array[:, number].tolist()
    return np.ascontiguousarray(array[:, number])


def as_lists(value: Any) -> Any:
    """Return a value of JSON with lists in place of arrays; see ``plain_list``."""
    if isinstance(value, np.ndarray):
        return plain_list(value)
    if isinstance(value, dict):
        return {name: as_lists(one) for name, one in value.items()}
    return value


def plain_list(array: NDArray[Any]) -> list[Any]:
    """Return numbers, None where there is none; or texts.

    >>> plain_list(np.array([1.5, np.nan, np.inf]))
    [1.5, None, None]
    """
    found: list[Any] = array.tolist()
    if array.dtype.kind == "f":
        for place in np.flatnonzero(~np.isfinite(array)).tolist():
            found[place] = None
    return found


def pick_steps(series: Mapping[str, Any], places: Sequence[int]) -> dict[str, Any]:
    """Return the series of a zone at some of its steps."""
    lists = {key: one for key, one in series.items() if isinstance(one, list)}
    picked: dict[str, Any] = {key: [one[n] for n in places] for key, one in lists.items()}
    for name in ("further", "against"):
        if name in series:
            picked[name] = pick_steps(series[name], places)
    if FURTHER_AGAINST in series:
        of_each = series[FURTHER_AGAINST].items()
        picked[FURTHER_AGAINST] = {name: pick_steps(one, places) for name, one in of_each}
    return {**series, **picked}


def iso(time: cftime.datetime) -> str:
    """Write a time of any calendar as ISO 8601; without the time of day if it is midnight.

    >>> import cftime
    >>> iso(cftime.datetime(2019, 2, 30, calendar="360_day"))
    '2019-02-30'
    """
    date = f"{time.year:04}-{time.month:02}-{time.day:02}"
    if not (time.hour or time.minute or time.second):
        return date
    return f"{date}T{time.hour:02}:{time.minute:02}:{time.second:02}"


def iso_texts(times: Sequence[cftime.datetime]) -> list[str]:
    """Write times as :func:`iso` does, those of ``StepTimes`` all at once."""
    known = times.texts if isinstance(times, StepTimes) else None
    return [*map(iso, times)] if known is None else known


def read_iso(text: str, calendar: str) -> cftime.datetime:
    """Read what :func:`iso` wrote, in a calendar of CF."""
    import cftime  # slow to import, and `import csserv` reads this module

    form = "%Y-%m-%dT%H:%M:%S" if "T" in text else "%Y-%m-%d"
    return cftime.datetime.strptime(text, form, calendar=calendar)


def _rounded(shares: Floats) -> Floats:
    """Round to two digits, as ``round`` does: numpy goes the other way at some halves."""
    near = np.round(shares, 2)
    halves = np.nonzero(np.abs(100 * shares % 1 - 0.5) < 1e-6)
    near[halves] = [round(one, 2) for one in shares[halves].tolist()]
    return near
