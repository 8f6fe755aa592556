"""How the current language writes dates, for scripts in the browser, whose names are English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from csserv.language.local_numbers import ENGLISH_MONTHS, month_names
from csserv.language.one_language import ENGLISH
from csserv.language.speaking import current_language

#: what a script can put into a pattern
FIELDS = {"d", "dd", "M", "MM", "MMM", "MMMM", "LLLL", "y"}


@dataclass(frozen=True)
class DatePatterns:
    """Names of months, and what a date is made of.

    Attributes
    ----------
    short, wide, alone : names of months, short ones, in a date and without a day, January first
    day : pattern of a date, with ``%(d)s`` and the like for its parts
    month : pattern of a month of a year
    """

    short: Sequence[str] = tuple(name[:3] for name in ENGLISH_MONTHS[1:])
    wide: Sequence[str] = ENGLISH_MONTHS[1:]
    alone: Sequence[str] = ENGLISH_MONTHS[1:]
    day: str = "%(d)s %(MMMM)s %(y)s"
    month: str = "%(LLLL)s %(y)s"

    def __post_init__(self) -> None:
        for names in (self.short, self.wide, self.alone):
            if len(names) != 12:
                raise ValueError(f"there are {len(names)} names of months: {names}; 12 are wanted")
        for pattern in (self.day, self.month):
            if unknown := set(re.findall(r"%\((\w+)\)s", pattern)) - FIELDS:
                raise ValueError(f"{pattern!r} has {unknown}; known are {FIELDS}")

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def date_patterns() -> DatePatterns:
    """Return how the current language writes dates.

    >>> from csserv.language import Language, speaking
    >>> with speaking(Language.of("es")):
    ...     found = date_patterns()
    >>> found.short[0], found.wide[1], found.day
    ('ene', 'febrero', '%(d)s de %(MMMM)s de %(y)s')
    """
    language = current_language()
    if language == ENGLISH:
        return DatePatterns()
    known = language.locale
    wide = known.months["format"]["wide"]
    names = DatePatterns(
        short=month_names(short=True)[1:],
        wide=tuple(wide[number] for number in range(1, 13)),
        alone=month_names()[1:],
    )
    skeletons = known.datetime_skeletons
    month = skeletons["yMMMM"].format if "yMMMM" in skeletons else names.month
    try:
        return replace(names, day=known.date_formats["long"].format, month=month)
    except ValueError:  # a language whose dates have more in them, such as the era
        return names
