"""Reads time sums for the cells of a tile, in the order in which days would be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.chunk_readers import Reader
from csserv.catalog.read.source import Source, Unpackers
from csserv.tasks.sums.sums_file import DAYS, LOST, TOTAL, MonthSums
from csserv.zonal.band import Band
from csserv.zonal.over_time.resample import LongerStep, Resampler, longer_step
from csserv.zonal.over_time.step_cells import StepCells
from csserv.zonal.tiles import Tile


@dataclass(eq=False)
class SumsReader:
    """Reads sums, file by file.

    Attributes
    ----------
    layout : of the files of the data, whose chunks tiles are
    """

    layout: Layout
    _unpackers: dict[str, Unpackers] = field(default_factory=dict)

    def steps(
        self, sums: MonthSums, tile: Tile, resampler: Resampler
    ) -> Iterator[tuple[Band, LongerStep]]:
        """Yield the longer steps that end in a file, band by band.

        Raises
        ------
        GranuleError : the file is gone, has changed, or is damaged
        """
        how = resampler.how
        for band, cells in self._cells(sums, tile, how.rule):
            if how.window == 1 and not how.joins_months:
                first = how.place_of[int(sums.numbers[0])]
                yield band, longer_step(how, cells, slice(first, first + len(sums.numbers)))
                continue
            pairs = zip(sums.numbers.tolist(), sums.months.tolist(), strict=True)
            for place, (number, month) in enumerate(pairs):
                one = StepCells(
                    how.rule, cells.values[place], cells.days[place], cells.steps[place]
                )
                for longer in resampler.add_month(band, number, month, one):
                    yield band, longer

    def _cells(self, sums: MonthSums, tile: Tile, rule: str) -> Iterator[tuple[Band, StepCells]]:
        """Yield of each band what is known of its (months, m) cells."""
        _, height, width = self.layout.chunk
        top, left = tile.row * height, tile.column * width
        columns = _shifted(_around([band.columns for band in tile.bands]), left)
        with ExitStack() as stack:
            variables = {}
            for one in sums.variables:
                memory = self._unpackers.setdefault(one.variable, Unpackers())
                reader = stack.enter_context(one.open(memory))
                variables[one.variable] = _Variable(one, reader, columns)
            for band in tile.bands:
                rows, mine = _shifted(band.rows, top), _shifted(band.columns, left)
                found: dict[str, NDArray[Any]] = {
                    name: band.choose(one.cells(sums.places, rows, mine))
                    for name, one in variables.items()
                }
                steps = np.asarray(sums.steps[:, None] - found[LOST], np.float64)
                yield band, StepCells(rule, found[TOTAL], found.get(DAYS, steps), steps)


@dataclass(eq=False)
class _Variable:
    """An open variable, and the rows that were read of it last: bands follow each other.

    Attributes
    ----------
    columns : that are read
    """

    source: Source
    reader: Reader
    columns: slice
    _rows: range = range(0)
    _numbers: NDArray[Any] | None = None

    def cells(self, places: NDArray[np.int64], rows: slice, columns: slice) -> NDArray[Any]:
        """Return (places, cells) numbers of a part of the grid."""
        if self._numbers is None or not _is_within(rows, self._rows):
            length = self.source.layout.chunk[1]
            last = min(-(-rows.stop // length) * length, self.source.layout.rows)
            self._rows = range(rows.start // length * length, last)
            self._numbers = self._read()
        mine, along = _shifted(rows, -self._rows.start), _shifted(columns, -self.columns.start)
        return self._numbers[places, mine, along].reshape(len(places), -1)

    def _read(self) -> NDArray[Any]:
        """Read rows of whole chunks."""
        layout = self.source.layout
        wanted = (self.source.steps, self._rows, range(self.columns.start, self.columns.stop))
        found = np.empty([len(one) for one in wanted], layout.packing.native)
        touched = [
            range(one.start // length, -(-one.stop // length))
            for one, length in zip(wanted, layout.chunk, strict=True)
        ]
        for place in product(*touched):
            step, row, column = (
                _overlap(number, length, one)
                for number, length, one in zip(place, layout.chunk, wanted, strict=True)
            )
            piece = self.reader.read((place[0], place[1], place[2]))
            out = found[step[1], row[1], column[1]]
            piece.copy(step[0], row[0], column[0], out)
        return found


def _overlap(number: int, length: int, span: range) -> tuple[slice, slice]:
    """Return where a chunk and a span overlap: in the chunk, and in the span."""
    start = number * length
    first, last = max(start, span.start), min(start + length, span.stop)
    return slice(first - start, last - start), slice(first - span.start, last - span.start)


def _around(spans: list[slice]) -> slice:
    return slice(min(one.start for one in spans), max(one.stop for one in spans))


def _is_within(span: slice, whole: range) -> bool:
    return bool(whole.start <= span.start and span.stop <= whole.stop)


def _shifted(span: slice, by: int) -> slice:
    return slice(span.start + by, span.stop + by)
