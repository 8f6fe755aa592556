"""Finds the time sums that the longer steps of a request can be made of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csserv.catalog import Header
from csserv.catalog.read.further.selections import Selection
from csserv.request import Options
from csserv.tasks.plan.area_part import Size
from csserv.tasks.plan.file_forms import are_of_one_form, form_of
from csserv.tasks.plan.planned_steps import StepGroup
from csserv.tasks.plan.sums.months import Month, months_of
from csserv.tasks.sums.sum_kinds import MADE_OF
from csserv.tasks.sums.sums_file import MonthSums, SumsFile, known_sums
from csserv.tasks.sums.sums_folder import SumsFolder
from csserv.zonal.over_time.resample import Resampling
from csserv.zonal.over_time.step_cells import EXTREMES

#: bytes of what is read of a cell and month, about
CELL = 16


class _Found(NamedTuple):
    """A month whose sums are there: where."""

    month: Month
    file: SumsFile
    place: int


@dataclass(frozen=True, eq=False)
class FoundSums:
    """What is there for the steps of a group.

    Attributes
    ----------
    known : (n,) whether a step can be made of sums
    bytes_of_step : how much is read for a step [bytes]
    """

    known: NDArray[np.bool_]
    bytes_of_step: int = 1
    months: tuple[_Found, ...] = ()  #: in time order
    runs: Sequence[range] = ()
    group: StepGroup | None = None
    size: Size | None = None

    def of_block(self, first: int, last: int) -> tuple[MonthSums, ...]:
        """Return what is read for the steps ``first`` to before ``last``."""
        assert self.group is not None  # noqa: S101 - there are sums
        assert self.group.made is not None  # noqa: S101 - they are of longer steps
        run = range(self.runs[first].start, self.runs[last - 1].stop)
        mine = [one for one in self.months if one.month.run.start in run]
        shift = 0 if self.group.made.window > 1 else int(self.group.made.last[first])
        files: dict[int, list[_Found]] = {}
        for one in mine:
            files.setdefault(id(one.file), []).append(one)
        stretches = self.group.timeline.stretches
        # of a block, all files have one form; others may have their rows the other way round
        place = bisect_right([one.number for one in stretches], run.start) - 1
        header = stretches[place].header
        return tuple(self._of_file(found, shift, header) for found in files.values())

    def _of_file(self, found: list[_Found], shift: int, header: Header) -> MonthSums:
        assert self.size is not None  # noqa: S101 - there are sums
        return MonthSums(
            variables=tuple(self.size.cut(one, header) for one in found[0].file.sources()),
            places=np.array([one.place for one in found]),
            numbers=np.array([one.month.number - shift for one in found]),
            months=np.array([one.month.month for one in found]),
            steps=np.array([len(one.month.run) for one in found]),
        )


def no_sums(steps: int) -> FoundSums:
    """Return what is known where there are none."""
    return FoundSums(np.zeros(steps, bool))


@dataclass(frozen=True, eq=False)
class SummedSteps:
    """Looks up the sums of a dataset.

    Attributes
    ----------
    folder : where they lie
    """

    folder: SumsFolder

    @cached_property
    def _there(self) -> dict[bytes, tuple[SumsFile, int]]:
        return known_sums(self.folder.files())

    def look_up(
        self,
        group: StepGroup,
        selections: Sequence[Selection],
        resampling: Resampling | None,
        size: Size,
    ) -> FoundSums:
        """Find out which steps of a group can be made of sums: those of which all months are there.

        Parameters
        ----------
        resampling : of all steps of the group
        size : of the area, to leave out what lies beside it
        """
        count = len(group.times)
        plain = len(selections) == 1 and not selections[0].chosen
        if resampling is None or resampling.rule in EXTREMES or not plain or not self._there:
            return no_sums(count)
        every = months_of(group, resampling)
        found = [_Found(one, *self._there[one.key]) for one in every if one.key in self._there]
        starts = np.array([one.run.start for one in every])
        there = np.array([one.key in self._there for one in every])
        lacking = np.concatenate([[0], np.cumsum(~there)])
        runs = group.runs
        edges = np.searchsorted(starts, [(run.start, run.stop) for run in runs])
        known = lacking[edges[:, 0]] == lacking[edges[:, 1]]
        known &= _of_one_form(group)
        cells = max(size.cells(one.header) for one in group.timeline.stretches[:1])
        months = int((edges[:, 1] - edges[:, 0]).max(initial=1))
        return FoundSums(known, max(1, CELL * cells * months), tuple(found), runs, group, size)


def _of_one_form(group: StepGroup) -> NDArray[np.bool_]:
    """Return which steps lie in files of one grid and layout; of others, days are refused, too."""
    stretches, runs = group.timeline.stretches, group.runs
    if are_of_one_form([one.header for one in stretches]):
        return np.ones(len(runs), bool)
    forms = [form_of(one.header) for one in stretches]
    changes = [0, *(int(one != other) for one, other in pairwise(forms))]
    number = np.repeat(np.cumsum(changes), [len(one.steps) for one in stretches])
    return np.array([number[run.start] == number[run.stop - 1] for run in runs])


def summed_steps(data: Path, dataset: str, options: Options) -> SummedSteps | None:
    """Return what looks up the sums that a request may be made of; None where it is of none.

    Parameters
    ----------
    data : folder of the data
    """
    kind = MADE_OF.get(options.time_step)
    return SummedSteps(SumsFolder(data, dataset, kind)) if kind else None
