"""Dates that are written out: in names of files, or as the times of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from math import floor
from pathlib import Path

from csserv.catalog.read.times.steps_from import PARTS
from csserv.errors import GranuleError, shortened

#: strptime's directives, and parts of months and years that have none → how their digits look, and
#: the step of a file whose name ends there
DIRECTIVES = {
    "Y": (r"\d{4}", "year"),
    "y": (r"\d{2}", "year"),
    "m": (r"\d{1,2}", "month"),
    "b": (r"[A-Za-z]{3}", "month"),
    "d": (r"\d{1,2}", "day"),
    "j": (r"\d{1,3}", "day"),
    "H": (r"\d{1,2}", "hour"),
    "M": (r"\d{1,2}", "minute"),
    "S": (r"\d{1,2}", "second"),
    "[dekad]": (r"\d{1,2}", "dekad"),
    "[pentad]": (r"\d{1,2}", "pentad"),
    "[dekad of year]": (r"\d{1,2}", "dekad"),
    "[pentad of year]": (r"\d{1,2}", "pentad"),
}

#: a directive, or a sign of per cent that is doubled
DIRECTIVE = re.compile(r"%(\[[a-z ]+\]|.)")

#: from the coarsest to the finest
ORDER = ("year", "month", "dekad", "pentad", "day", "hour", "minute", "second")


def date_of_name(path: Path, pattern: str) -> tuple[int, str]:
    """Read the date of a file from its name.

    Returns
    -------
    moment [s] since 1970-01-01, and the finest part of a date that the pattern has, as "day"

    Raises
    ------
    GranuleError : the name does not follow the pattern, or its date does not exist

    >>> date_of_name(Path("chirps-v2.0.2020.01.02.nc"), "chirps-v2.0.%Y.%m.%d")
    (1577923200, 'day')
    >>> date_of_name(Path("chirps-v3.0.2020.01.2.tif"), "chirps-v3.0.%Y.%m.%[dekad]")
    (1578700800, 'dekad')
    """
    parts = DIRECTIVE.split(pattern)
    looks = "".join(
        re.escape(part) if i % 2 == 0 else f"(?P<_{i}>{DIRECTIVES[part][0]})"
        for i, part in enumerate(parts)
    )
    match = re.search(rf"(?<!\d){looks}(?!\d)" if parts[0] == "" else rf"{looks}(?!\d)", path.name)
    if not match:
        raise GranuleError(f"its name holds no date as {pattern!r} (time_from_name)")
    digits = dict(zip(parts[1::2], match.groups(), strict=True))
    try:
        found = _date(digits).replace(tzinfo=UTC)
    except ValueError:
        raise GranuleError(f"its name holds {match[0]!r}, which is no date") from None
    return int(found.timestamp()), max((DIRECTIVES[one][1] for one in digits), key=ORDER.index)


def _date(digits: Mapping[str, str]) -> datetime:
    """Put a date together of what a name says of it.

    Raises
    ------
    ValueError : there is no such date
    """
    plain = {part: text for part, text in digits.items() if not part.startswith("[")}
    form = " ".join(f"%{part}" for part in plain)
    found = datetime.strptime(" ".join(plain.values()), form)
    for part in digits.keys() - plain.keys():
        count, days = PARTS[DIRECTIVES[part][1]]
        months, number = divmod(int(digits[part]) - 1, count)
        if not 0 <= months < (12 if part.endswith("of year]") else 1):
            raise ValueError(f"no {part} {digits[part]}")
        found = found.replace(month=found.month + months, day=number * days + 1)
    return found


def written_date(text: str, name: str) -> int:
    """Read a time that a file has as text, such as 2020-01-31_18:00:00 [s since 1970-01-01].

    Parameters
    ----------
    name : of the coordinate, for the message

    Raises
    ------
    GranuleError : it is no date, or written otherwise
    """
    try:
        moment = datetime.fromisoformat(text.strip().replace("_", "T"))
    except ValueError:
        raise GranuleError(
            f"its {name} holds {shortened(text)!r}, which is no date; write dates as 2020-01-31 or "
            "2020-01-31T18:00:00"
        ) from None
    return floor(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
