"""Which lines a chart has, and the columns that they are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.views.parts.series_table import SeriesTable

#: lines that one can tell apart
MOST_LINES = 12

#: with fewer steps, each is marked
FEW = 60


@dataclass(frozen=True, eq=False)
class Line:
    """One zone of a table, as it stands in a chart."""

    table: SeriesTable
    zone: int
    name: str
    right: bool = False  #: whether its axis is on the right

    @property
    def key(self) -> tuple[object, ...]:
        """What must be alike where a line grows in place."""
        return self.name, self.table.units, self.right, self.table.has_exact_dates

    def columns(self) -> dict[str, NDArray[Any]]:
        """Write the columns that it is drawn from: time, value, per cent valid."""
        columns = self.table.columns(self.zone)
        names = ["time", "value", "percent"] + ([] if self.table.has_exact_dates else ["label"])
        return {name: columns[name] for name in names}


def lines_of(tables: Sequence[SeriesTable], two_axes: bool = False) -> list[Line]:
    """Choose what is drawn: as many zones of each table as there is room for, told apart.

    Other units than those of the first table stand on the right; so do all others, where
    ``two_axes`` are wanted and units are the same. There is no axis for third ones.
    """
    most = max(1, MOST_LINES // max(len(tables), 1))
    units = units_of(tables)
    lines = []
    for place, (table, title) in enumerate(zip(tables, _titles(tables), strict=True)):
        if table.units not in units[:2]:
            continue
        right = place > 0 and (table.units != units[0] or (two_axes and len(units) == 1))
        for zone, name in enumerate(table.zones[:most]):
            said = f"{name}: {title}" if len(tables) > 1 else name
            lines.append(Line(table, zone, said, right))
    return lines


def units_of(tables: Sequence[SeriesTable]) -> list[str]:
    """List the units of tables, each once, those of the first one first."""
    return list(dict.fromkeys(table.units for table in tables))


def marked(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Choose the steps that get a mark: all of a few; of many those that no line reaches.

    >>> marked(np.array([1.0] + 60 * [2.0] + [np.nan, 3.0])).nonzero()[0].tolist()
    [62]
    """
    there = ~np.isnan(values)
    if len(values) <= FEW:
        return there
    padded = np.concatenate([[False], there, [False]])
    alone: NDArray[np.bool_] = there & ~padded[:-2] & ~padded[2:]
    return alone


def _titles(tables: Sequence[SeriesTable]) -> list[str]:
    """Say what each table is; where two are the same but for the period, that as well."""
    titles = [table.title for table in tables]
    return [
        f"{title}, {str(table.period).replace('/', ' to ')}" if titles.count(title) > 1 else title
        for title, table in zip(titles, tables, strict=True)
    ]
