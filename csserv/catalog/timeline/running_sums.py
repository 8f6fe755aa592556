"""Values that are sums since the beginning of their day: found by their numbers, and undone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats, Window
from csserv.catalog.read.times.calendar_units import Ints
from csserv.catalog.read.windows import read_window
from csserv.catalog.timeline.frequency import DAY, find_frequency
from csserv.catalog.timeline.timeline import Stretch, Timeline
from csserv.errors import InvalidRequestError

#: ``over_time`` of a row whose values grow from 00 UTC on
ACCUMULATED = "accumulated"

#: of values that grow on from day to day, as totals since the beginning of a run do
ENDLESS = "endless"

#: places in the archive where days are looked at, and most days at each
PLACES, DAYS = 3, 2

#: most rows and columns that are read of a step
SIDE = 60

#: share of the changes within a day that may be falls where values grow [1]; packing makes some
FEW = 0.01

#: share of the changes within a day that are falls where each step has an amount of its own [1]
MANY = 0.1

#: changes that must be seen before anything is said
SURE = 20


def whole_days(timeline: Timeline) -> Timeline:
    """Keep the steps that end at 00 UTC: with values that grow, each holds the sum of its day.

    Raises
    ------
    InvalidRequestError : steps are not shorter than a day, or none ends with a day
    """
    if not timeline.is_timed or float(timeline.lengths.max(initial=0.0)) >= 1.0:
        raise InvalidRequestError(
            "over_time = 'accumulated' is for steps shorter than a day, whose values grow from 00 "
            "UTC on; say another one in the dataset's row"
        )
    kept = np.flatnonzero(timeline.end % DAY == 0)
    if not len(kept):
        raise InvalidRequestError(
            "no step ends at 00 UTC, so no day's sum is known (over_time = 'accumulated'); say "
            "time_at in the dataset's row if time stamps do not stand at the end of their steps"
        )
    end = timeline.end[kept]
    start: Ints = end - np.int64(DAY)
    frequency, numbers = find_frequency(start, timeline.calendar, 1.0)
    return replace(
        timeline,
        stretches=tuple(_single_steps(timeline, kept)),
        start=start,
        end=end,
        frequency=frequency,
        numbers=numbers,
    )


def find_running_sums(timeline: Timeline, select: Mapping[str, Any]) -> str:
    """See from the numbers whether values grow through each day.

    Parameters
    ----------
    timeline : of steps shorter than a day, with time stamps at their ends
    select : coordinates chosen of further dimensions; the first where it says nothing

    Returns
    -------
    over_time : "accumulated" where they grow and begin anew with the day, "sum" where they rise and
        fall as amounts of single steps do, ``ENDLESS`` where they grow on over the days; empty
        where the numbers do not tell

    Raises
    ------
    GranuleError : a file cannot be read
    """
    rises = falls = resets = kept = 0
    for values, day in _samples(timeline, select):
        size = np.abs(values)
        change = np.diff(size, axis=0)
        inside = (day[1:] == day[:-1])[:, None]
        rises += int((inside & (change > 0)).sum())
        falls += int((inside & (change < 0)).sum())
        over = ~inside & (size[:-1] > 0)
        resets += int((over & (change < 0)).sum())
        kept += int((over & (change >= 0)).sum())
    if rises + falls < SURE:
        return ""
    share = falls / (rises + falls)
    if share > MANY:
        return "sum"
    if share > FEW or resets == kept:
        return ""
    if resets > kept:
        return ACCUMULATED
    return ENDLESS if resets <= FEW * kept else ""


def _single_steps(timeline: Timeline, kept: NDArray[np.int64]) -> Iterator[Stretch]:
    """Yield a stretch for each step that is kept; ``kept`` are their numbers, rising."""
    for one in timeline.stretches:
        first, stop = np.searchsorted(kept, [one.number, one.number + len(one.steps)])
        for place in range(int(first), int(stop)):
            step = int(kept[place]) - one.number
            yield replace(one, steps=one.steps[step : step + 1], number=place)


def _samples(
    timeline: Timeline, select: Mapping[str, Any]
) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
    """Read cells at runs of steps: values (steps, cells), and the day of each step."""
    per_day = round(1.0 / float(np.median(timeline.lengths)))
    length = per_day * DAYS + 1
    last = max(0, len(timeline) - length)
    for first in sorted({round(last * i / max(1, PLACES - 1)) for i in range(PLACES)}):
        run = range(first, min(first + length, len(timeline)))
        values = np.concatenate([_read(one, select) for one in _cut(timeline, run)])
        days: Ints = (timeline.start[run.start : run.stop] // DAY).astype(np.int64)
        yield np.nan_to_num(values), days


def _cut(timeline: Timeline, run: range) -> Iterator[Stretch]:
    """Yield the stretches that hold a run of steps, cut to it."""
    firsts = [one.number for one in timeline.stretches]
    place = bisect_right(firsts, run.start) - 1
    for one in timeline.stretches[place:]:
        part = one.cut(run)
        if part is None:
            return
        yield part


def _read(stretch: Stretch, select: Mapping[str, Any]) -> Floats:
    header = stretch.header
    named = {one.name: str(select.get(one.name, one.labels[0])) for one in header.further}
    rows, columns = header.layout.rows, header.layout.columns
    top, left = (max(0, (length - SIDE) // 2) for length in (rows, columns))
    window = Window(top, left, min(rows, SIDE), min(columns, SIDE))
    source = stretch.granule.source(stretch.steps, named, header)
    found = read_window(source, window)
    return found.reshape(len(found), -1)
