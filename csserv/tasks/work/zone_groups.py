"""The series of a task, some zones at a time: all of them may not fit into a worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from csserv.climatology.normals import REFERENCE_STATISTICS, STATISTICS
from csserv.climatology.sample_sets import SampleSets, sample_sets
from csserv.outputs.document.compact_form import of_year
from csserv.outputs.series import Series
from csserv.tasks.work.asked_series import asked_series
from csserv.tasks.work.attempt_context import AssemblyPlan, AttemptContext
from csserv.tasks.work.parts import BlockResult, StoredResult
from csserv.zonal.weights import Weights, ZoneSums
from csserv.zonal.zone_values import ZoneValues, finish_values, join_parts, join_selections

#: numbers of a result that are computed at once; there are about ten arrays of as many [1]
AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False)
class Gathered:
    """What the blocks of a task gave.

    Attributes
    ----------
    results : of the blocks, run of steps by run of steps; several may share one
    weights : of each run
    """

    context: AttemptContext
    assembly: AssemblyPlan
    results: Sequence[Sequence[BlockResult | StoredResult]]
    weights: Sequence[Weights | ZoneSums]

    @property
    def zones(self) -> list[tuple[str, str]]:
        """Pairs of id and name."""
        return [(zone["id"], zone["name"]) for zone in self.assembly.document["zones"]]

    @property
    def count(self) -> int:
        """How many series there are."""
        return len(self.zones) * self.context.selections

    @property
    def numbers(self) -> int:
        """How many numbers the series have, shares of data not counted."""
        return len(self.zones) * self._of_a_zone(len(self.assembly.times))

    @property
    def export(self) -> str | None:
        """The format of the export that is asked for."""
        return next(iter(self.context.operations.values())).export

    @property
    def maps(self) -> tuple[tuple[int, Path | None], ...]:
        """Number of steps of each block, and the file of its maps."""
        every = (one for shared in self.results for one in shared)
        return tuple((one.position.steps, one.cells) for one in every)

    @property
    def known_before(self) -> dict[str, Any]:
        """What a result says of its steps that days were not read for; nothing if there are none.

        They had been computed before (``kept``), or were made of time sums (``summed``).
        """
        positions = [shared[0].position for shared in self.results]
        known = [one for one in positions if one.computed]
        found: dict[str, Any] = {}
        if known:
            times = [time for one in known for time in one.computed or ()]
            steps = sum(one.steps for one in known) // self.context.selections
            found["kept"] = {"steps": steps, "first": min(times), "last": max(times)}
        if summed := sum(one.steps for one in positions if one.summed):
            found["summed"] = {"steps": summed // self.context.selections}
        return found

    def whole(self, at_once: int = AT_ONCE) -> Series:
        """Return the series of all zones."""
        return Series.joined([*self.groups(at_once)])

    def groups(self, at_once: int = AT_ONCE) -> Iterator[Series]:
        """Yield the series of some zones after the other, in their order."""
        steps = sum(shared[0].position.steps for shared in self.results)
        together = max(1, at_once // self._of_a_zone(steps // self.context.selections))
        for first in range(0, len(self.zones), together):
            yield self._series(slice(first, min(first + together, len(self.zones))))

    @cached_property
    def sets(self) -> SampleSets | None:
        """The sets of steps that values are compared with, if they are."""
        comparison = self.assembly.comparison
        return sample_sets(comparison, self._own_year) if comparison else None

    @property
    def of_year(self) -> dict[str, Any]:
        """What a compact document says of statistics that are the same in each year."""
        return of_year(REFERENCE_STATISTICS, self.sets.of_asked) if self.sets else {}

    @property
    def _own_year(self) -> str:
        return str((self.assembly.document["against"] or {}).get("own_year", ""))

    def _of_a_zone(self, steps: int) -> int:
        of_each = 1 + len(STATISTICS) * bool(self.assembly.comparison)
        arrays = len(self.context.operations) * of_each
        return max(1, steps * self.context.selections * arrays)

    @cached_property
    def _sums(self) -> list[ZoneSums]:
        known = {id(one): ZoneSums(one.totals, one.on_grid) for one in self.weights}
        return [known[id(one)] for one in self.weights]

    def _values(self, span: slice) -> ZoneValues:
        wanted = tuple(self.context.operations.values())
        found = []
        for shared, sums in zip(self.results, self._sums, strict=True):
            parts = [one.of_zones(span) for one in shared]
            kept = join_parts(parts, wanted, shared[0].position.decoding)
            found.append(finish_values(kept, sums.of_zones(span), wanted))
        return join_selections(found, self.context.selections)

    def _series(self, span: slice) -> Series:
        document, assembly = self.assembly.document, self.assembly
        return asked_series(
            self._values(span),
            assembly.conversions,
            assembly.comparison,
            self._own_year,
            self.sets,
            times=assembly.times,
            zones=tuple(self.zones[span]),
            complete=tuple((document["steps"] or {}).get("complete", ())),
            names=tuple(self.context.operations),
            selections=document["selections"],
        )
