"""Checks a sample of a file's cells for values that are probably read wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.attribute_numbers import format_number
from csserv.catalog.plausibility.cell_sample import CellSample, read_sample
from csserv.catalog.plausibility.outliers import find_outliers
from csserv.catalog.plausibility.physical_limits import Quantity, find_quantity
from csserv.catalog.plausibility.range_units import check_range_units
from csserv.catalog.plausibility.suspicion import Suspicion, percent, row_remedy
from csserv.catalog.read.granule import Granule

#: excess over a physical limit that counts as rounding error, relative to the largest value
ROUNDING = 0.01

#: most distinct impossible numbers that may be missing-value codes
FEW = 3

IF_MISSING = "if that means missing"


def check_values(granule: Granule, select: Mapping[str, Any]) -> list[Suspicion]:
    """Check cells of the first, the middle and the last step of a file.

    Parameters
    ----------
    select : coordinates chosen of dimensions other than time and place; the first if not named

    Raises
    ------
    GranuleError : the file cannot be read
    """
    header, sample = granule.header(), read_sample(granule, select)
    of_range = check_range_units(sample, granule.declared_packing().valid)
    found = [of_range] if of_range else []
    if not sample.kept.size:
        said = "no cell of the first, the middle and the last step has a value"
        return found or [Suspicion(said, "check its missing values and its valid range")]
    outliers = find_outliers(sample.kept, sample.packing)
    rest = sample.kept[~np.isin(sample.kept, outliers)]
    if outliers:
        found.append(_report_outliers(sample, header.variable, outliers, rest))
    names = [text for name, text in header.attributes if name != "cell_methods"]
    quantity = find_quantity([*names, header.variable], header.units)
    if quantity:
        found += _check_limits(sample, header.variable, rest, quantity)
    return found


def _report_outliers(
    sample: CellSample, name: str, outliers: list[float], rest: NDArray[Any]
) -> Suspicion:
    cells = percent(int(np.isin(sample.kept, outliers).sum()), sample.kept.size)
    others = _span(sample.values(np.array([rest.min(), rest.max()])))
    listed = ", ".join(map(format_number, outliers))
    said = f"{name} is {listed} in {cells} of the cells checked, far from all others ({others})"
    return Suspicion(said, row_remedy(IF_MISSING, "missing", outliers))


def _check_limits(
    sample: CellSample, name: str, rest: NDArray[Any], quantity: Quantity
) -> Iterator[Suspicion]:
    """Report values beyond the physical limits of a quantity."""
    values = sample.values(rest)
    possible = quantity.allows(values)
    slack = ROUNDING * float(np.abs(values).max(initial=0.0, where=possible))
    wrong = ~quantity.allows(values, slack)
    if not wrong.any():
        return
    cells = percent(int(wrong.sum()), sample.kept.size)
    said = (
        f"{name} is {_span(values[wrong])} in {cells} of the cells checked, but {quantity.limits}"
    )
    codes = np.unique(rest[wrong]).tolist()
    if len(codes) <= FEW and possible.any():
        yield Suspicion(said, row_remedy(IF_MISSING, "missing", codes))
    else:
        yield Suspicion(said, "check its scale, offset, units, missing values and valid range")


def _span(values: NDArray[np.float64]) -> str:
    low, high = format_number(float(values.min())), format_number(float(values.max()))
    return low if low == high else f"{low} to {high}"
