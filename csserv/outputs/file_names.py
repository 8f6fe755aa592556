"""File names that say which request, or which step, the file answers."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # slow to import, and `import csserv` reads this module
    import cftime

#: an area's name is cut to this length [characters]
LONGEST = 60


def file_stem(dataset: str, operation: str, area: str, period: str, time_step: str = "") -> str:
    """Make a file name (without ending) from a request, in ASCII characters only.

    >>> file_stem("chirps", "mean", "Côte d'Ivoire", "2019-01-01/2019-12-31")
    'chirps_mean_Cote-d-Ivoire_2019'
    >>> file_stem("chirps", "p90", "Kenya, each unit", "2019-01-01/2019-04-30", "monthly")
    'chirps_p90_monthly_Kenya-each-unit_2019-01_2019-04'
    """
    parts = [dataset, operation, time_step, _plain(area), _short(period)]
    return "_".join(part for part in parts if part)


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9.-]+", "-", bare)[:LONGEST].strip("-.") or "area"


def _short(period: str) -> str:
    """Shorten a period to years or months if it consists of whole ones.

    >>> _short("2019-01-01/2020-12-31"), _short("2019-03-01/2019-03-31"), _short("2019-03-07")
    ('2019_2020', '2019-03', '2019-03-07')
    """
    ends = [end.strip() for end in period.split("/")]
    first, last = ends[0], ends[-1]
    try:
        begins, stops = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:  # a day that no real calendar has
        return _joined(first, last)
    after = stops + timedelta(days=1)
    if (begins.month, begins.day) == (after.month, after.day) == (1, 1):
        return _joined(first[:4], last[:4])
    if begins.day == after.day == 1:
        return _joined(first[:7], last[:7])
    return _joined(first, last)


def _joined(first: str, last: str) -> str:
    return first if first == last else f"{first}_{last}"


def stamp(time: cftime.datetime, daily: bool) -> str:
    """Name a step ``YYYYMMDD``, or ``YYYYMMDDThhmmss`` where a day has several.

    >>> import cftime
    >>> stamp(cftime.datetime(2019, 2, 1, 6), daily=False)
    '20190201T060000'
    """
    date = f"{time.year:04}{time.month:02}{time.day:02}"
    return date if daily else f"{date}T{time.hour:02}{time.minute:02}{time.second:02}"
