"""Which steps of other years a step is compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

#: fills up the rows of steps that are compared with fewer steps than others
FILL = -1


@dataclass(frozen=True, eq=False)
class Comparison:
    """The steps that are asked about, and for each the steps of its reference.

    Attributes
    ----------
    shown : (asked,) index of each asked step among all steps
    samples : (asked, most) indices of the reference's steps that each asked step is compared with;
        -1 fills up
    years : (asked, most) year of the reference that each sample belongs to: daily steps have 15
        samples a year, and one of December may belong to the year that follows; any where
        ``samples`` is -1
    asked_years : (asked,) year of each asked step

    Raises
    ------
    ValueError : shapes differ, or an index is below what it may be
    """

    shown: Indices
    samples: Indices
    years: Indices
    asked_years: Indices

    def __post_init__(self) -> None:
        for name in ("shown", "samples", "years", "asked_years"):
            object.__setattr__(self, name, _whole_numbers(name, getattr(self, name)))
        asked, shape = len(self.shown), self.samples.shape
        if self.shown.ndim != 1 or self.asked_years.shape != (asked,):
            raise ValueError(
                f"shown {self.shown.shape}, asked_years {self.asked_years.shape}: both are (asked,)"
            )
        if self.samples.ndim != 2 or len(self.samples) != asked or self.years.shape != shape:
            raise ValueError(
                f"samples {shape} and years {self.years.shape}: both are ({asked}, most)"
            )
        if self.shown.min(initial=0) < 0 or self.samples.min(initial=0) < FILL:
            raise ValueError("indices of steps are 0 or more; -1 fills up samples")

    @property
    def steps(self) -> int:
        """Least number of steps that there have to be."""
        return 1 + int(max(self.shown.max(initial=-1), self.samples.max(initial=-1)))


def _whole_numbers(name: str, given: NDArray[np.integer]) -> Indices:
    """Return an array of int64 that nobody can write to."""
    array = np.asarray(given)
    if array.dtype.kind not in "iu" and array.size:
        raise ValueError(f"{name} is {array.dtype}: whole numbers are needed")
    array = array.astype(np.int64)
    array.flags.writeable = False
    return array
