"""Templates of the addresses of a provider's files: written for a step, and read for its date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from csserv.errors import SettingsError

#: code in a template → digits that may stand there
CODES = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%m": r"\d{2}",
    "%d": r"\d{2}",
    "%j": r"\d{3}",
    "%H": r"\d{2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    "{dekad}": "[1-3]",
    "{pentad}": "[1-6]",
    "{dekad_of_year}": r"\d{2}",
    "{pentad_of_year}": r"\d{2}",
}

_CODE = re.compile(r"%[A-Za-z]|\{\w*\}|\*")


@dataclass(frozen=True)
class NameTemplate:
    """An address below a provider's base: folders, and the name of the file.

    Attributes
    ----------
    text : with strptime's codes of dates, ``{dekad}`` (1 to 3 in the month), ``{pentad}`` (1 to
        6), ``{dekad_of_year}``, ``{pentad_of_year}``, and ``*`` where any text may stand

    Raises
    ------
    SettingsError : a code that is not known, or a name of which the date cannot be told
    """

    text: str

    def __post_init__(self) -> None:
        if wrong := [one for one in _CODE.findall(self.text) if one not in {*CODES, "*"}]:
            raise SettingsError(f"{wrong[0]} in {self.text!r}; allowed are {', '.join(CODES)}, *")
        if "*" in self._folder:
            raise SettingsError(f"{self.text!r}: * may stand in the name only, not in a folder")
        name = set(_CODE.findall(self._name))
        if not name & {"%Y", "%y"}:
            raise SettingsError(f"{self.text!r}: its last part does not tell the year")

    def folder(self, moment: datetime) -> str:
        """Write the folder of a step; it ends with a slash, or is empty.

        >>> NameTemplate("daily/%Y/rain.%Y.%m.%d.tif").folder(datetime(2024, 3, 5))
        'daily/2024/'
        """
        return _write(self._folder, moment)

    def name(self, moment: datetime) -> str:
        """Write the name of the file of a step.

        Raises
        ------
        SettingsError : the provider alone knows the name, as part of it may be anything
        """
        if "*" in self._name:
            raise SettingsError(f"{self.text!r} is known by a listing only")
        return _write(self._name, moment)

    def example(self, moment: datetime) -> str:
        """Write a name that the file of a step may have: nothing stands where any text may."""
        return _write(self._name.replace("*", ""), moment)

    def date_in(self, name: str) -> datetime | None:
        """Read the date in the name of a file; None for files of other kinds.

        A date that cannot be, such as 30 February, is none.

        >>> str(NameTemplate("chirps.%Y.%m.{dekad}.tif").date_in("chirps.2024.03.2.tif"))
        '2024-03-11 00:00:00'
        """
        found = self._pattern.fullmatch(name)
        if not found:
            return None
        read = {code: found[group] for code, group in self._groups.items()}
        try:
            return _date(read)
        except ValueError:
            return None

    def span_end(self, start: datetime) -> datetime | None:
        """Return the end of the month or year that a name stands for; None if it is finer.

        >>> str(NameTemplate("rain.%Y.nc").span_end(datetime(2024, 1, 1)))
        '2025-01-01 00:00:00'
        """
        codes = set(_CODE.findall(self._name)) - {"*", "%Y", "%y"}
        if not codes:
            return datetime(start.year + 1, 1, 1)
        if codes == {"%m"}:
            return datetime(start.year + start.month // 12, start.month % 12 + 1, 1)
        return None

    @property
    def _folder(self) -> str:
        return self.text[: self.text.rfind("/") + 1]

    @property
    def _name(self) -> str:
        return self.text[self.text.rfind("/") + 1 :]

    @cached_property
    def _groups(self) -> dict[str, str]:
        codes = [one for one in _CODE.findall(self._name) if one != "*"]
        return {code: f"g{number}" for number, code in enumerate(dict.fromkeys(codes))}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        seen: set[str] = set()
        parts, last = [], 0
        for one in _CODE.finditer(self._name):
            parts.append(re.escape(self._name[last : one.start()]))
            parts.append(self._one_pattern(one[0], seen))
            last = one.end()
        return re.compile("".join([*parts, re.escape(self._name[last:])]))

    def _one_pattern(self, code: str, seen: set[str]) -> str:
        if code == "*":
            return "[^/]{0,80}?"
        group = self._groups[code]
        if code in seen:
            return f"(?P={group})"
        seen.add(code)
        return f"(?P<{group}>{CODES[code]})"


def _write(text: str, moment: datetime) -> str:
    month, day = moment.month - 1, moment.day
    dekad, pentad = min((day - 1) // 10, 2) + 1, min((day - 1) // 5, 5) + 1
    further = {
        "{dekad}": str(dekad),
        "{pentad}": str(pentad),
        "{dekad_of_year}": f"{month * 3 + dekad:02}",
        "{pentad_of_year}": f"{month * 6 + pentad:02}",
    }
    return _CODE.sub(lambda one: further.get(one[0]) or moment.strftime(one[0]), text)


def _date(read: dict[str, str]) -> datetime:
    """Make the date of the numbers that stand in a name."""
    number = {code: int(text) for code, text in read.items()}
    short = number.get("%y", 0)
    year = number.get("%Y", short + (1900 if short >= 70 else 2000))
    hour, minute = number.get("%H", 0), number.get("%M", 0)
    if "%j" in number:
        moment = datetime(year, 1, 1, hour, minute) + timedelta(days=number["%j"] - 1)
        if not number["%j"] >= 1 or moment.year != year:
            raise ValueError("no such day of the year")
        return moment
    month, part, days = number.get("%m", 1), 0, 10
    if "{dekad}" in number:
        part = number["{dekad}"] - 1
    elif "{pentad}" in number:
        part, days = number["{pentad}"] - 1, 5
    elif "{dekad_of_year}" in number:
        month, part = _of_year(number["{dekad_of_year}"], 3)
    elif "{pentad_of_year}" in number:
        (month, part), days = _of_year(number["{pentad_of_year}"], 6), 5
    return datetime(year, month, number.get("%d", part * days + 1), hour, minute)


def _of_year(number: int, parts: int) -> tuple[int, int]:
    """Return the month, and the part of it from 0, of a part of the year from 1."""
    month, part = divmod(number - 1, parts)
    return month + 1, part
