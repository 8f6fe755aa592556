"""Fewer steps to draw, where a picture has no room for all: highest and lowest values stay."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from csserv.views.plain.chart_data import ChartData

Floats = NDArray[np.float64]


def thinned(data: ChartData, most: int) -> ChartData:
    """Join neighbouring steps, so that at most so many are left.

    Bars keep the value that is furthest from zero; of lines the lowest and the highest stay, in
    their order. Bands and median become means, and a joined step without any value has none.
    """
    if len(data.values) <= most:
        return data
    groups = most if data.as_bars else max(most // 2, 1)
    edges = np.linspace(0, len(data.values), groups + 1).round().astype(int)
    firsts, lasts = edges[:-1], edges[1:] - 1
    bands = tuple((_means(low, firsts), _means(high, firsts)) for low, high in data.bands)
    joined = replace(
        data,
        starts=data.starts[firsts],
        ends=data.ends[lasts],
        values=_furthest(data.values, edges),
        complete=np.logical_and.reduceat(data.complete, firsts),
        bands=bands,
        middle=_means(data.middle, firsts) if data.bands else data.middle,
        notes=tuple(data.notes[first] for first in firsts),
    )
    return joined if data.as_bars else _with_extremes(joined, data.values, edges)


def _with_extremes(joined: ChartData, values: Floats, edges: NDArray[np.int_]) -> ChartData:
    """Cut each joined step in two: that of its lowest and that of its highest value."""
    pairs = [_extremes(values[a:b]) for a, b in pairwise(edges.tolist())]
    middles = (joined.starts + joined.ends) / 2
    return replace(
        joined,
        starts=np.stack([joined.starts, middles], axis=1).reshape(-1),
        ends=np.stack([middles, joined.ends], axis=1).reshape(-1),
        values=np.array(pairs).reshape(-1),
        complete=np.repeat(joined.complete, 2),
        bands=tuple((np.repeat(low, 2), np.repeat(high, 2)) for low, high in joined.bands),
        middle=np.repeat(joined.middle, 2),
        notes=tuple(note for note in joined.notes for _ in range(2)),
    )


def _extremes(values: Floats) -> tuple[float, float]:
    """Return lowest and highest value in the order in which they come."""
    if np.isnan(values).all():
        return np.nan, np.nan
    places = sorted((int(np.nanargmin(values)), int(np.nanargmax(values))))
    return float(values[places[0]]), float(values[places[1]])


def _furthest(values: Floats, edges: NDArray[np.int_]) -> Floats:
    """Return of each group the value that is furthest from zero; NaN where there is none."""
    size = np.where(np.isnan(values), -1.0, np.abs(values))
    places = [a + int(size[a:b].argmax()) for a, b in pairwise(edges.tolist())]
    return np.asarray(values[places], dtype=float)


def _means(values: Floats, firsts: NDArray[np.int_]) -> Floats:
    """Return the mean of each group, of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    count = np.add.reduceat(known.astype(float), firsts)
    total = np.add.reduceat(np.where(known, values, 0.0), firsts)
    means: Floats = np.divide(total, count, out=np.full(len(firsts), np.nan), where=count > 0)
    return means
