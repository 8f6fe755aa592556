"""The series of a result as rows for a terminal, with what is normal beside each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from csserv.outputs.against import AGAINST, SHOWN
from csserv.outputs.further_dimensions import column_names
from csserv.outputs.series import VALID
from csserv.outputs.several_operations import against_of, statistic_columns, units_of
from csserv.units import titled


def series_columns(plain: Mapping[str, Any]) -> list[str]:
    """Return the columns of a result's JSON: those of a value are named with its units."""
    beside = _beside(plain) if any(AGAINST in one for one in plain["series"]) else {}
    return ["zone", *column_names(plain).values(), "time", *_values(plain), VALID, *beside]


def series_rows(plain: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield a row for each zone and step; what is missing is empty."""
    columns = column_names(plain)
    first, *others = _values(plain).items()
    for one in plain["series"]:
        select = one.get("select", {})
        place = {"zone": one["zone"]["name"]} | {to: select[name] for name, to in columns.items()}
        lists = {"time": one["time"], first[0]: one["value"], VALID: one[VALID]}
        lists |= {title: one["further"][name] for title, name in others}
        lists |= {
            title: against_of(one, plain, operation)[name]
            for title, (operation, name) in _beside(plain).items()
            if AGAINST in one
        }
        for entries in zip(*lists.values(), strict=True):
            yield place | dict(zip(lists, map(_text, entries), strict=True))


def _values(plain: Mapping[str, Any]) -> dict[str, str]:
    """Return the title of the values of each operation → its name."""
    named = units_of(plain)
    found = {}
    for name, units in named.items():
        title = name if len(named) > 1 else "value"
        found[titled(title, units)] = name
    return found


def _beside(plain: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the titles of the statistics that are shown → operation, and name."""
    return {
        title: (operation, said["name"])
        for title, (operation, said) in statistic_columns(plain).items()
        if said["name"] in SHOWN
    }


def _text(entry: str | float | None) -> str:
    if entry is None or isinstance(entry, str):
        return entry or ""
    return f"{entry:.6g}"
