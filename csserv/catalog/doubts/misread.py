"""A valid range that would suit the numbers far better were it read the other way.

Its type says whether it speaks of stored numbers or of values; not all who write files know that.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from csserv.catalog.doubts.cell_sample import Sample
from csserv.catalog.doubts.doubt import Doubt, percent, write
from csserv.catalog.packing.attribute_numbers import GIVEN, shown
from csserv.catalog.packing.factors import Factors
from csserv.catalog.packing.packing import Packing
from csserv.catalog.packing.valid_range import ValidRange
from csserv.errors import GranuleError

#: share of cells that a range may leave out without doubt
LEFT_OUT = 0.2


def doubt_of_range(sample: Sample, valid: ValidRange) -> Doubt | None:
    """Doubt the range of a file that leaves out many cells, or none as it lies out of reach."""
    packing = sample.packing
    cells = int((~sample.marked).sum())
    if valid.source in ("", GIVEN) or packing.is_plain or not cells:
        return None
    factors = Factors(packing.scale, packing.offset, None, {})
    try:
        low, high = replace(valid, in_units=not valid.in_units).stored(packing.native, factors)
    except GranuleError:  # read otherwise, it leaves nothing
        return None
    now = int(sample.outside.sum())
    then = int(Sample(sample.stored, replace(packing, low=low, high=high)).outside.sum())
    if valid.in_units:
        beyond = not now and then and _is_beyond(valid, packing)
        return _of_values(valid, packing, factors, percent(then, cells)) if beyond else None
    if now < LEFT_OUT * cells or then > now / 2:
        return None
    said = f"{percent(now, cells)} of the cells lie outside its {valid.source}, {valid} as stored"
    return Doubt(said, write("if it speaks of values", "valid", _ends(valid)), now == cells)


def _of_values(valid: ValidRange, packing: Packing, factors: Factors, share: str) -> Doubt:
    said = (
        f"its {valid.source}, {valid}, is one of values by its type, and {packing.native} x "
        f"{shown(packing.scale)} never reaches that; of stored numbers, it would leave out {share} "
        "of the cells"
    )
    values = replace(valid, in_units=False).of_values(factors)
    return Doubt(said, write("if it speaks of stored numbers", "valid", _ends(values)))


def _is_beyond(valid: ValidRange, packing: Packing) -> bool:
    """Whether a bound lies beyond what the type can hold."""
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
