"""Classes of the zones of a map: which number is shown, their limits, looks and legend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.outputs.against import AGAINST
from csserv.outputs.words.rank_words import RAIN, comparison_words
from csserv.units import titled
from csserv.views.parts.key_figures import number_text
from csserv.views.parts.normals_table import TITLES

Floats = NDArray[np.float64]

#: limits of classes of per cent of normal
SHARES = (50.0, 75.0, 90.0, 110.0, 125.0, 150.0)

#: limits of classes of anomalies, as parts of the largest one
PARTS = (-0.7, -0.4, -0.1, 0.1, 0.4, 0.7)

#: how many classes values have
CLASSES = 5


@dataclass(frozen=True, eq=False)
class MapClasses:
    """What a map shows of each zone.

    Attributes
    ----------
    title : what the numbers are, with their units
    numbers : (zone,) NaN where there is none
    limits : between the classes, ascending; an equal number is in the upper class
    looks : of the classes, one more than limits
    """

    title: str
    numbers: Floats
    limits: tuple[float, ...]
    looks: tuple[str, ...]

    def look(self, zone: int) -> str:
        """Return the look of a zone."""
        number = self.numbers[zone]
        if np.isnan(number):
            return "unknown"
        return self.looks[int(np.searchsorted(self.limits, number, side="right"))]

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Look and text of each class, the highest first."""
        texts = [number_text(one) for one in self.limits]
        if not texts:
            known = self.numbers[np.isfinite(self.numbers)]
            spans = [number_text(float(known[0])) if len(known) else "no data"]
        else:
            between = [f"{a} to {b}" for a, b in pairwise(texts)]
            spans = [f"below {texts[0]}", *between, f"{texts[-1]} or more"]
        rows = list(zip(self.looks, spans, strict=True))[::-1]
        return rows + ([("unknown", "no data")] if np.isnan(self.numbers).any() else [])


def map_classes(plain: Mapping[str, Any], place: int) -> MapClasses:
    """Choose what a map shows: per cent of normal, else the anomaly, else the value.

    Parameters
    ----------
    plain : a result's JSON, of one operation and one series a zone
    place : of the step
    """
    said = plain.get("variable", {})
    words = comparison_words(said.get("standard_name"), said.get("long_name"))
    palette = "rain" if words is RAIN else "other"
    looks = tuple(f"{palette}{number}" for number in range(len(SHARES) + 1))
    for name in ("percent_of_normal", "anomaly"):
        numbers = _statistic(plain, name, place)
        if np.isfinite(numbers).any():
            limits = SHARES if name == "percent_of_normal" else _around_zero(numbers)
            plain_title, has_units = TITLES[name]
            title = titled(plain_title, plain["units"]) if has_units else plain_title
            return MapClasses(title, numbers, limits, looks)
    values = np.array([one["value"][place] for one in plain["series"]], dtype=float)
    limits = _even(values)
    value_looks = tuple(f"value{number}" for number in range(len(limits) + 1))
    return MapClasses(titled("Value", plain["units"]), values, limits, value_looks)


def _statistic(plain: Mapping[str, Any], name: str, place: int) -> Floats:
    rows = [one.get(AGAINST, {}).get(name) for one in plain["series"]]
    return np.array([row[place] if row else None for row in rows], dtype=float)


def _around_zero(numbers: Floats) -> tuple[float, ...]:
    largest = float(np.nanmax(np.abs(numbers))) or 1.0
    return tuple(float(f"{part * largest:.2g}") for part in PARTS)


def _even(values: Floats) -> tuple[float, ...]:
    """Return the limits of classes of equal width; none where all values are the same."""
    known = values[np.isfinite(values)]
    if not len(known) or known.min() == known.max():
        return ()
    edges = np.linspace(known.min(), known.max(), CLASSES + 1)[1:-1]
    return tuple(sorted({float(f"{edge:.3g}") for edge in edges}))
