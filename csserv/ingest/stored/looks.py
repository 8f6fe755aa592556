"""When a provider was last looked at as a whole, and which steps it lacked then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import orjson

from csserv.outputs.durable import replace_file
from csserv.request import Period

#: after so long, all is looked at again, as providers also mend what is old
EVERY = timedelta(days=30)

DAY = timedelta(days=1)

#: steps so young are looked at each time, as they may be final or mended by now
YOUNG = timedelta(days=120)


@dataclass(frozen=True)
class LastLook:
    """The last look at all that is wanted.

    Attributes
    ----------
    day : of the look; None if there was none
    first : from which day on was looked
    gaps : steps that the provider did not have
    """

    day: date | None = None
    first: date | None = None
    gaps: tuple[datetime, ...] = ()

    def is_due(self, today: date, wanted: date) -> bool:
        """Whether all is to be looked at, from the first day that is wanted."""
        if self.day is None or self.first is None or wanted < self.first:
            return True
        return today - self.day >= EVERY or today < self.day


def years_to_look(period: Period, lacking: Iterable[datetime]) -> list[Period]:
    """List what to look at when not all is: years with steps that lack, and the newest days.

    Parameters
    ----------
    lacking : steps that are not there, or not in their best stream

    Returns
    -------
    parts of the period, in order, that do not overlap
    """
    young = max(period.start, period.end - YOUNG)
    years = {one.year for one in lacking if one.date() < young}
    found = [
        Period(max(date(year, 1, 1), period.start), min(date(year, 12, 31), young - DAY))
        for year in sorted(years)
    ]
    return [*found, Period(young, period.end)]


def read_look(path: Path) -> LastLook:
    """Read the last look; there was none if its file is gone or damaged, as it can be had again."""
    try:
        read = orjson.loads(path.read_bytes())
        gaps = tuple(datetime.fromisoformat(one) for one in read["gaps"])
        return LastLook(date.fromisoformat(read["day"]), date.fromisoformat(read["first"]), gaps)
    except (OSError, ValueError, KeyError, TypeError):
        return LastLook()


def write_look(path: Path, look: LastLook) -> None:
    """Keep a look; on return it is on disk."""
    content = {"day": look.day, "first": look.first, "gaps": list(look.gaps)}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, orjson.dumps(content))
