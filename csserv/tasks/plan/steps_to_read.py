"""Which steps of a dataset a request reads: those of its period, and those before that it holds."""

from __future__ import annotations

from functools import lru_cache

from csserv.catalog import CatalogEntry
from csserv.catalog.timeline.timeline import Timeline
from csserv.errors import RequestTooLargeError
from csserv.request import Options, Period
from csserv.tasks.plan.compared_steps import compare_steps, period_of_data, years_around
from csserv.tasks.plan.index_plan import series_options
from csserv.zonal.over_time.longer_steps import with_steps_before

#: most memory for the cells of the steps that are accumulated [bytes]
WINDOW_MEMORY = 2**30

#: a cell of a step that is accumulated: its value, its valid days and its valid steps [bytes]
CELL = 24


def steps_to_read(
    entry: CatalogEntry, period: Period, options: Options
) -> tuple[Timeline, Timeline]:
    """Find all steps of a dataset, and of these the ones that a request reads.

    Raises
    ------
    EmptySelectionError : no files here, or none holds a day of the period; says what there is
    GranuleError : a file that may hold one of the steps is unreadable, or files disagree
    InvalidRequestError : steps cannot be accumulated as asked
    """
    every = entry.timeline_for(period, options)
    found = entry.covering_of(every, period)
    if options.index:
        entry.timeline_for(years_around(every), series_options(options))
        every.check()
        return every, every
    if options.against:
        whole = _with_reference(every, period, options)
        entry.timeline_for(whole, options)  # a file of the reference may be unreadable
        wanted = _compared(every, period, options)
        wanted.check()
        return every, wanted
    wider = with_steps_before(every, found, options)
    if len(wider) > len(found):
        first = wider.times[0]
        whole = Period.parse(f"{first.year:04}-{first.month:02}/{period.end}")
        entry.timeline_for(whole, options)  # a file of the steps before may be unreadable
    return every, wider


@lru_cache(maxsize=4)  # the same timeline for the same request, of which more is known then
def _compared(every: Timeline, period: Period, options: Options) -> Timeline:
    return every.pick(compare_steps(every, period, options).mask)


def _with_reference(every: Timeline, period: Period, options: Options) -> Period:
    """Return the days from the first to the last that may be read."""
    reference = Period.parse(options.against)
    first, last = min(period.start, reference.start), max(period.end, reference.end)
    return period_of_data(every, Period(first, last))


def check_window(options: Options, cells: int) -> None:
    """See that the cells of all steps that are accumulated fit into memory.

    Parameters
    ----------
    cells : of the area that lie in one chunk of a file

    Raises
    ------
    RequestTooLargeError : says how much it would need
    """
    needed = options.accumulate * cells * CELL
    if needed > WINDOW_MEMORY:
        raise RequestTooLargeError(
            f"accumulating {options.accumulate} steps of {cells:,} cells at once needs "
            f"{needed / 2**30:.1f} GB of memory; allowed is {WINDOW_MEMORY / 2**30:g} GB: ask for "
            "fewer or longer steps, or for a smaller area"
        )
