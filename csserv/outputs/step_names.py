"""Names of steps in names of files."""

from __future__ import annotations

import cftime


def stamp(time: cftime.datetime, daily: bool) -> str:
    """Name a step ``YYYYMMDD``, or ``YYYYMMDDThhmmss`` where a day has several.

    >>> stamp(cftime.datetime(2019, 2, 1, 6), daily=False)
    '20190201T060000'
    """
    date = f"{time.year:04}{time.month:02}{time.day:02}"
    return date if daily else f"{date}T{time.hour:02}{time.minute:02}{time.second:02}"
