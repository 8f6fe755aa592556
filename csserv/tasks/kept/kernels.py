"""What is kept for an operation: the arrays that its values are finished from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csserv.zonal.operations import Operation
from csserv.zonal.statistics import Arrays
from csserv.zonal.zone_values import MISSING, TIME, quantile_name, statistics_of

#: in the store, names of the arrays of the statistic itself begin so
OWN = "own."


@dataclass(frozen=True)
class Kernel:
    """A statistic that numbers are kept of.

    Attributes
    ----------
    name : of the kind, with all that its numbers hang on
    prefix : names of its arrays begin so, among those of a request
    """

    name: str
    prefix: str

    def chosen(self, arrays: Arrays) -> Arrays:
        """Take those arrays that are kept for it, by the names that they have in the store."""
        common = {n: one for n, one in arrays.items() if n.startswith((MISSING, TIME))}
        own = {
            OWN + n.removeprefix(self.prefix): one
            for n, one in arrays.items()
            if n.startswith(self.prefix)
        }
        return common | own

    def named(self, kept: Arrays) -> Arrays:
        """Name kept arrays as those of a request."""
        return {
            self.prefix + n.removeprefix(OWN) if n.startswith(OWN) else n: one
            for n, one in kept.items()
        }


def kernels(wanted: Sequence[Operation]) -> tuple[Kernel, ...]:
    """Return what is kept for some operations; nothing where one of them is not kept."""
    if any(one.keeps_cells and one.share is None for one in wanted):
        return ()
    of_cells = [Kernel(repr(one), f"{n}.") for n, one in enumerate(statistics_of(wanted))]
    shares = dict.fromkeys(one.share for one in wanted if one.share is not None)
    return (*of_cells, *(Kernel(f"quantile {one!r}", quantile_name(one)) for one in shares))
