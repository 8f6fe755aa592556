"""Finds which normals of a result are others today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from csserv.catalog import CatalogEntry
from csserv.checking.changed_numbers import Change, Compared, NumberPair, by_key, numbers_at
from csserv.checking.step_origins import UNSURE
from csserv.outputs.against import AGAINST, of_reference
from csserv.outputs.several_operations import choose_operation, operations_of
from csserv.request import Request
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.work.in_process import compute_series


def changed_normals(
    plain: Mapping[str, Any], asked: Request, entry: CatalogEntry, others: Mapping[str, str]
) -> Compared:
    """Compare what is normal in a result with what is today; nothing if it was not asked for.

    Parameters
    ----------
    plain : JSON of the result
    asked : its request
    others : name of a file → what has become of it since
    """
    if AGAINST not in plain:
        return Compared(0, (), 0)
    _, timeline = steps_to_read(entry, asked.period, asked.options)
    found = compare_normals(plain, compute_series(entry, timeline, asked).series.to_list())
    sure = {name: what for name, what in others.items() if what != UNSURE}
    named = [f"{name} {what}" for name, what in (sure or others).items()]
    more = f" and {len(named) - 1} more" if len(named) > 1 else ""
    why = f"of its reference: {named[0]}{more}" if named else "data of its reference came anew"
    return replace(found, changes=tuple(replace(one, why=why) for one in found.changes))


def compare_normals(plain: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> Compared:
    """Compare the normals of a result with today's; of each step one statistic.

    It is the mean or, where that is as it was, the first other one of the reference that has moved.

    Parameters
    ----------
    now : the series of the result, computed again
    """
    names = operations_of(plain)
    found = [_of_operation(plain, now, name if len(names) > 1 else "") for name in names]
    changes = tuple(change for one in found for change in one.changes)
    return Compared(sum(one.numbers for one in found), changes, 0)


def _of_operation(
    plain: Mapping[str, Any], now: Sequence[Mapping[str, Any]], operation: str
) -> Compared:
    """Compare the normals of one operation; named is it only where there are several."""
    chosen = choose_operation(plain, operation or None)
    again = choose_operation({**plain, "series": now}, operation or None)
    then, today = by_key(chosen["series"]), by_key(again["series"])
    both = [key for key in then if key in today]
    numbers = sum(len(then[key]["time"]) for key in both)
    told = {
        (key, one.time): _named(one, operation)
        for key in both
        for one in reversed([*_changes(chosen, then[key], today[key])])  # the first one stays
    }
    ordered = [(key, time) for key in both for time in then[key]["time"]]
    return Compared(numbers, tuple(told[one] for one in ordered if one in told), 0)


def _named(change: Change, operation: str) -> Change:
    """Say of which operation a statistic is, where there are several."""
    return replace(change, operation=f"{operation}_{change.operation}") if operation else change


def _changes(
    plain: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Change]:
    """Yield all statistics of the reference that have moved, of one series."""
    times = old["time"]
    for name, units in of_reference(plain).items():
        pair = [
            numbers_at({"time": one["time"], "value": one[AGAINST][name]}, times, name, first=name)
            for one in (old, new)
        ]
        yield from NumberPair(old, name, units, times, *pair).changes()
