"""Which number of each zone a map of a report shows, in the classes of the page's own map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from csserv.language import tr
from csserv.outputs.against import AGAINST
from csserv.outputs.words.quantity_words import is_amount, is_score
from csserv.views.parts.normals_table import Floats
from csserv.views.zones.shades import Shades, kind_of, shades_of

#: look of zones without a number
UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class MapClasses:
    """What a map shows of each zone.

    Attributes
    ----------
    numbers : (zone,) NaN where there is none
    shades : classes of the numbers
    """

    numbers: Floats
    shades: Shades

    @property
    def title(self) -> str:
        """What the numbers are, with their units."""
        return self.shades.title

    def look(self, zone: int) -> str:
        """Return the look of a zone."""
        place = self.shades.places(self.numbers)[zone]
        return UNKNOWN if np.isnan(place) else self.shades.colours[int(place)]

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Look and text of each class, the highest first."""
        unknown = np.isnan(self.numbers)
        classes = list(zip(self.shades.colours, self.shades.labels, strict=True))[::-1]
        rows = [] if unknown.all() else classes
        return rows + ([(UNKNOWN, tr("no data"))] if unknown.any() else [])


def map_classes(plain: Mapping[str, Any], place: int) -> MapClasses:
    """Choose what a map shows: per cent of normal, else the anomaly, else the value.

    Parameters
    ----------
    plain : a result's JSON, of one operation and one series a zone
    place : of the step
    """
    units = plain["units"]
    kind = kind_of(units, is_amount(plain), is_score(plain))
    for name in ("percent_of_normal", "anomaly"):
        numbers = _statistic(plain, name, place)
        if np.isfinite(numbers).any():
            return MapClasses(numbers, shades_of(name, numbers, units, kind, dark=False))
    values = np.array([one["value"][place] for one in plain["series"]], dtype=float)
    return MapClasses(values, shades_of("value", values, units, kind, dark=False))


def _statistic(plain: Mapping[str, Any], name: str, place: int) -> Floats:
    rows = [one.get(AGAINST, {}).get(name) for one in plain["series"]]
    return np.array([row[place] if row else None for row in rows], dtype=float)
