"""The lines of a chart, and the columns from which they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.views.parts.normals_table import POINTED
from csserv.views.parts.series_table import SeriesTable

#: most lines of a chart that can be told apart
MOST_LINES = 12

#: with at most so many steps, each has a marker
MARK_ALL_BELOW = 60


@dataclass(frozen=True, eq=False)
class Line:
    """The line of one zone of a table.

    Attributes
    ----------
    zone : number of the zone in the table
    name : in the legend
    title : of its result, where there are several
    on_right : whether its axis is on the right
    """

    table: SeriesTable
    zone: int
    name: str
    title: str = ""
    on_right: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What must stay equal for a line to be extended instead of drawn anew."""
        own = self.table
        return self.name, own.units, self.on_right, own.has_exact_dates, own.normals is None

    def columns(self, bars: bool = False) -> dict[str, NDArray[Any]]:
        """Return the columns from which it is drawn: time, value, share of data [%], label.

        What is shown of normals under the pointer follows, and where bars are.
        """
        columns = self.table.columns(self.zone)
        names = ["time", "value", "percent"] + ([] if self.table.has_exact_dates else ["label"])
        names += POINTED if self.table.normals else ()
        shown = {name: columns[name] for name in names}
        return shown | self.table.bars() if bars else shown


def lines_of(tables: Sequence[SeriesTable], two_axes: bool = False) -> list[Line]:
    """Return the lines for some tables: the first zones of each, ``MOST_LINES`` together.

    Tables with other units than the first have their axis on the right, and with ``two_axes`` all
    tables but the first, if units are the same. Tables with a third kind of units are left out.
    """
    most = max(1, MOST_LINES // max(len(tables), 1))
    units = units_of(tables)
    lines = []
    for place, (table, title) in enumerate(zip(tables, _titles(tables), strict=True)):
        if table.units not in units[:2]:
            continue
        right = place > 0 and (table.units != units[0] or (two_axes and len(units) == 1))
        for zone, name in enumerate(table.zones[:most]):
            label = f"{name}: {title}" if len(tables) > 1 else name
            alone = title if 1 == len(table.zones) < len(tables) else ""
            lines.append(Line(table, zone, label, alone, right))
    return lines


def units_of(tables: Sequence[SeriesTable]) -> list[str]:
    """List the different units of tables, in their order."""
    return list(dict.fromkeys(table.units for table in tables))


def isolated(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which steps have a value, but none beside them: a line does not show these."""
    padded = np.concatenate([[False], ~np.isnan(values), [False]])
    found: NDArray[np.bool_] = padded[1:-1] & ~padded[:-2] & ~padded[2:]
    return found


def with_marker(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which steps get a marker: all of a few steps, else those without valid neighbours.

    >>> with_marker(np.array([1.0] + 60 * [2.0] + [np.nan, 3.0])).nonzero()[0].tolist()
    [62]
    """
    there = ~np.isnan(values)
    if len(values) <= MARK_ALL_BELOW:
        return there
    return isolated(values)


def _titles(tables: Sequence[SeriesTable]) -> list[str]:
    """Return titles of tables, with their period where titles are equal."""
    titles = [table.title for table in tables]
    return [
        f"{title}, {str(table.period).replace('/', ' to ')}" if titles.count(title) > 1 else title
        for title, table in zip(titles, tables, strict=True)
    ]
