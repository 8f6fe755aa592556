"""Dates of the bands of a GeoTIFF, where it says them: as GDAL or as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from csserv.catalog.read.times.stamps import CountedTimes

#: what GDAL writes for each band of a file that was NetCDF
BAND_TIME, UNITS, CALENDAR = "NETCDF_DIM_time", "time#units", "time#calendar"

#: dates in the names of bands: how they look, and how long the step of such a one is
FORMS = (
    (re.compile(r"(?<!\d)(\d{4})([-_.]?)(\d{2})\2(\d{2})(?:[T_ ](\d{2}):?(\d{2}))?(?!\d)"), "day"),
    (re.compile(r"(?<!\d)(\d{4})([-_.]?)(\d{2})(?![-_.]?\d)"), "month"),
)

EPOCH = "seconds since 1970-01-01"


def read_band_dates(
    names: Sequence[str], each: Sequence[Mapping[str, str]], tags: Mapping[str, str]
) -> CountedTimes | None:
    """Read when the bands of a file are; None where it does not say so of all.

    Parameters
    ----------
    names, each : of the bands: their names and what is said of them
    tags : what is said of the file
    """
    if UNITS in tags and all(BAND_TIME in band for band in each):
        numbers = np.array([float(band[BAND_TIME]) for band in each])
        return CountedTimes(numbers, tags[UNITS], tags.get(CALENDAR, ""))
    for form, step in FORMS:
        moments = [_moment(form, name) for name in names]
        found = [one for one in moments if one is not None]
        if len(found) == len(names) == len(set(found)):
            is_timed = any(one % 86400 for one in found)
            numbers = np.array(found, np.float64)
            return CountedTimes(numbers, EPOCH, "", step="" if is_timed else step)
    return None


def _moment(form: re.Pattern[str], name: str) -> float | None:
    match = form.search(name)
    if not match:
        return None
    year, _, month, *rest = match.groups()
    day, hour, minute = (int(one or 0) for one in (*rest, 0, 0, 0)[:3])
    try:
        return datetime(int(year), int(month), day or 1, hour, minute, tzinfo=UTC).timestamp()
    except ValueError:
        return None
