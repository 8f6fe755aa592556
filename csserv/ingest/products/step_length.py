"""The length of a product's steps, and where each begins and ends."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from csserv.errors import SettingsError

#: name of a step → parts of a month; the last part lasts to the end of the month
PARTS = {"month": 1, "dekad": 3, "pentad": 6}

#: unit of a length → itself
UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


@dataclass(frozen=True)
class StepLength:
    """How long the steps of a product are.

    Attributes
    ----------
    name : such as "day", "dekad" or "8 days"
    parts : steps of a month; 0 where steps have a fixed length
    length : of a step, where it is fixed
    """

    name: str
    parts: int = 0
    length: timedelta = timedelta(0)

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read a name.

        >>> StepLength.parse("8 days").length.days
        8

        Raises
        ------
        SettingsError : no such step
        """
        if name in PARTS:
            return cls(name, PARTS[name])
        found = re.fullmatch(r"(?:([1-9]\d*) )?([a-z]+?)s?", name)
        if not found or found[2] not in UNITS:
            raise SettingsError(
                f"a step of {name!r}; write {', '.join(PARTS)}, day, week, or such as '8 days'"
            )
        return cls(name, 0, int(found[1] or 1) * UNITS[found[2]])

    @property
    def is_short(self) -> bool:
        """Whether steps are shorter than a day."""
        return not self.parts and self.length < UNITS["day"]

    def end(self, start: datetime) -> datetime:
        """Return the end of a step, which is not part of it.

        >>> str(StepLength.parse("dekad").end(datetime(2024, 2, 21)))
        '2024-03-01 00:00:00'
        """
        if not self.parts:
            return start + self.length
        part = self._part(start)
        if part + 1 < self.parts:
            return start.replace(day=(part + 1) * self._days + 1)
        return start.replace(day=1) + timedelta(days=monthrange(start.year, start.month)[1])

    def begins(self, moment: datetime) -> bool:
        """Whether a step can begin at a moment; those of fixed length can at each."""
        return not self.parts or (
            moment.hour == moment.minute == 0 and moment.day == self._part(moment) * self._days + 1
        )

    @property
    def _days(self) -> int:
        return 30 // self.parts

    def _part(self, moment: datetime) -> int:
        return min((moment.day - 1) // self._days, self.parts - 1)
