"""Checks whether a valid range is stated for the numbers that its data type says.

The data type shows whether it is a range of stored numbers or of unpacked values, but some programs
write the other one.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from csserv.catalog.packing.attribute_numbers import GIVEN, format_number
from csserv.catalog.packing.factors import Factors
from csserv.catalog.packing.packing import Packing
from csserv.catalog.packing.valid_range import ValidRange
from csserv.catalog.plausibility.cell_sample import CellSample
from csserv.catalog.plausibility.suspicion import Suspicion, percent, row_remedy
from csserv.errors import GranuleError

#: share of the cells that may lie outside a valid range without a suspicion
OUTSIDE_SHARE = 0.2


def check_range_units(sample: CellSample, valid: ValidRange) -> Suspicion | None:
    """Check the valid range of a file against a sample of its cells.

    It is suspicious if many cells lie outside and would not if it were a range of unpacked values;
    or if it is one of unpacked values that the data type cannot reach, and cells would lie outside
    if it were one of stored numbers.
    """
    packing = sample.packing
    cells = int((~sample.marked).sum())
    if valid.source in ("", GIVEN) or packing.is_plain or not cells:
        return None
    factors = Factors(packing.scale, packing.offset, None, {})
    try:
        other = replace(valid, unpacked=not valid.unpacked)
        low, high = other.stored_bounds(packing.native, factors)
    except GranuleError:  # no number would be valid
        return None
    now = int(sample.outside.sum())
    otherwise = CellSample(sample.stored, replace(packing, low=low, high=high))
    then = int(otherwise.outside.sum())
    if valid.unpacked:
        beyond = not now and then and _is_beyond(valid, packing)
        return _out_of_reach(valid, packing, factors, percent(then, cells)) if beyond else None
    if now < OUTSIDE_SHARE * cells or then > now / 2:
        return None
    said = f"{percent(now, cells)} of the cells lie outside its {valid.source}, {valid} as stored"
    remedy = row_remedy("if those are unpacked values", "valid", _ends(valid))
    return Suspicion(said, remedy, now == cells)


def _out_of_reach(valid: ValidRange, packing: Packing, factors: Factors, share: str) -> Suspicion:
    said = (
        f"its {valid.source}, {valid}, is one of unpacked values by its data type, but "
        f"{packing.native} x {format_number(packing.scale)} never reaches that; as stored numbers, "
        f"{share} of the cells would lie outside"
    )
    unpacked = replace(valid, unpacked=False).unpack(factors)
    return Suspicion(said, row_remedy("if those are stored numbers", "valid", _ends(unpacked)))


def _is_beyond(valid: ValidRange, packing: Packing) -> bool:
    """Whether a bound lies beyond the values that the data type can hold."""
    if packing.native.kind == "f":
        return False
    info = np.iinfo(packing.native)
    reach = sorted(n * packing.scale + packing.offset for n in (info.min, info.max))
    step = abs(packing.scale)
    return (valid.low is not None and valid.low < reach[0] - step) or (
        valid.high is not None and valid.high > reach[1] + step
    )


def _ends(valid: ValidRange) -> list[float]:
    return [
        -math.inf if valid.low is None else valid.low,
        math.inf if valid.high is None else valid.high,
    ]
