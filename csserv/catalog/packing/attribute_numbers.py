"""Reads numbers from netCDF attributes, which may hold them as text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from csserv.errors import GranuleError

#: source of a number that the row of the catalog states, not the file
GIVEN = "given"

#: a longer text is no number: of any type a file may have [characters]
LONGEST = 300

#: a number as people write it: -9999.f (C), 1.d20 (Fortran), 0b (CDL), NaN
_NUMBER = re.compile(
    r"(?P<digits>[+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:[eEdD](?P<power>[+-]?\d+))?[fFdDlLsSbBuU]{0,2}"
)
_NO_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<word>nan|inf|infinity)f?", re.IGNORECASE)


@dataclass(frozen=True)
class Numbers:
    """The numbers of an attribute.

    Attributes
    ----------
    name : of the attribute, or ``GIVEN``
    values : integers are Python integers, so they stay exact
    dtype : data type in the file; for text, int64 or float64 depending on how it is written
    """

    name: str
    values: tuple[float, ...]
    dtype: np.dtype[Any]

    @property
    def single(self) -> float:
        """The number, if it is a single one.

        Raises
        ------
        GranuleError : there are none, or several
        """
        if len(self.values) != 1:
            written = ", ".join(map(format_number, self.values[:3]))
            raise GranuleError(
                f"its {self.name} is {len(self.values)} numbers and not one ({written}); say what "
                "it is in the dataset's row"
            )
        return self.values[0]


def read_numbers(name: str, value: Any, field: str) -> Numbers:
    """Read the numbers of an attribute.

    Parameters
    ----------
    name : of the attribute
    value : as netCDF4 returns it: a number, an array, a text or a list of texts
    field : field of a row of the catalog that can replace the attribute

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


def format_number(number: float) -> str:
    """Format a number briefly; single-precision numbers get no more digits than they have.

    >>> format_number(-9999.0), format_number(1e20), format_number(float(np.float32(0.1)))
    ('-9999', '1e+20', '0.1')
    """
    if math.isnan(number):
        return "NaN"
    if abs(number) < 1e15 and number == int(number):
        return str(int(number))
    with np.errstate(over="ignore"):
        single = float(np.float32(number)) == number
    return f"{number:.7g}" if single else f"{number:.10g}"


def exact_number(number: float) -> str:
    """Format a number so that it is the same when it is read again.

    >>> exact_number(-9999.0), exact_number(float(np.float32(-3.4028235e38)))
    ('-9999', '-3.4028235e+38')
    """
    text = format_number(number)
    with np.errstate(over="ignore"):
        kind = np.float32 if float(np.float32(number)) == number else np.float64
    return text if math.isnan(number) or kind(text) == kind(number) else str(kind(number))


def _words(text: Any) -> list[str]:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return [word for word in re.split(r"[\s,;:\[\](){}\0]+", plain) if word]


def _parsed(word: str) -> float | None:
    if odd := _NO_NUMBER.fullmatch(word):
        return float(odd["sign"] + odd["word"])
    found = _NUMBER.fullmatch(word) if len(word) <= LONGEST else None
    if not found:
        return None
    if found["power"] is None and "." not in found["digits"]:
        whole = int(found["digits"])
        return whole if abs(whole) < 2**64 else float(whole)
    number = float(f"{found['digits']}e{found['power'] or 0}")
    return number if math.isfinite(number) else None
