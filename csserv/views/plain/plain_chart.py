"""The chart of one series as a drawing: bars of amounts, lines of others, normals behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from csserv.language import current_language, mark, tr
from csserv.views.parts.series_table import BAR_SHARES
from csserv.views.plain.axis_ticks import Seconds, TimeTick, tick_texts, time_ticks, value_ticks
from csserv.views.plain.chart_data import ChartData
from csserv.views.plain.drawing import (
    LOOKS,
    Box,
    Drawing,
    Path,
    Point,
    Shape,
    Words,
    mirrored,
    text_width,
    wrapped,
)
from csserv.views.plain.thinning import thinned

#: space around, at least, and height of a line of text [pixels]
MARGIN, LINE = 12.0, 17.0

#: pixels that a bar, and a part of a line, have at least
NARROWEST = 1.6

#: so many bars say their value under the pointer
MOST_NOTES = 62

#: look → what the legend calls it
KEYS = {
    "bar": mark("each step"),
    "part": mark("a step in part"),
    "line": mark("value"),
    "outer": mark("normal: 8 of 10 years"),
    "inner": mark("middle third of years"),
    "middle": mark("median"),
    "missing": mark("no data"),
}


def plain_chart(data: ChartData, width: float, height: float) -> Drawing:
    """Draw a series.

    Parameters
    ----------
    width, height : of the whole picture, with its title and source [pixels]
    """
    room = width - 2 * MARGIN
    heads = [*_lines("head", data.title, room), *_lines("text", data.quantity, room)]
    keys = _legend(data, room)
    feet = [line for one in data.source for line in _lines("text", one, room)]
    top = MARGIN + LINE * (len(heads) + len({key.row for key in keys})) + 14
    bottom = height - MARGIN - LINE * len(feet) - 2 * LINE - 12
    plot = Plot.of(data, width, top, max(bottom, top + 60))
    words: list[Shape] = [
        *_texts(heads, MARGIN),
        *_key_shapes(keys, MARGIN + LINE * len(heads) + 4),
        *_texts(feet, height - MARGIN - LINE * len(feet) + 4),
    ]
    if current_language().direction == "rtl":  # time still runs from left to right
        words = mirrored(words, width)
    shapes = [Box("paper", 0, 0, width, height), *words, *plot.shapes()]
    title = f"{data.title}: {data.quantity}. {' '.join(data.source)}"
    return Drawing(width, height, title, tuple(shapes))


@dataclass(frozen=True, eq=False)
class Plot:
    """The part of a chart with the axes; edges in pixels."""

    data: ChartData
    ticks: list[float]
    left: float
    right: float
    top: float
    bottom: float

    @classmethod
    def of(cls, data: ChartData, width: float, top: float, bottom: float) -> Plot:
        """Lay out the axes; what cannot be told apart is drawn together."""
        ticks = value_ticks(*_range(data), most=max(3, round((bottom - top) / 30)))
        size = LOOKS["text"].size
        left = MARGIN + max(text_width(text, size) for text in tick_texts(ticks)) + 6
        right = width - MARGIN
        few = thinned(data, int((right - left) / NARROWEST))
        return cls(few, ticks, left, right, top, bottom)

    def x(self, second: float) -> float:
        """Return the place of a time."""
        start, end = self.data.starts[0], self.data.ends[-1]
        return float(self.left + (second - start) / (end - start) * (self.right - self.left))

    def y(self, value: float) -> float:
        """Return the place of a value; one beyond the axis is at its end."""
        low, high = self.ticks[0], self.ticks[-1]
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return float(self.bottom - share * (self.bottom - self.top))

    def shapes(self) -> Iterator[Shape]:
        """Yield what is drawn, the lowest first."""
        yield from self._missing()
        for value in self.ticks:
            ends = (self.left, self.y(value)), (self.right, self.y(value))
            yield Path("grid", ends)
        for look, (low, high) in zip(("outer", "inner"), self.data.bands, strict=False):
            yield from self._band(look, low, high)
        if self.data.as_bars:
            yield from self._bars()
        else:
            yield from self._line()
        if self.data.bands:
            yield from self._level_line(self.data.middle)
        if self.ticks[0] <= 0 <= self.ticks[-1] and self.data.as_bars:
            yield Path("zero", ((self.left, self.y(0)), (self.right, self.y(0))))
        yield from self._labels()

    @cached_property
    def _edges(self) -> list[tuple[float, float]]:
        """Left and right edge of each step."""
        pairs = zip(self.data.starts.tolist(), self.data.ends.tolist(), strict=True)
        return [(self.x(a), self.x(b)) for a, b in pairs]

    def _missing(self) -> Iterator[Shape]:
        for run in _runs(np.isnan(self.data.values)):
            left, right = self._edges[run.start][0], self._edges[run.stop - 1][1]
            yield Box("missing", left, self.top, max(right - left, 1.0), self.bottom - self.top)

    def _band(self, look: str, low: NDArray[np.float64], high: NDArray[np.float64]) -> list[Path]:
        runs = self._touching(np.isfinite(low) & np.isfinite(high))
        return [
            Path(look, (*self._level(high, run), *reversed(self._level(low, run))), closed=True)
            for run in runs
        ]

    def _level_line(self, values: NDArray[np.float64]) -> list[Path]:
        return [
            Path("middle", tuple(self._level(values, run)))
            for run in self._touching(np.isfinite(values))
        ]

    def _level(self, values: NDArray[np.float64], run: slice) -> list[Point]:
        """Return points of a line that is level from one edge of a step to the other."""
        pairs = zip(self._edges[run], values[run].tolist(), strict=True)
        return [(x, self.y(value)) for edges, value in pairs for x in edges]

    def _bars(self) -> Iterator[Shape]:
        data, zero = self.data, self.y(min(max(0.0, self.ticks[0]), self.ticks[-1]))
        share = BAR_SHARES[bool(data.bands)]
        with_notes = len(data.values) <= MOST_NOTES
        rows = zip(self._edges, data.values.tolist(), data.complete, data.notes, strict=True)
        for (left, right), value, whole, note in rows:
            if np.isnan(value):
                continue
            width = max((right - left) * share, min(right - left, 1.0))
            top, bottom = sorted((self.y(value), zero))
            place = left + (right - left - width) / 2
            height, said = max(bottom - top, 0.6), note if with_notes else ""
            yield Box("bar" if whole else "part", place, top, width, height, said)

    def _line(self) -> Iterator[Shape]:
        middles = [((a + b) / 2) for a, b in self._edges]
        places = [(x, self.y(v)) for x, v in zip(middles, self.data.values.tolist(), strict=True)]
        few = len(places) <= MOST_NOTES
        for run in self._touching(np.isfinite(self.data.values)):
            points = places[run]
            if len(points) > 1:
                yield Path("line", tuple(points))
            for (x, y), note in zip(points, self.data.notes[run], strict=True):
                if few or len(points) == 1:
                    yield Box("mark", x - 2, y - 2, 4, 4, note)

    def _touching(self, there: NDArray[np.bool_]) -> list[slice]:
        """Return runs of steps of which each begins where, or about where, that before it ends."""
        gaps = self.data.starts[1:] - self.data.ends[:-1]
        length = np.minimum(np.diff(self.data.starts), self.data.ends[:-1] - self.data.starts[:-1])
        apart = np.flatnonzero(gaps > 0.5 * length) + 1
        return [
            slice(first, last) for run in _runs(there) for first, last in _cut(run, apart.tolist())
        ]

    def _labels(self) -> Iterator[Shape]:
        for value, text in zip(self.ticks, tick_texts(self.ticks), strict=True):
            yield Words("text", self.left - 6, self.y(value) + 4, text, "end")
        start, end = float(self.data.starts[0]), float(self.data.ends[-1])
        most = max(2, int((self.right - self.left) / 50))
        step = float((self.data.ends - self.data.starts).min())
        ticks = time_ticks(start, end, most, step)
        for tick, after in zip(ticks, [*(one.place for one in ticks[1:]), end], strict=True):
            x = self._tick_place(tick, after)
            for line, text in enumerate((tick.label, tick.below)):
                if text and x < self.right - 4:
                    yield Words("text", x, self.bottom + 16 + LINE * line, text, "middle")

    def _tick_place(self, tick: TimeTick, after: Seconds) -> float:
        """Return where a tick is: below the middle of a bar that begins there, if that is alone.

        Parameters
        ----------
        after : where the next tick is, or the chart ends
        """
        begins = np.abs(self.data.starts - tick.place) < 1
        places = np.flatnonzero(begins & (self.data.ends <= after))
        if places.size and self.data.as_bars:
            left, right = self._edges[int(places[0])]
            return (left + right) / 2
        return max(self.x(tick.place), self.left + 8)


@dataclass(frozen=True)
class Key:
    """An entry of the legend: its look, text, row, and place in that."""

    look: str
    text: str
    row: int
    x: float


def _legend(data: ChartData, room: float) -> list[Key]:
    names = ["bar" if data.as_bars else "line"]
    names += ["part"] * (data.as_bars and not bool(data.complete.all()))
    names += ["outer", "inner", "middle"] if data.bands else []
    names += ["missing"] if bool(np.isnan(data.values).any()) else []
    keys: list[Key] = []
    x, row = 0.0, 0
    for name in names if len(names) > 1 else ():  # one alone needs no key
        of = tr(", ") + data.reference if name == "outer" else ""
        text = tr(KEYS[name]) + of
        width = 24 + text_width(text, LOOKS["text"].size)
        if x and x + width > room:
            x, row = 0.0, row + 1
        keys.append(Key(name, text, row, MARGIN + x))
        x += width
    return keys


def _key_shapes(keys: list[Key], top: float) -> Iterator[Shape]:
    for key in keys:
        y = top + LINE * key.row + 9
        if LOOKS[key.look].fill:
            for look in ("outer",) * (key.look == "inner") + (key.look,):  # it lies over that
                yield Box(look, key.x, y - 6, 12, 12)
        else:
            yield Path(key.look, ((key.x, y), (key.x + 12, y)))
        yield Words("text", key.x + 16, y + 4, key.text)


def _lines(look: str, text: str, room: float) -> list[Words]:
    return [Words(look, MARGIN, 0, line) for line in wrapped(text, room, LOOKS[look].size)]


def _texts(lines: list[Words], top: float) -> list[Words]:
    return [replace(one, y=top + LINE * (number + 0.8)) for number, one in enumerate(lines)]


def _range(data: ChartData) -> tuple[float, float]:
    """Return lowest and highest of what is drawn; amounts stand on zero."""
    bands = [edge for pair in data.bands for edge in pair]
    every = np.concatenate([data.values, data.middle, *bands])
    known = every[np.isfinite(every)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if data.as_bars:
        low, high = min(low, 0.0), max(high, 0.0)
    size = max(abs(low), abs(high)) or 1.0
    if high - low > 1e-9 * size:
        return low, high
    return low - 0.5 * size * (not data.as_bars), high + 0.5 * size


def _runs(there: NDArray[np.bool_]) -> list[slice]:
    """Return the runs of steps that are there."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int)))
    return [slice(first, end) for first, end in ends.reshape(-1, 2).tolist()]


def _cut(run: slice, places: list[int]) -> list[tuple[int, int]]:
    inner = [place for place in places if run.start < place < run.stop]
    ends = [run.start, *inner, run.stop]
    return list(pairwise(ends))
