"""Looks at some cells of a file, whether its numbers are what it says they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.doubts.apart import numbers_apart
from csserv.catalog.doubts.cell_sample import Sample, take_sample
from csserv.catalog.doubts.doubt import Doubt, percent, write
from csserv.catalog.doubts.misread import doubt_of_range
from csserv.catalog.doubts.plausible import Kind, kind_of
from csserv.catalog.packing.attribute_numbers import shown
from csserv.catalog.read.granule import Granule

#: out of what is possible by less than this share of the largest possible value is rounding
ROUNDING = 0.01

#: distinct impossible numbers that may be marks
FEW = 3

MISSING = "if that means missing"


def doubts(granule: Granule, chosen: Mapping[str, Any]) -> list[Doubt]:
    """Look at some cells of the first, the middle and the last step of a file.

    Parameters
    ----------
    chosen : of dimensions that are neither time nor place

    Raises
    ------
    GranuleError : unreadable
    """
    header, sample = granule.header(), take_sample(granule, chosen)
    of_range = doubt_of_range(sample, granule.declared().valid)
    found = [of_range] if of_range else []
    if not sample.kept.size:
        nothing = "no cell of the first, the middle and the last step has a value"
        return found or [Doubt(nothing, "see whether its marks and its valid range are right")]
    marks = numbers_apart(sample.kept, sample.packing)
    rest = sample.kept[~np.isin(sample.kept, marks)]
    if marks:
        found.append(_of_marks(sample, header.variable, marks, rest))
    names = [text for name, text in header.attributes if name != "cell_methods"]
    kind = kind_of([*names, header.variable], header.units)
    return [*found, *(_impossible(sample, header.variable, rest, kind) if kind else ())]


def _of_marks(sample: Sample, name: str, marks: list[float], rest: NDArray[Any]) -> Doubt:
    cells = percent(int(np.isin(sample.kept, marks).sum()), sample.kept.size)
    others = _span(sample.values(np.array([rest.min(), rest.max()])))
    listed = ", ".join(map(shown, marks))
    said = (
        f"{name} holds {listed} in {cells} of the cells looked at, far from all others ({others})"
    )
    return Doubt(said, write(MISSING, "missing", marks))


def _impossible(sample: Sample, name: str, rest: NDArray[Any], kind: Kind) -> Iterator[Doubt]:
    """Doubt values that cannot be."""
    values = sample.values(rest)
    possible = kind.holds(values)
    slack = ROUNDING * float(np.abs(values).max(initial=0.0, where=possible))
    wrong = ~kind.holds(values, slack)
    if not wrong.any():
        return
    cells = percent(int(wrong.sum()), sample.kept.size)
    said = f"{name} is {_span(values[wrong])} in {cells} of the cells looked at, but {kind.said}"
    marks = np.unique(rest[wrong]).tolist()
    mend = "see whether its scale, offset, units, missing and valid are right"
    few = len(marks) <= FEW and possible.any()
    yield Doubt(said, write(MISSING, "missing", marks) if few else mend)


def _span(values: NDArray[np.float64]) -> str:
    low, high = shown(float(values.min())), shown(float(values.max()))
    return low if low == high else f"{low} to {high}"
