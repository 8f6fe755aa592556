"""The bands behind a series that show what is normal: where 8, and 3, of 10 years were."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from csserv.language import mark, tr
from csserv.views.parts.normals_table import INNER, MIDDLE, OUTER, Normals
from csserv.views.parts.series_table import SeriesTable

#: steps whose beginnings are more than so many lengths apart have a gap between them [1]
APART = 1.5

#: a name of a band or line, as a legend has it
OUTER_NAME, INNER_NAME = mark("10 to 90 %"), mark("33 to 67 %")
MIDDLE_NAME = mark("median, {years}")

#: how much of what lies behind the outer band it hides, and the inner one, which lies over it [1]
BAND_ALPHAS = (0.16, 0.24)

#: the same where the outer band ends at the inner one, so that a legend looks as the chart does
APART_ALPHAS = (0.16, 0.36)

Column = NDArray[np.generic]


def band_rows(
    table: SeriesTable, normals: Normals, zone: int = 0, bars: bool = False
) -> dict[str, Column]:
    """Return what is normal as rows to draw: each step is level from one edge to the other.

    Parameters
    ----------
    normals : those of the table
    bars : whether values are drawn from the beginning of a step to its end, not at its beginning

    Returns
    -------
    columns : ``time`` and the statistics of ``normals_table``; a row without numbers stands between
        steps that do not follow one another, and there is none at steps of which nothing is said
    """
    numbers = {name: normals.numbers[name][:, zone] for name in (*OUTER, *INNER, MIDDLE)}
    left, right = _spans(table) if bars else _edges(table)
    breaks = left[1:] != right[:-1]
    places = np.repeat(np.arange(len(left)), 2)
    times = np.stack([left, right], axis=1).reshape(-1)
    holes = 2 * np.flatnonzero(breaks) + 2
    rows = {name: np.insert(array[places], holes, np.nan) for name, array in numbers.items()}
    return {"time": np.insert(times, holes, right[:-1][breaks]), **rows}


def band_outline(rows: dict[str, Column], pair: tuple[str, str]) -> dict[str, Column]:
    """Return the outline of a band for bokeh: along the top, back along the bottom, gaps between.

    Parameters
    ----------
    rows : of ``band_rows``
    pair : names of its lower and its upper edge
    """
    low, high = (np.asarray(rows[name], dtype=float) for name in pair)
    time = np.asarray(rows["time"]).astype("datetime64[ms]").astype(float)
    x: list[Column] = []
    y: list[Column] = []
    for run in _runs(np.isfinite(low) & np.isfinite(high)):
        x += [time[run], time[run][::-1], np.array([np.nan])]
        y += [high[run], low[run][::-1], np.array([np.nan])]
    return {
        name: np.concatenate(parts)[:-1] if parts else np.array([])
        for name, parts in (("time", x), ("value", y))
    }


def bands_apart(rows: dict[str, Column]) -> tuple[dict[str, Column], dict[str, Column]]:
    """Return the outlines of the outer band, above and below the inner one, and of the inner one.

    Parameters
    ----------
    rows : of ``band_rows``
    """
    above, below = (
        band_outline(rows, pair) for pair in ((INNER[1], OUTER[1]), (OUTER[0], INNER[0]))
    )
    gap = [[np.nan]] if len(above["time"]) and len(below["time"]) else []
    outer = {name: np.concatenate([above[name], *gap, below[name]]) for name in above}
    return outer, band_outline(rows, INNER)


def band_names(normals: Normals) -> tuple[str, str, str]:
    """Return what a legend calls the outer band, the inner one, and the line."""
    return tr(OUTER_NAME), tr(INNER_NAME), tr(MIDDLE_NAME, years=normals.reference)


def _spans(table: SeriesTable) -> tuple[Column, Column]:
    """Return where steps begin and end."""
    left = table.positions.astype("datetime64[s]")
    right = left + (table.lengths * 86400).astype("timedelta64[s]")
    # of another calendar, steps that touch may be a day apart in the real one
    near = np.abs((left[1:] - right[:-1]).astype(float)) < 0.5 * 86400 * table.lengths[:-1]
    right[:-1][near] = left[1:][near]
    return left, right


def _edges(table: SeriesTable) -> tuple[Column, Column]:
    """Return where steps begin and end on the axis: half a step to each side of their value."""
    places = table.positions.astype("datetime64[s]")
    lengths = table.lengths * 86400
    half = (lengths / 2).astype("timedelta64[s]")
    left, right = places - half, places + half
    apart = np.diff(places).astype(float)
    near = apart <= APART * lengths[:-1]
    middle = places[:-1] + (apart / 2).astype("timedelta64[s]")
    right[:-1][near] = left[1:][near] = middle[near]
    return left, right


def _runs(there: NDArray[np.bool_]) -> Iterator[slice]:
    """Yield the runs of rows that are there."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int)))
    for first, end in ends.reshape(-1, 2).tolist():
        yield slice(first, end)
