"""Puts the steps of files in order, and checks the archive as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.read.times.calendar_units import Ints
from csserv.catalog.timeline.consistency import (
    Member,
    Problem,
    check_lengths,
    choose_files,
    one_calendar,
)
from csserv.catalog.timeline.frequency import DAY, find_frequency
from csserv.catalog.timeline.intervals import lay_out, said_days
from csserv.catalog.timeline.one_unit import in_one_unit
from csserv.catalog.timeline.timeline import Stretch, Timeline
from csserv.machine.collection_pause import pause_collection
from csserv.notes import Note, each_once


@dataclass(frozen=True)
class TimeRules:
    """What the row of a dataset says of its steps.

    Attributes
    ----------
    time_at : "start", "centre" or "end": where time stamps stand in their steps
    days : length of a step [days]; 0 where it is not said
    prefer : which of several files counts; see ``consistency.each_once``
    """

    time_at: str = ""
    days: float = 0.0
    prefer: str | tuple[str, ...] = ""


@pause_collection()
def lay_timeline(
    pairs: Iterable[tuple[Granule, Header]],
    rules: TimeRules = TimeRules(),
    chosen: Mapping[str, str] | None = None,
) -> Timeline:
    """Put the steps of files in order, and check the archive as a whole.

    Parameters
    ----------
    pairs : the files, at least one
    chosen : what is chosen of further dimensions; a lead time moves the times of a forecast
    """
    found = [Member(one, header, header.stamps_of(chosen or {})) for one, header in pairs]
    members, problems, notes = one_calendar(found)
    calendar = members[0].stamps.calendar
    moments = np.concatenate([one.stamps.moments for one in members])
    counts = [len(one.stamps) for one in members]
    of_file = np.repeat(np.arange(len(members)), counts)
    has_bounds = np.repeat([one.stamps.bounds is not None for one in members], counts)
    bounds = np.concatenate([_bounds(one) for one in members])
    usual = _usual(rules, members)
    laid = lay_out(moments, bounds, has_bounds, calendar, rules.time_at, usual)
    if laid.trouble:
        problems.append(Problem(laid.trouble))
    problems += check_lengths(members)
    order = np.argsort(laid.start, kind="stable")
    start, end, file = laid.start[order], laid.end[order], of_file[order]
    kept, more, told = choose_files(members, file, start, end, rules.prefer)
    converted, others, units = in_one_unit(members)
    index = np.concatenate([np.arange(count) for count in counts])[order]
    frequency, numbers = find_frequency(start[kept], calendar, usual)
    return Timeline(
        stretches=tuple(_stretches(converted, file[kept], index[kept])),
        start=start[kept],
        end=end[kept],
        calendar=calendar,
        frequency=frequency,
        numbers=numbers,
        is_timed=laid.is_timed,
        problems=(*problems, *more, *others),
        notes=each_once(
            [*notes, *laid.notes, *told, *units, *_of_stamps(members), *_of_places(members)]
        ),
    )


def _usual(rules: TimeRules, members: Sequence[Member]) -> float:
    """How long a step is, as the row says it, or else all files [days]; 0 where they do not."""
    said = set(map(said_days, {one.stamps.step for one in members}))
    bounds = [one.stamps.bounds for one in members if one.stamps.bounds is not None]
    own = float(np.median(np.diff(bounds[0], axis=1))) / DAY if bounds else 0.0
    return rules.days or (said.pop() if len(said) == 1 else 0.0) or own


def _bounds(member: Member) -> Ints:
    """``(n, 2)`` bounds of the steps of a file; any where it says none."""
    bounds = member.stamps.bounds
    return np.zeros((len(member.stamps), 2), np.int64) if bounds is None else bounds


def _stretches(members: Sequence[Member], of_file: Ints, index: Ints) -> Iterator[Stretch]:
    """Join steps that follow each other in one file."""
    if not len(of_file):
        return
    breaks = (np.diff(of_file) != 0) | (np.diff(index) != 1)
    starts = [0, *(np.flatnonzero(breaks) + 1).tolist()]
    for first, stop in zip(starts, [*starts[1:], len(of_file)], strict=True):
        one = members[of_file[first]]
        steps = range(int(index[first]), int(index[first]) + stop - first)
        yield Stretch(one.granule, one.header, steps, first)


def _of_stamps(members: Sequence[Member]) -> Iterator[Note]:
    """Tell what was assumed to read the times of files."""
    if any(one.stamps.by_month for one in members):
        yield Note("months", "times counted in months are read as calendar months")
    odd = [one.name for one in members if one.stamps.odd_bounds]
    if odd:
        text = "its bounds of time cannot be those of its times, and are not used"
        yield Note("steps", text, odd[0])


def _of_places(members: Sequence[Member]) -> Iterator[Note]:
    """Tell what was assumed to place cells, each once, of the first file that it is of."""
    told = {text: one.name for one in reversed(members) for text in one.header.placing}
    for text, name in told.items():
        yield Note("grid", text, name)
