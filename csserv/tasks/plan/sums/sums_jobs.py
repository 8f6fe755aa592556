"""Plans which files of time sums are to be made of a dataset, and the task that makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np

from csserv.catalog import CatalogEntry
from csserv.catalog.timeline.timeline import Stretch
from csserv.errors import GranuleError, InvalidRequestError
from csserv.request import Area, Options, Request
from csserv.tasks.log.task import SUMS, RequestRecord
from csserv.tasks.plan.area_part import Size
from csserv.tasks.plan.fetch_task import GLOBE
from csserv.tasks.plan.file_forms import form_of
from csserv.tasks.plan.planned_steps import StepGroup
from csserv.tasks.plan.preparation import whole_period
from csserv.tasks.plan.step_chunks import StepChunks
from csserv.tasks.plan.sums.months import Month, months_of
from csserv.tasks.sums.sum_kinds import KINDS
from csserv.tasks.sums.sums_file import SumsFile
from csserv.tasks.sums.sums_folder import SumsFolder
from csserv.tasks.sums.sums_making import SumsJob
from csserv.zonal.conversion import check_longer, find_conversion
from csserv.zonal.operations import operation
from csserv.zonal.over_time.longer_steps import longer_steps
from csserv.zonal.over_time.step_cells import EXTREMES
from csserv.zonal.over_time.timestep import Step


class _Whole(NamedTuple):
    """A month of which all days are there, and the chunks that they lie in."""

    step: Step
    month: Month
    place: int  #: among all months
    form: object  #: of its files; None where these have several


@dataclass(frozen=True, eq=False)
class SumsPlan:
    """The files that are to be made.

    Attributes
    ----------
    record, area : of the task that makes them
    there : how many months have their sums
    whole : how many months have all their days
    fresh : how many of these have files that were written a moment ago, and so wait
    bytes : how much is unpacked to make what lacks [bytes]
    """

    folder: SumsFolder
    jobs: tuple[SumsJob, ...]
    record: RequestRecord
    area: Area
    there: int
    whole: int
    fresh: int
    bytes: int


def plan_sums(entry: CatalogEntry, kind: str) -> SumsPlan:
    """Find the months of a dataset that have no sums, or those of other files.

    Months of which days are missing, or still to come, have none.

    Raises
    ------
    InvalidRequestError : no such kind; or nothing is summed up over time in this dataset
    GranuleError : a file is unreadable
    """
    if kind not in KINDS:
        raise InvalidRequestError(f"time sums of {kind!r}; there are those of {', '.join(KINDS)}")
    options = Options(time_step=kind)
    period = whole_period(entry.coverage())
    every = entry.timeline_for(period, options)
    every.check()
    if any(header.further for _, header in every.granules):
        raise InvalidRequestError(
            f"{entry.name} has further dimensions; time sums are of data that have none"
        )
    rule = find_conversion(entry, every, options, operation("mean")).rule
    if rule in EXTREMES:
        raise InvalidRequestError(f"longer steps of {entry.name} are no sums or means, but {rule}")
    check_longer(every, kind, rule)
    group = StepGroup(every, longer_steps(every, period, options))
    area = Area.from_box(*GLOBE)
    maker = _Maker(entry, kind, group, StepChunks.of(group, Size(area)), rule)
    return maker.plan(Request(entry.name, SUMS, area, period, options))


@dataclass(frozen=True, eq=False)
class _Maker:
    """The months of a dataset, and where they lie."""

    entry: CatalogEntry
    kind: str
    group: StepGroup
    chunks: StepChunks
    rule: str

    def plan(self, request: Request) -> SumsPlan:
        """Plan a file for each year that lacks something."""
        folder = SumsFolder(self.entry.data, self.entry.name, self.kind)
        jobs, there, size, files = [], 0, 0, set()
        whole = list(self._whole())
        for year, months in groupby(whole, lambda one: one.step.start[0]):
            mine = list(months)
            old = _readable(folder, year)
            missing = [one for one in mine if one.month.key not in (old.keys if old else ())]
            there += len(mine) - len(missing)
            if missing:
                jobs.append(self._job(folder, year, mine, old))
                stretches = list(self._stretches(missing))
                size += sum(map(self.chunks.size.of, stretches))
                files |= {one.granule.path.name for one in stretches}
        record = RequestRecord.of(request, sorted(files))
        record = replace(record, area_title="all cells", prepare=SUMS)
        fresh = sum(step.complete and not month.settled for step, month in self._pairs)
        count = len(whole) + fresh
        return SumsPlan(folder, tuple(jobs), record, request.area, there, count, fresh, size)

    def _whole(self) -> Iterator[_Whole]:
        """Yield the months that have all their days, and lie in files of one form in each year."""
        found = []
        for place, (step, month) in enumerate(self._pairs):
            if step.complete and month.settled:
                found.append(_Whole(step, month, place, self._form(place)))
        for _, year in groupby(found, lambda one: one.step.start[0]):
            mine = list(year)
            ((usual, _),) = Counter(one.form for one in mine).most_common(1)
            yield from (one for one in mine if one.form == usual and usual is not None)

    @cached_property
    def _pairs(self) -> list[tuple[Step, Month]]:
        """All steps, and the data's steps in each."""
        made = self.group.made
        assert made is not None  # noqa: S101 - they are longer steps
        lengths = self.group.timeline.lengths
        options = Options(time_step=self.kind)
        how = made.resampling(0, len(made.steps), lengths, self.rule, options)
        return list(zip(made.steps, months_of(self.group, how), strict=True))

    def _form(self, place: int) -> object:
        forms = {form_of(one.header) for one in self.chunks.within(range(place, place + 1))}
        return forms.pop() if len(forms) == 1 else None

    def _stretches(self, months: Sequence[_Whole]) -> Iterator[Stretch]:
        for one in months:
            yield from self.chunks.within(range(one.place, one.place + 1))

    def _job(
        self, folder: SumsFolder, year: int, months: list[_Whole], old: SumsFile | None
    ) -> SumsJob:
        known = {key: place for place, key in enumerate(old.keys)} if old else {}
        copied = {n: known[one.month.key] for n, one in enumerate(months) if one.month.key in known}
        missing = [(n, one) for n, one in enumerate(months) if n not in copied]
        runs = [one.month.run for _, one in missing]
        lengths = self.group.timeline.lengths
        return SumsJob(
            target=folder.of_year(year),
            dataset=self.entry.name,
            kind=self.kind,
            rule=self.rule,
            sources=tuple(
                one.granule.source(one.steps, {}, one.header)
                for one in _joined(self._stretches([one for _, one in missing]))
            ),
            places=np.repeat([n for n, _ in missing], [len(run) for run in runs]),
            lengths=np.concatenate([lengths[run.start : run.stop] for run in runs]),
            keys=tuple(one.month.key for one in months),
            begins=tuple(one.step.start for one in months),
            has_days=any(
                (lengths[one.month.run.start : one.month.run.stop] != 1.0).any() for one in months
            ),
            copied=copied,
            old=old.signature if old and copied else None,
        )


def _joined(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    """Join stretches of the same file that follow each other."""
    last: Stretch | None = None
    for one in stretches:
        follows = (
            last and last.granule.path == one.granule.path and last.steps.stop == one.steps.start
        )
        if last and follows:
            last = replace(last, steps=range(last.steps.start, one.steps.stop))
            continue
        if last:
            yield last
        last = one
    if last:
        yield last


def _readable(folder: SumsFolder, year: int) -> SumsFile | None:
    try:
        return SumsFile.read(folder.of_year(year))
    except (GranuleError, OSError):
        return None
