"""What one must know of the files of a dataset as a whole when it is added."""

from __future__ import annotations

from collections.abc import Iterator

from csserv.catalog.entry import CatalogEntry
from csserv.catalog.timeline.timeline import Timeline

#: files that are named one by one
MOST = 5

#: so many steps are missing for one that is there where steps may be longer
SPARSE = 3


def remarks(entry: CatalogEntry) -> list[str]:
    """Return what is to be mended, what was left out, and what is only assumed.

    Raises
    ------
    GranuleError : none can be read
    """
    timeline = entry.timeline()
    told = [one.text for one in timeline.problems]
    told += [one.text for one in timeline.notes if one.code in ("files_skipped", "overlap")]
    more = [f"and {len(told) - MOST} more of these"] if len(told) > MOST else []
    return [
        *told[:MOST],
        *more,
        *_of_grids(timeline),
        *_of_bands(entry, timeline),
        *_of_gaps(entry),
    ]


def _of_grids(timeline: Timeline) -> Iterator[str]:
    (first, header), *others = timeline.granules
    other = next((one for one, its in others if its.grid != header.grid), None)
    if other is not None:
        yield (
            f"{first.path.name} and {other.path.name} are on different grids: maps and longer "
            "steps of both are refused; put them into two datasets"
        )


def _of_gaps(entry: CatalogEntry) -> Iterator[str]:
    """Tell of dates so far apart that a step may be longer than they say."""
    there = entry.coverage()
    if not entry.time_step and there.steps > 1 and there.lacking > SPARSE * there.steps:
        yield (
            f"its steps are taken as {there.time_step}, and {there.lacking} between them are "
            "missing: if a step is longer than that, --time-step says so, such as month"
        )


def _of_bands(entry: CatalogEntry, timeline: Timeline) -> Iterator[str]:
    bands = [one for one in timeline.granules[0][1].further if one.name == "band"]
    many = len(bands[0].labels) if bands else 0
    if many > 1 and entry.time_from_name and not entry.bands:
        yield (
            f"{timeline.granules[0][0].path.name} has {many} bands that say no dates: --select "
            "band=1 of a request takes one; if they are steps that follow each other, add it with "
            "--bands steps and --time-step, such as day"
        )
