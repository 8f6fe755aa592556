"""Reads from a variable's attributes, and from its row of the catalog, how its values are packed.

The data type of an attribute shows what it refers to (NetCDF Users Guide, attribute conventions; CF
1.11, sections 2.5.1 and 8.1): to stored numbers, except for a valid range that has the data type of
``scale_factor`` and that is wider than the stored numbers', or of another kind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import netCDF4
import numpy as np

from csserv.catalog.packing.attribute_numbers import GIVEN, Numbers, format_number
from csserv.catalog.packing.factors import Factors, read_factors
from csserv.catalog.packing.missing_values import (
    FILL_VALUE,
    change_sign,
    default_fill_value,
    describe_codes,
    read_missing_values,
    stored_codes,
)
from csserv.catalog.packing.packing import Packing
from csserv.catalog.packing.valid_range import (
    ROUNDING,
    ValidRange,
    check_order,
    read_valid_range,
)
from csserv.catalog.read.corrections import NONE, Corrections
from csserv.catalog.read.other_formats.plain_dataset import is_plain
from csserv.errors import GranuleError

Attributes = Mapping[str, Any]

#: attributes that xarray moves to the encoding when it decodes a variable
DECODED = (FILL_VALUE, "missing_value", "scale_factor", "add_offset", "_Unsigned")


@dataclass(frozen=True)
class DeclaredPacking:
    """The packing of a variable, and where it is stated.

    Attributes
    ----------
    missing_value : the first missing-value code that is stated; None if there is none or it is NaN
    valid : the valid range as it is stated
    sources : field of a row → what is used, and where it is stated
    """

    packing: Packing
    missing_value: float | None
    valid: ValidRange
    sources: Mapping[str, str]


def read_packing(variable: netCDF4.Variable[Any], corrections: Corrections = NONE) -> Packing:
    """Read the packing of a variable; see ``read_declared_packing``."""
    return read_declared_packing(variable, corrections).packing


def read_declared_packing(
    variable: netCDF4.Variable[Any], corrections: Corrections = NONE
) -> DeclaredPacking:
    """Read the packing of a variable, and where it is stated.

    Parameters
    ----------
    corrections : what the row says; it replaces or completes the attributes

    Raises
    ------
    GranuleError : an attribute makes no sense; names the field of a row that replaces it
    """
    if isinstance(variable.dtype, type):
        raise GranuleError("it holds texts, no numbers")
    dtype = np.dtype(variable.dtype)
    if variable.endian() in ("big", "little"):
        dtype = dtype.newbyteorder(variable.endian())
    attributes = {name: variable.getncattr(name) for name in variable.ncattrs()}
    return declare_packing(dtype, attributes, corrections, has_default=not is_plain(variable))


def declare_packing(
    stored: np.dtype[Any],
    attributes: Attributes,
    corrections: Corrections = NONE,
    has_default: bool = True,
) -> DeclaredPacking:
    """Derive the packing from a data type and attributes; see ``read_declared_packing``.

    Parameters
    ----------
    has_default : whether netCDF's number for cells that were never written may be there
    """
    if stored.kind not in "iuf":
        raise GranuleError(f"it holds {stored}, no numbers")
    given = {"scale": corrections.scale, "offset": corrections.offset}
    factors = read_factors(attributes, given)
    codes = read_missing_values(attributes, corrections.missing)
    valid = _valid_range(attributes, stored, factors, corrections)
    taken, why_taken = _signedness(stored, attributes, valid, codes)
    valid = check_order(_with_sign(valid, stored, taken))
    low, high = valid.stored_bounds(taken, factors)
    default = change_sign(default_fill_value(stored), stored, taken)
    marks = {one.name: stored_codes(one, stored, taken, factors) for one in codes}
    # bytes have no default fill value, as there are too few of them (NetCDF Users Guide)
    is_told = FILL_VALUE in attributes or stored.itemsize == 1
    usual = [default] if has_default and not is_told else []
    numbers = [value for one in codes for value in one.values]
    default_source = f"{format_number(usual[0])} (netCDF's default)" if usual else ""
    sources = {
        "stored as": why_taken,
        "missing": ", ".join(describe_codes(one, marks[one.name]) for one in codes)
        or default_source,
        "valid": valid.describe(factors, corrections.units or str(attributes.get("units", ""))),
        **factors.sources,
    }
    return DeclaredPacking(
        packing=Packing(
            dtype=taken.str,
            marks=tuple(sorted({*usual, *(mark for each in marks.values() for mark in each)})),
            low=low,
            high=high,
            scale=factors.scale,
            offset=factors.offset,
            fill=_fill(codes, marks, default, taken),
        ),
        missing_value=float(numbers[0]) if numbers and math.isfinite(numbers[0]) else None,
        valid=valid,
        sources={field: text for field, text in sources.items() if text},
    )


def packing_in_xarray(
    dtype: np.dtype[Any], attributes: Attributes, encoding: Attributes
) -> Packing:
    """Derive the packing of a variable that xarray has opened.

    When xarray decodes a variable, it moves the attributes that it applies to the encoding. It does
    not apply the valid range, which stays among the attributes. Computed variables have no
    encoding, and may have the attributes of those that they were computed from.

    Raises
    ------
    GranuleError : see ``read_declared_packing``
    """
    plain = Packing(dtype.newbyteorder("=").str)
    if "dtype" not in encoding:
        return plain
    if any(name in attributes for name in DECODED):
        return declare_packing(dtype.newbyteorder("="), attributes).packing
    applied = {name: encoding[name] for name in DECODED if name in encoding}
    stored = declare_packing(np.dtype(encoding["dtype"]), {**attributes, **applied}).packing
    low = None if stored.low is None else _unpacked_bound(stored.low, -1, stored)
    high = None if stored.high is None else _unpacked_bound(stored.high, 1, stored)
    if stored.scale < 0:
        low, high = high, low
    return replace(plain, low=low, high=high)


def _valid_range(
    attributes: Attributes, stored: np.dtype[Any], factors: Factors, corrections: Corrections
) -> ValidRange:
    if corrections.valid == (None, None):
        return read_valid_range(attributes, stored, factors)
    return ValidRange(*corrections.valid, unpacked=True, source=GIVEN)


def _signedness(
    stored: np.dtype[Any], attributes: Attributes, valid: ValidRange, codes: Iterable[Numbers]
) -> tuple[np.dtype[Any], str]:
    """Return the data type with the signedness that is meant; and why, if it is another."""
    other = {"i": "u", "u": "i"}.get(stored.kind)
    if other is None:
        return stored, ""
    changed = np.dtype(stored.str.replace(stored.kind, other))
    stated = str(attributes.get("_Unsigned", "")).strip().casefold()
    if stated == {"i": "true", "u": "false"}[stored.kind]:
        return changed, f"{changed.newbyteorder('=')}, as _Unsigned says"
    if not stated and stored.kind == "i" and _needs_unsigned(stored, changed, valid, codes):
        return changed, f"{changed.newbyteorder('=')}, as its range goes beyond {stored.name}"
    return stored, ""


def _needs_unsigned(
    signed: np.dtype[Any], unsigned: np.dtype[Any], valid: ValidRange, codes: Iterable[Numbers]
) -> bool:
    """Whether the valid range or a code can only be held by the unsigned data type.

    Any such number will do for bytes (NetCDF Users Guide, on ``valid_range``); other integers need
    a range with two bounds that starts at zero or above.
    """
    low, high = (None, None) if valid.unpacked else (valid.low, valid.high)
    stated = [] if high is None else [high]
    if signed.itemsize == 1:
        stated += [v for one in codes for v in one.values if one.name != GIVEN]
    elif low is None:
        return False
    largest = max((v for v in stated if math.isfinite(v)), default=0)
    fits = np.iinfo(signed).max < largest <= np.iinfo(unsigned).max
    return fits and (low is None or low >= 0)


def _with_sign(valid: ValidRange, stored: np.dtype[Any], taken: np.dtype[Any]) -> ValidRange:
    """Reinterpret a range of stored numbers in the signedness that is meant."""
    if valid.unpacked:
        return valid
    low, high = (
        None if v is None else change_sign(v, stored, taken) for v in (valid.low, valid.high)
    )
    return replace(valid, low=low, high=high)


def _fill(
    codes: Iterable[Numbers],
    marks: Mapping[str, list[float]],
    default: float,
    taken: np.dtype[Any],
) -> float | None:
    """Return the stored number of cells that were never written; None for NaN."""
    if marks.get(FILL_VALUE):
        return marks[FILL_VALUE][0]
    values = [v for one in codes if one.name == FILL_VALUE for v in one.values]
    return None if taken.kind == "f" and any(map(math.isnan, values)) else default


def _unpacked_bound(bound: float, side: int, stored: Packing) -> float:
    """Unpack a bound and move it outwards, so that rounding cannot push valid values beyond it."""
    value = bound * stored.scale + stored.offset
    if stored.is_plain:
        return value
    slack = abs(stored.scale) / 2
    if stored.native.kind == "f":
        slack = ROUNDING * float(np.finfo(np.float32).eps) * (abs(value) + abs(stored.offset))
    return value + math.copysign(slack, side * stored.scale)
