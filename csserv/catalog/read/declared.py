"""What the attributes of a variable, and its row of the catalog, declare of its packing.

An attribute's own type says what it speaks of (NetCDF Users Guide, attribute conventions; CF 1.11,
sections 2.5.1 and 8.1): of stored numbers, but for a valid range of the type of ``scale_factor``
where that is wider than the stored numbers are, or of another kind; it speaks of values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import netCDF4
import numpy as np

from csserv.catalog.packing.attribute_numbers import GIVEN, Numbers, shown
from csserv.catalog.packing.factors import Factors, read_factors
from csserv.catalog.packing.marks import (
    FILL,
    as_taken,
    default_fill,
    marks_told,
    read_marks,
    stored_marks,
)
from csserv.catalog.packing.packing import Packing
from csserv.catalog.packing.valid_range import PLACES, ValidRange, check_order, read_range
from csserv.catalog.read.corrections import NONE, Corrections
from csserv.errors import GranuleError

Attributes = Mapping[str, Any]

#: attributes that xarray takes out when it applies them
APPLIED = ("_FillValue", "missing_value", "scale_factor", "add_offset", "_Unsigned")


@dataclass(frozen=True)
class Declared:
    """How values are stored, and why it is taken so.

    Attributes
    ----------
    stated : the first number that is stated to mean missing; None where none is, and for NaN
    valid : the valid range, as it is stated
    why : what was taken, and where from, by the field of a row that says otherwise
    """

    packing: Packing
    stated: float | None
    valid: ValidRange
    why: Mapping[str, str]


def packing_of(variable: netCDF4.Variable[Any], corrections: Corrections = NONE) -> Packing:
    """Say how a variable is packed; see ``declared``."""
    return declared(variable, corrections).packing


def declared(variable: netCDF4.Variable[Any], corrections: Corrections = NONE) -> Declared:
    """Read the attributes of a variable; what the row says counts in place of them.

    Raises
    ------
    GranuleError : an attribute makes no sense; says which, and the field of a row that mends it
    """
    if isinstance(variable.dtype, type):
        raise GranuleError("it holds texts, no numbers")
    dtype = np.dtype(variable.dtype)
    if variable.endian() in ("big", "little"):
        dtype = dtype.newbyteorder(variable.endian())
    attributes = {name: variable.getncattr(name) for name in variable.ncattrs()}
    return declare(dtype, attributes, corrections)


def declare(
    stored: np.dtype[Any], attributes: Attributes, corrections: Corrections = NONE
) -> Declared:
    """Say how numbers of a type are packed by their attributes; see ``declared``."""
    if stored.kind not in "iuf":
        raise GranuleError(f"it holds {stored}, no numbers")
    given = {"scale": corrections.scale, "offset": corrections.offset}
    factors = read_factors(attributes, given)
    marks = read_marks(attributes, corrections.missing)
    valid = _valid(attributes, stored, factors, corrections)
    taken, why_type = _with_sign(stored, attributes, valid, marks)
    valid = check_order(_turned(valid, stored, taken))
    low, high = valid.stored(taken, factors)
    default = as_taken(default_fill(stored), stored, taken)
    found = {one.name: stored_marks(one, stored, taken, factors) for one in marks}
    told = [marks_told(one, found[one.name]) for one in marks]
    # bytes are too few for one of them to mean missing unsaid (NetCDF Users Guide)
    usual = [] if FILL in attributes or stored.itemsize == 1 else [default]
    numbers = [value for one in marks for value in one.values]
    why = {
        "stored as": why_type,
        "missing": ", ".join(told) or (f"{shown(usual[0])} (netCDF's default)" if usual else ""),
        "valid": valid.told(factors, corrections.units or str(attributes.get("units", ""))),
        **factors.why,
    }
    return Declared(
        packing=Packing(
            dtype=taken.str,
            marks=tuple(sorted({*usual, *(mark for each in found.values() for mark in each)})),
            low=low,
            high=high,
            scale=factors.scale,
            offset=factors.offset,
            fill=_fill(marks, found, default, taken),
        ),
        stated=float(numbers[0]) if numbers and math.isfinite(numbers[0]) else None,
        valid=valid,
        why={field: text for field, text in why.items() if text},
    )


def _valid(
    attributes: Attributes, stored: np.dtype[Any], factors: Factors, corrections: Corrections
) -> ValidRange:
    if corrections.valid == (None, None):
        return read_range(attributes, stored, factors)
    return ValidRange(*corrections.valid, in_units=True, source=GIVEN)


def _with_sign(
    stored: np.dtype[Any], attributes: Attributes, valid: ValidRange, marks: Iterable[Numbers]
) -> tuple[np.dtype[Any], str]:
    """Say whether whole numbers are signed, and why where they are not as they are stored."""
    other = {"i": "u", "u": "i"}.get(stored.kind)
    if other is None:
        return stored, ""
    turned = np.dtype(stored.str.replace(stored.kind, other))
    wanted = str(attributes.get("_Unsigned", "")).strip().casefold()
    if wanted == {"i": "true", "u": "false"}[stored.kind]:
        return turned, f"{turned.newbyteorder('=')}, as _Unsigned says"
    if not wanted and stored.kind == "i" and _goes_beyond(stored, turned, valid, marks):
        return turned, f"{turned.newbyteorder('=')}, as its range goes beyond {stored.name}"
    return stored, ""


def _goes_beyond(
    signed: np.dtype[Any], unsigned: np.dtype[Any], valid: ValidRange, marks: Iterable[Numbers]
) -> bool:
    """Whether numbers are stated that only the unsigned type can hold.

    For bytes, any number will do (NetCDF Users Guide, on ``valid_range``); for others, a whole
    range from zero or above.
    """
    low, high = (None, None) if valid.in_units else (valid.low, valid.high)
    stated = [] if high is None else [high]
    if signed.itemsize == 1:
        stated += [v for one in marks for v in one.values if one.name != GIVEN]
    elif low is None:
        return False
    from_zero = low is None or low >= 0
    most = max((v for v in stated if math.isfinite(v)), default=0)
    return from_zero and np.iinfo(signed).max < most <= np.iinfo(unsigned).max


def _turned(valid: ValidRange, stored: np.dtype[Any], taken: np.dtype[Any]) -> ValidRange:
    """Say a range of stored numbers in those of the sign they are taken for."""
    if valid.in_units:
        return valid
    low, high = (None if v is None else as_taken(v, stored, taken) for v in (valid.low, valid.high))
    return replace(valid, low=low, high=high)


def _fill(
    marks: Iterable[Numbers],
    found: Mapping[str, list[float]],
    default: float,
    taken: np.dtype[Any],
) -> float | None:
    """Return what stands where nothing was written; None for NaN."""
    if found.get(FILL):
        return found[FILL][0]
    values = [v for one in marks if one.name == FILL for v in one.values]
    return None if taken.kind == "f" and any(map(math.isnan, values)) else default


def packing_in_xarray(
    dtype: np.dtype[Any], attributes: Attributes, encoding: Attributes
) -> Packing:
    """Say how numbers are packed that xarray has read.

    It takes marks, scale and offset out of the attributes when it applies them, and leaves the
    valid range there, which it does not apply. What was computed since has no encoding; attributes
    then speak of other numbers.

    Raises
    ------
    GranuleError : see ``declared``
    """
    plain = Packing(dtype.newbyteorder("=").str)
    if "dtype" not in encoding:
        return plain
    if any(name in attributes for name in APPLIED):
        return declare(dtype.newbyteorder("="), attributes).packing
    taken_out = {name: encoding[name] for name in APPLIED if name in encoding}
    stored = declare(np.dtype(encoding["dtype"]), {**attributes, **taken_out}).packing
    ends = [None if n is None else _widened(n, sign, stored) for n, sign in _bounds(stored)]
    low, high = ends if stored.scale > 0 else reversed(ends)
    return replace(plain, low=low, high=high)


def _bounds(packing: Packing) -> list[tuple[float | None, int]]:
    """Return the stored bounds, and to which side of each the numbers are outside."""
    return [(packing.low, -1), (packing.high, 1)]


def _widened(bound: float, sign: int, stored: Packing) -> float:
    """Turn a stored bound into a value, beyond which no stored number lies that is inside."""
    value = bound * stored.scale + stored.offset
    if stored.is_plain:
        return value
    rounding = float(np.finfo(np.float32).eps) * (abs(value) + abs(stored.offset))
    slack = PLACES * rounding if stored.native.kind == "f" else abs(stored.scale) / 2
    return value + sign * slack * (1 if stored.scale > 0 else -1)
