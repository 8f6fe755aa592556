"""What a coordinate measures, by its units: degrees north or east, plain degrees, a length."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np


class Measure(Enum):
    """What numbers along an axis are."""

    LATITUDE = "degrees north"
    LONGITUDE = "degrees east"
    DEGREES = "degrees of something"
    RADIANS = "radians of something"
    LENGTH = "a length"
    NOTHING = "not said"
    OTHER = "something else"


ANGLES = (Measure.LATITUDE, Measure.LONGITUDE, Measure.DEGREES, Measure.RADIANS)


@dataclass(frozen=True)
class Units:
    """Units of a coordinate, and how many degrees or metres one of them is."""

    measure: Measure
    factor: float = 1.0  #: of those that are neither angles nor lengths, 1

    @property
    def is_angle(self) -> bool:
        """Whether they are degrees of any kind, or radians."""
        return self.measure in ANGLES


#: CF 1.11, sections 4.1 and 4.2, and what is written instead
_DEGREES = r"(?:decimal[ _])?deg(?:ree)?s?"
_PATTERNS = (
    (rf"{_DEGREES}[ _]?(?:n|north|latitude)", Units(Measure.LATITUDE)),
    (rf"{_DEGREES}[ _]?(?:e|east|longitude)", Units(Measure.LONGITUDE)),
    (rf"{_DEGREES}(?:[ _]s|[ _]?south)", Units(Measure.LATITUDE, -1.0)),  # "degrees" is none
    (rf"{_DEGREES}[ _]?(?:w|west)", Units(Measure.LONGITUDE, -1.0)),
    (rf"{_DEGREES}|°|arc_?degrees?", Units(Measure.DEGREES)),
    (r"arc_?min(?:ute)?s?", Units(Measure.DEGREES, 1 / 60)),
    (r"arc_?sec(?:ond)?s?", Units(Measure.DEGREES, 1 / 3600)),
    (r"rad|radians?", Units(Measure.RADIANS, float(np.rad2deg(1.0)))),
    (r"micro_?radians?|[uµμ]rad", Units(Measure.RADIANS, float(np.rad2deg(1e-6)))),
    (r"m|met(?:er|re)s?", Units(Measure.LENGTH)),
    (r"km|kilo_?met(?:er|re)s?|1000 ?m", Units(Measure.LENGTH, 1000.0)),
    (r"ft|foot|feet|international_(?:foot|feet)", Units(Measure.LENGTH, 0.3048)),
    (r"us_survey_(?:foot|feet)|ftus|us-ft", Units(Measure.LENGTH, 1200 / 3937)),
    (r"", Units(Measure.NOTHING)),
)


@lru_cache(maxsize=256)  # the same few texts in thousands of files
def units_of(text: str) -> Units:
    """Say what units are.

    >>> units_of("degrees_north").measure, units_of("km").factor
    (<Measure.LATITUDE: 'degrees north'>, 1000.0)
    """
    plain = text.strip().lower()
    for pattern, units in _PATTERNS:
        if re.fullmatch(pattern, plain):
            return units
    return Units(Measure.OTHER)
