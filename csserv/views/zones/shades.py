"""Classes of the numbers of zones, with colours that colour-blind people can tell apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from bokeh.palettes import PuOr, Viridis

from csserv.language import listed, local_number, tr
from csserv.language.data_words import CLASSES as CLASSES_OF_SCORES
from csserv.units import is_temperature, titled
from csserv.views.parts.normals_table import TITLES, Floats

#: number of classes of values, and of what lies on both sides of a middle
CLASSES = 7

#: kind → colours from low to high, whose middle is near normal
DIVERGING: Mapping[str, tuple[str, ...]] = {
    "rain": ("#774300", "#bd8126", "#efd08a", "#f7f7f7", "#98d3e8", "#3d8fb0", "#0a4a66"),
    "warmth": ("#2166ac", "#67a9cf", "#c3dff0", "#f7f7f7", "#fbcfb8", "#e87c52", "#a8152b"),
    "other": tuple(PuOr[CLASSES]),
    "score": ("#774300", "#bd8126", "#efd08a", "#f7f7f7", "#98d3e8", "#3d8fb0", "#0a4a66"),
}

#: standardized indices: where classes begin; their names are those of results
SCORES = (-2.0, -1.5, -1.0, 1.0, 1.5, 2.0)

#: per cent of normal, and rank: where classes begin
PERCENTS = (50.0, 75.0, 90.0, 110.0, 125.0, 150.0)
RANKS = (10.0, 33.0, 67.0, 90.0)

#: shares of the numbers that the inner classes hold [%]
INNER = (3.0, 97.0)

#: steps between round numbers, times a power of ten
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Shades:
    """Classes of numbers, low to high.

    Attributes
    ----------
    title : what the numbers are, with their units
    edges : where each class but the lowest begins; a number on an edge is in the higher class
    colours : of the classes, one more than edges
    names : of the classes, as many; empty for classes that are called by their edges alone
    """

    title: str
    edges: tuple[float, ...]
    colours: tuple[str, ...]
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.colours) != len(self.edges) + 1:
            raise ValueError(f"{len(self.colours)} colours for {len(self.edges)} edges")

    def places(self, numbers: Floats) -> Floats:
        """Return the class of each number, 0 for the lowest; NaN of NaN."""
        found = np.searchsorted(self.edges, numbers, side="right").astype(float)
        return np.where(np.isnan(numbers), np.nan, found)

    @property
    def labels(self) -> tuple[str, ...]:
        """What lies in each class: "under 50", "50 to 75", "150 and more", or after its name."""
        if not self.edges:
            return (tr("all"),)
        texts = [edge_text(edge) for edge in self.edges]
        inner = [tr("{low} to {high}", low=a, high=b) for a, b in pairwise(texts)]
        ends = tr("under {edge}", edge=texts[0]), tr("{edge} and more", edge=texts[-1])
        spans = (ends[0], *inner, ends[1])
        if not self.names:
            return spans
        return tuple(listed([tr(name), span]) for name, span in zip(self.names, spans, strict=True))


def shades_of(name: str, numbers: Floats, units: str, kind: str, dark: bool) -> Shades:
    """Return the classes of some numbers.

    Parameters
    ----------
    name : what they are, as ``ZoneNumbers`` calls it
    numbers : all that are shown in these colours, of any shape; NaN where there is none
    units : of values
    kind : a key of ``DIVERGING``
    """
    title, has_units = tr(TITLES[name][0]), TITLES[name][1]
    if kind == "score" and name == "value":
        return Shades(title, SCORES, DIVERGING[kind], CLASSES_OF_SCORES)
    edges = EDGES.get(name, _edges_of_values)(numbers[np.isfinite(numbers)])
    if name == "value" and not (len(edges) == CLASSES - 1 and edges[0] == -edges[-1]):
        row = Viridis[CLASSES] if dark else Viridis[CLASSES][::-1]
    else:
        row = DIVERGING[kind]
    shown = titled(title, units) if has_units else title
    return Shades(shown, edges, _spread(tuple(row), len(edges) + 1))


def kind_of(units: str, is_amount: bool, is_score: bool = False) -> str:
    """Return which colours low and high numbers have: dry and wet, cold and warm, or others."""
    if is_score:
        return "score"
    if is_amount:
        return "rain"
    return "warmth" if is_temperature(units) else "other"


def edge_text(edge: float) -> str:
    """Write an edge without digits that it does not have.

    >>> edge_text(2500.0), edge_text(0.5), edge_text(0.0)
    ('2,500', '0.5', '0')
    """
    small = 0 < abs(edge) < 1e-4
    text = f"{edge:g}" if small else f"{edge:,.6f}".rstrip("0").rstrip(".")
    return local_number(text).replace("-", "\u2212")


def _edges_of_values(known: Floats) -> tuple[float, ...]:
    """Return round edges between values; where these lie around zero, the same on both sides."""
    if not known.size:
        return ()
    low, high = np.percentile(known, INNER).tolist()
    if low < 0 < high and min(-low, high) > 0.15 * max(-low, high):
        return _edges_around_zero(known)
    if high <= low:
        low, high = float(known.min()), float(known.max())
    if high <= low:
        return ()
    step = _round_up((high - low) / (CLASSES - 1))
    first = math.ceil(low / step + 1e-9)
    edges = (step * n for n in range(first, first + CLASSES - 1))
    return tuple(float(f"{edge:.10g}") for edge in edges if low < edge <= high)


def _edges_around_zero(known: Floats) -> tuple[float, ...]:
    """Return round edges on both sides of zero, with a class in the middle."""
    far = float(np.percentile(np.abs(known), INNER[1])) if known.size else 0.0
    if not far:
        return ()
    step = _round_up(far / 3.5)
    edges = (step * n for n in (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5))
    return tuple(float(f"{edge:.10g}") for edge in edges)


def _round_up(least: float) -> float:
    """Return the next round number."""
    unit = 10.0 ** math.floor(math.log10(least))
    return next(one * unit for one in ROUND if one * unit >= least * (1 - 1e-9))


def _spread(row: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Return some colours of a row, as far apart as can be; the middle one for a single class."""
    if count == 1:
        return (row[len(row) // 2],)
    return tuple(row[round(n * (len(row) - 1) / (count - 1))] for n in range(count))


#: what is shown → how its edges are found among the known numbers; of others, as those of values
EDGES: Mapping[str, Callable[[Floats], tuple[float, ...]]] = {
    "anomaly": _edges_around_zero,
    "percent_of_normal": lambda known: PERCENTS,
    "percentile_rank": lambda known: RANKS,
}
