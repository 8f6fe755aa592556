"""A request together with the granules it reads: checks it against the data and the limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from csserv.catalog import CatalogEntry, Granule, Header, Missing
from csserv.catalog.entry import file_names
from csserv.catalog.read.further.selections import Selection
from csserv.catalog.timeline.coverage import measure
from csserv.catalog.timeline.timeline import Timeline
from csserv.request import Request
from csserv.request.limits import Limits
from csserv.tasks.plan.area_part import Size
from csserv.tasks.plan.blocks import Plan, plan_blocks
from csserv.tasks.plan.costs.answer_size import answer_size
from csserv.tasks.plan.file_forms import are_of_one_form
from csserv.tasks.plan.index_plan import (
    check_index,
    plan_index,
    series_options,
)
from csserv.tasks.plan.reference_years import check_compared
from csserv.tasks.plan.steps_to_read import check_window, steps_to_read
from csserv.tasks.plan.sums.summed_steps import summed_steps
from csserv.zonal.conversion import check_options, find_conversion
from csserv.zonal.operations import Operation
from csserv.zonal.weights import zone_weights


@dataclass(frozen=True)
class CheckedRequest:
    """A request, and the steps of the data that it is about."""

    request: Request
    entry: CatalogEntry
    timeline: Timeline  #: the steps of its period, and those before it that are accumulated
    wanted: tuple[Operation, ...]
    every: Timeline  #: all steps of the dataset

    @classmethod
    def of(
        cls, request: Request, entry: CatalogEntry, wanted: tuple[Operation, ...]
    ) -> CheckedRequest:
        """Find the granules of a request, and check its area and options against them.

        Raises
        ------
        InvalidRequestError : there are no data in the area and period, or the options do not suit
        GranuleError : an unreadable file may hold a step of the period
        """
        check_compared(request.options)
        check_index(request.options, wanted)
        every, timeline = steps_to_read(entry, request.period, request.options)
        entry.check_area(request.area, timeline.granules[0][1].grid)
        computed = series_options(request.options)
        check_options(entry, timeline, computed, wanted)
        if request.options.index:
            units = [find_conversion(entry, timeline, computed, one).units for one in wanted]
            plan_index(timeline, request.period, request.options, units)
        checked = cls(request, entry, timeline, wanted, every)
        headers = [header for _, header in timeline.granules]
        if computed.accumulate > 1:  # thousands of files take a while
            cells = (
                min(checked._size.cells(one), math.prod(one.layout.chunk[1:])) for one in headers
            )
            check_window(computed, max(cells))
        if not are_of_one_form(headers) or len({one.further for one in headers}) > 1:
            checked.plan()  # it refuses what some of the files lack, or cannot share a step for
        return checked

    @property
    def granules(self) -> Sequence[tuple[Granule, Header]]:
        """The files that hold the steps, in time order."""
        return self.timeline.granules

    @property
    def lacking(self) -> Missing:
        """Which steps of its period are not there."""
        return measure(self.every).missing(self.request.period)

    @property
    def files(self) -> list[str]:
        """File names of the granules."""
        return file_names(self.granules)

    @property
    def steps(self) -> int:
        """How many steps of the data are read."""
        return len(self.timeline)

    @cached_property
    def selections(self) -> tuple[Selection, ...]:
        """The coordinates of further dimensions; the steps are read of each."""
        return self.timeline.selections(dict(self.request.options.select))

    @property
    def inflated(self) -> int:
        """How much the workers must unpack: what the time goes with [bytes]."""
        return len(self.selections) * sum(map(self._size.of, self.timeline.stretches))

    @property
    def stored(self) -> int:
        """Size of these chunks in the files; uncompressed where that is not known [bytes]."""
        return sum(
            self._size.stored(stretch, one.chosen)
            for stretch in self.timeline.stretches
            for one in self.selections
        )

    @cached_property
    def cells(self) -> int:
        """Number of grid cells that lie in the area at least in part."""
        grid = self.granules[0][1].grid
        weights = zone_weights(grid, self.request.area, self.request.options.weighting)
        _, row, column = weights.cells()
        return len(np.unique(row * weights.window.columns + column))

    def plan(self, with_sums: bool = False) -> Plan:
        """Divide the request into blocks.

        Parameters
        ----------
        with_sums : whether months are read from their sums, where these are there
        """
        asked, entry = self.request, self.entry
        return plan_blocks(
            self.timeline,
            asked.period,
            asked.area,
            asked.options,
            wanted=self.wanted,
            sums=summed_steps(entry.data, entry.name, asked.options) if with_sums else None,
        )

    def check(self, limits: Limits) -> None:
        """Check the request against the limits.

        Raises
        ------
        AreaTooLargeError, RequestTooLargeError : says the limit, and how much is asked for
        """
        self.request.area.check(limits)
        count = len(self.selections)
        limits.check_series(len(self.request.area.zones), count)
        around = self._size.most_cells(header for _, header in self.granules)
        if limits.cell_steps is not None and around * self.steps * count > limits.cell_steps:
            limits.check_size(self.cells, self.steps, count)  # computing weights takes a while
        most = limits.result_mb
        if most is not None and self.result_bytes(self.steps) > 1e6 * most:
            steps = len(self.plan().asked.times)  # of longer ones, there are fewer than are read
            limits.check_answer(self.result_bytes(steps), self.series, steps)

    @property
    def series(self) -> int:
        """Number of series of the result."""
        return len(self.request.area.zones) * len(self.selections)

    def result_bytes(self, steps: int) -> int:
        """Estimate the size of the result's JSON, of so many steps [bytes]."""
        return answer_size(self.request, self.series, steps, len(self.granules))

    @cached_property
    def _size(self) -> Size:
        return Size(self.request.area)
