"""Steps of a result put together by season, month or year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.errors import InvalidRequestError
from csserv.outputs.series import iso, read_iso

#: first letters of the months of each season, in their order in the year
SEASONS = ("DJF", "MAM", "JJA", "SON")

#: how steps can be put together → label of a group, of the day that a step begins or ends with
GROUPS: dict[str, Callable[[cftime.datetime], Any]] = {
    "step": iso,
    "season": lambda day: SEASONS[day.month % 12 // 3],
    "month": lambda day: int(day.month),
    "year": lambda day: int(day.year),
    "period": lambda day: "period",
}

#: how steps are put together → most days of a step in such a group
LONGEST = {"season": 92, "month": 31, "year": 366}


def group_steps(plain: Mapping[str, Any], by: Any) -> tuple[list[Any], NDArray[np.intp]]:
    """Put the steps of a result together.

    Parameters
    ----------
    plain : a result's JSON
    by : "step" (each is its own), "season", "month" or "year" of all years, or "period"

    Returns
    -------
    labels : of the groups, in their order
    numbers : (time,) the group of each step

    Raises
    ------
    InvalidRequestError : no such group, or a step reaches over two of them
    """
    if not isinstance(by, str) or by not in GROUPS:
        raise InvalidRequestError(f"by is {by!r}; allowed are {', '.join(GROUPS)}")
    label = GROUPS[by]
    starts, ends = _days(plain)
    every = [label(day) for day in starts]
    if longest := LONGEST.get(by):
        for start, end in zip(starts, ends, strict=True):
            if label(start) != label(end) or (end - start).days >= longest:
                raise InvalidRequestError(
                    f"the step from {iso(start)} to {iso(end)} lies in no one {by}; ask for "
                    'shorter steps, such as time_step="monthly", or say by="step"'
                )
    known = dict.fromkeys(every)
    labels = [one for one in SEASONS if one in known] if by == "season" else list(known)
    labels = sorted(labels) if by in ("month", "year") else labels
    places = {one: i for i, one in enumerate(labels)}
    return labels, np.array([places[one] for one in every], dtype=np.intp)


def _days(plain: Mapping[str, Any]) -> tuple[list[cftime.datetime], list[cftime.datetime]]:
    """Return first and last day of each step; the last ones of the data's own by the shortest."""
    calendar = plain["calendar"]
    starts = [read_iso(text, calendar) for text in plain["series"][0]["time"]]
    if steps := plain.get("steps"):
        return starts, [read_iso(text, calendar) for text in steps["end"]]
    if intervals := plain.get("intervals"):
        after = (read_iso(text, calendar) for text in intervals["end"])
        return starts, [one - timedelta(seconds=1) for one in after]
    apart = [(after - before).days for before, after in pairwise(starts)]
    if (length := min(apart, default=1)) <= 1:
        return starts, starts
    return starts, [start + timedelta(days=length - 1) for start in starts]
