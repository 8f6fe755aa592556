"""The numbers that an attribute holds, as numbers or as text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from csserv.errors import GranuleError

#: where a number is from that no attribute states, but the row of the catalog
GIVEN = "given"

#: a number as people write it: -9999.f (C), 1.d20 (Fortran), 0b (CDL), NaN
_NUMBER = re.compile(
    r"(?P<digits>[+-]?(?:\d+\.?\d*|\.\d+))(?:[eEdD](?P<power>[+-]?\d+))?[fFdDlLsSbBuU]{0,2}"
)
_NO_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<word>nan|inf|infinity)f?", re.IGNORECASE)


@dataclass(frozen=True)
class Numbers:
    """What an attribute holds.

    Attributes
    ----------
    name : of the attribute
    values : whole numbers are exact
    dtype : as they are stored; of text, whole numbers or floats, as they are written
    """

    name: str
    values: tuple[float, ...]
    dtype: np.dtype[Any]

    @property
    def one(self) -> float:
        """The only one.

        Raises
        ------
        GranuleError : there are none, or several
        """
        if len(self.values) != 1:
            raise GranuleError(f"its {self.name} is {len(self.values)} numbers and not one")
        return self.values[0]


def read_numbers(name: str, value: Any, field: str) -> Numbers:
    """Read an attribute.

    Parameters
    ----------
    value : as netCDF4 reads it: a number, an array, a text or a list of texts
    field : of a row of the catalog, that may be said instead

    Raises
    ------
    GranuleError : a text that is no number
    """
    array = np.asarray(value)
    if array.dtype.kind in "iuf":
        return Numbers(name, tuple(array.ravel().tolist()), array.dtype)
    words = [text for one in array.ravel().tolist() for text in _words(one)]
    found = [_parsed(word) for word in words]
    if not found or None in found:
        written = " ".join(words)[:60]
        raise GranuleError(
            f"its {name} is the text {written!r}, which is no number; "
            f"say what it is in its row: {field}"
        )
    numbers = tuple(one for one in found if one is not None)
    whole = all(isinstance(one, int) for one in numbers)
    return Numbers(name, numbers, np.dtype(np.int64 if whole else np.float64))


def shown(number: float) -> str:
    """Write a number as people do, one of single precision with no more digits than it has.

    >>> shown(-9999.0), shown(1e20), shown(65535), shown(float(np.float32(0.1)))
    ('-9999', '1e+20', '65535', '0.1')
    """
    if math.isnan(number):
        return "NaN"
    if abs(number) < 1e15 and number == int(number):
        return str(int(number))
    with np.errstate(over="ignore"):
        single = float(np.float32(number)) == number
    return f"{number:.7g}" if single else f"{number:.10g}"


def _words(text: Any) -> list[str]:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return [word for word in re.split(r"[\s,;:\[\](){}\0]+", plain) if word]


def _parsed(word: str) -> float | None:
    if odd := _NO_NUMBER.fullmatch(word):
        return float(odd["sign"] + odd["word"])
    found = _NUMBER.fullmatch(word)
    if not found:
        return None
    if found["power"] is None and "." not in found["digits"]:
        return int(found["digits"])
    number = float(f"{found['digits']}e{found['power'] or 0}")
    return number if math.isfinite(number) else None
