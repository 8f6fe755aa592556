"""What values of a kind can be at all: rain is never negative, nothing is colder than 0 K."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Floats

#: words of what is a difference of two, which may be anything
DIFFERENCE = re.compile(r"anomal|differ|departure|deviation|bias|error|change|trend|tendency", re.I)

#: nothing between two words, or the ends of a name
_EDGE = r"(?:^|[\W_]|$)"

NO_UNITS = ("", "1", "-", "unitless", "dimensionless", "fraction", "0-1")


@dataclass(frozen=True)
class Kind:
    """Values of a kind.

    Attributes
    ----------
    said : what such a value is, and between which values it lies, as a sentence
    names : pattern of a variable's name, standard name or long name
    units : which they are in; any where empty
    """

    said: str
    names: str
    units: tuple[str, ...]
    low: float
    high: float

    def holds(self, values: Floats, slack: float = 0.0) -> NDArray[np.bool_]:
        """Which values can be."""
        return (values >= self.low - slack) & (values <= self.high + slack)


#: the first that fits counts
KINDS = (
    Kind(
        "a vegetation index lies in -1 to 1",
        rf"{_EDGE}n?dvi{_EDGE}|{_EDGE}e?evi2?{_EDGE}|vegetation.index",
        NO_UNITS,
        -1,
        1,
    ),
    Kind("rain is never negative", rf"precip|rainfall|{_EDGE}(?:rain|pr|tp){_EDGE}", (), 0, inf),
    Kind("a temperature in K lies in 0 to 400", "temp", ("K", "kelvin", "Kelvin", "degK"), 0, 400),
    Kind(
        "a temperature lies in -100 to 150 °C",
        "temp",
        ("degC", "C", "Celsius", "celsius", "degree_Celsius", "degrees_Celsius", "deg_C", "°C"),
        -100,
        150,
    ),
    Kind("a fraction lies in 0 to 1", rf"_fraction{_EDGE}", NO_UNITS, 0, 1),
    Kind("a humidity lies in 0 to 200 %", "relative.humidity", ("%", "percent"), 0, 200),
    Kind("a wind speed lies in 0 to 200 m/s", "wind.speed", ("m/s", "m s-1", "m s**-1"), 0, 200),
)


def kind_of(names: Iterable[str], units: str) -> Kind | None:
    """Find what a variable is, by its names, the surest first, and its units; None if unknown."""
    known = [name for name in names if name]
    if any(DIFFERENCE.search(name) for name in known):
        return None
    fitting = [kind for kind in KINDS if not kind.units or units in kind.units]
    found = (
        kind for name in known for kind in fitting if re.search(kind.names, name, re.IGNORECASE)
    )
    return next(found, None)
