"""Reads a window of the grid as one array, north up, whatever order the file has."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats, Window
from csserv.catalog.read.source import Source


def read_window(source: Source, window: Window) -> Floats:
    """Read the steps of a source in a window.

    Parameters
    ----------
    window : part of the grid; it may pass the last column of a grid round the globe

    Returns
    -------
    values : (time, lat, lon) float64, north up, columns from west to east, NaN where missing
    """
    return source.layout.packing.values(read_stored(source, window))


def read_stored(source: Source, window: Window) -> NDArray[Any]:
    """Read the numbers of a window as they are stored, ``(time, lat, lon)``."""
    spans = _spans(window, source.layout.columns)
    return np.concatenate([_field(source, window, span) for span in spans], axis=2)


def _spans(window: Window, columns: int) -> list[tuple[int, int]]:
    """Split a window that passes the last column in two; (first, last + 1) columns of each."""
    start = window.column % columns
    end = start + window.columns
    if end <= columns:
        return [(start, end)]
    return [(start, columns), (0, end - columns)]


def _field(source: Source, window: Window, span: tuple[int, int]) -> NDArray[Any]:
    """Read some columns of a window, north up and eastwards."""
    layout = source.layout
    rows = range(*layout.file_rows(window.row, window.row + window.rows))
    columns = range(*layout.file_columns(*span))
    field = np.empty((len(source.steps), len(rows), len(columns)), layout.packing.native)
    wanted = (source.steps, rows, columns)
    with source.cut(rows, columns).open() as reader:
        every = (_chunks(r, c) for r, c in zip(wanted, layout.chunk, strict=True))
        for times, rows_, columns_ in itertools.product(*every):
            part = np.empty([one.length for one in (times, rows_, columns_)], field.dtype)
            piece = reader.read((times.number, rows_.number, columns_.number))
            piece.copy(times.inner, rows_.inner, columns_.inner, part)
            field[times.outer, rows_.outer, columns_.outer] = part
    if layout.south_up:
        field = field[:, ::-1]
    return field[:, :, ::-1] if layout.east_first else field


@dataclass(frozen=True)
class _Overlap:
    """The overlap of a chunk and a range: as a slice of the range, and as a slice of the chunk."""

    number: int
    length: int
    outer: slice
    inner: slice


def _chunks(wanted: range, length: int) -> list[_Overlap]:
    found = []
    for number in range(wanted.start // length, -(-wanted.stop // length)):
        first = max(wanted.start, number * length)
        last = min(wanted.stop, (number + 1) * length)
        outer = slice(first - wanted.start, last - wanted.start)
        inner = slice(first - number * length, last - number * length)
        found.append(_Overlap(number, last - first, outer, inner))
    return found
