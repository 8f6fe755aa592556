"""Dates that are written out: in names of files, or as the times of a file."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import floor
from pathlib import Path

from csserv.errors import GranuleError, shortened

#: strptime's directives → how their digits look, and the step of a file whose name ends there
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
}

#: from the coarsest to the finest
ORDER = ("year", "month", "day", "hour", "minute", "second")


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
    """
    steps = [DIRECTIVES[one][1] for one in re.findall(r"%(.)", pattern)]
    parts = re.split(r"%(.)", pattern)
    looks = "".join(
        re.escape(part) if i % 2 == 0 else f"(?P<_{i}>{DIRECTIVES[part][0]})"
        for i, part in enumerate(parts)
    )
    match = re.search(rf"(?<!\d){looks}(?!\d)" if parts[0] == "" else rf"{looks}(?!\d)", path.name)
    if not match:
        raise GranuleError(f"its name holds no date as {pattern!r} (time_from_name)")
    text = " ".join(match.groups())
    form = " ".join(f"%{part}" for part in parts[1::2])
    try:
        found = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        raise GranuleError(f"its name holds {match[0]!r}, which is no date") from None
    return int(found.timestamp()), max(steps, key=ORDER.index)


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
