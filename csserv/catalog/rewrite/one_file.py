"""Checks for merging files: whether they fit together, and whether nothing was lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.errors import GranuleError

_SAME: dict[str, Callable[[Header], object]] = {
    "grid": lambda header: header.grid,
    "packing": lambda header: header.layout.packing,
    "units": lambda header: header.units,
    "calendar": lambda header: header.calendar,
    "further dimensions": lambda header: header.further,
    "the order of their dimensions": lambda header: header.layout.order,
}


def check_mergeable(granules: Sequence[Granule], headers: Sequence[Header]) -> None:
    """Check that files can be merged into one.

    Parameters
    ----------
    granules, headers : the files and their headers, in time order

    Raises
    ------
    GranuleError : two neighbours differ in grid, packing, units, calendar, further dimensions or
        the order of dimensions, or their times overlap
    """
    for i in range(1, len(headers)):
        pair = f"{granules[i - 1].path.name} and {granules[i].path.name}"
        for what, get in _SAME.items():
            if get(headers[i - 1]) != get(headers[i]):
                raise GranuleError(f"{pair} cannot be one file: they differ in {what}")
        if headers[i].times[0] <= headers[i - 1].times[-1]:
            raise GranuleError(f"{pair} hold the same times")


def check_merged_file(made: Granule, headers: Sequence[Header]) -> None:
    """Check that a merged file has the times, grid and attributes of the files it was made of.

    Raises
    ------
    GranuleError : one of these differs; the message names it
    """
    new, old = made.header(), headers[0]
    times = tuple(time for header in headers for time in header.times)
    same = {
        "times": new.times == times,
        "grid": new.grid == old.grid,
        "further dimensions": [f.labels for f in new.further] == [f.labels for f in old.further],
        "attributes": (new.units, new.attributes) == (old.units, old.attributes),
    }
    if wrong := [name for name, is_same in same.items() if not is_same]:
        raise GranuleError(f"{made.path.name} has not the {wrong[0]} of the files it is made of")
