"""Physical limits of quantities: rain is never negative, nothing is colder than 0 K."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Floats

#: words in the names of differences, which have no such limits
DIFFERENCE = re.compile(r"anomal|differ|departure|deviation|bias|error|change|trend|tendency", re.I)

#: pattern of the border of a word in a name
_EDGE = r"(?:^|[\W_]|$)"

NO_UNITS = ("", "1", "-", "unitless", "dimensionless", "fraction", "0-1")


@dataclass(frozen=True)
class Quantity:
    """A physical quantity with limits.

    Attributes
    ----------
    limits : what the limits are, as a sentence
    names : pattern of a standard name, long name or variable name
    units : units in which the limits hold; empty if in any
    low, high : the limits
    """

    limits: str
    names: str
    units: tuple[str, ...]
    low: float
    high: float

    def allows(self, values: Floats, slack: float = 0.0) -> NDArray[np.bool_]:
        """Return a mask of the values within the limits, give or take ``slack``."""
        return (values >= self.low - slack) & (values <= self.high + slack)


#: the first that matches counts
QUANTITIES = (
    Quantity(
        "a vegetation index lies in -1 to 1",
        rf"{_EDGE}n?dvi{_EDGE}|{_EDGE}e?evi2?{_EDGE}|vegetation.index",
        NO_UNITS,
        -1,
        1,
    ),
    Quantity(
        "rain is never negative", rf"precip|rainfall|{_EDGE}(?:rain|pr|tp){_EDGE}", (), 0, inf
    ),
    Quantity(
        "a temperature in K lies in 0 to 400", "temp", ("K", "kelvin", "Kelvin", "degK"), 0, 400
    ),
    Quantity(
        "a temperature lies in -100 to 150 °C",
        "temp",
        ("degC", "C", "Celsius", "celsius", "degree_Celsius", "degrees_Celsius", "deg_C", "°C"),
        -100,
        150,
    ),
    Quantity("a fraction lies in 0 to 1", rf"_fraction{_EDGE}", NO_UNITS, 0, 1),
    Quantity("a humidity lies in 0 to 200 %", "relative.humidity", ("%", "percent"), 0, 200),
    Quantity(
        "a wind speed lies in 0 to 200 m/s", "wind.speed", ("m/s", "m s-1", "m s**-1"), 0, 200
    ),
)


def find_quantity(names: Iterable[str], units: str) -> Quantity | None:
    """Find the quantity of a variable; None if no limits are known.

    Parameters
    ----------
    names : of the variable, the most reliable first; empty ones are skipped
    """
    known = [name for name in names if name]
    if any(DIFFERENCE.search(name) for name in known):
        return None
    fitting = [one for one in QUANTITIES if not one.units or units in one.units]
    found = (one for name in known for one in fitting if re.search(one.names, name, re.I))
    return next(found, None)
