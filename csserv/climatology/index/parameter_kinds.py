"""What a parameter of an index may be: a number in a range, one of some words, a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import cftime

from csserv.errors import InvalidRequestError


class ParameterKind(Protocol):
    """A parameter: its default, what it means, and how a value of it is read."""

    @property
    def default(self) -> Any:
        """The value that is taken where none is given."""

    @property
    def means(self) -> str:
        """What it is, in words."""

    def read(self, name: str, value: Any) -> Any:
        """Return a value that is allowed; else raise InvalidRequestError."""


@dataclass(frozen=True)
class Number:
    """A number from ``least`` to ``most``, perhaps a whole one."""

    default: float
    means: str
    least: float
    most: float
    whole: bool = False

    def read(self, name: str, value: Any) -> float:
        """Return the number."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not self.least <= number <= self.most or (self.whole and number != int(number)):
            kind = "a whole number" if self.whole else "a number"
            raise InvalidRequestError(
                f"{name} is {value!r}; allowed is {kind} from {self.least:g} to {self.most:g}"
            )
        return int(number) if self.whole else number


@dataclass(frozen=True)
class Choice:
    """One of several words."""

    default: str
    means: str
    choices: tuple[str, ...]

    def read(self, name: str, value: Any) -> str:
        """Return the word."""
        if value not in self.choices:
            raise InvalidRequestError(
                f"{name} is {value!r}; allowed are {', '.join(map(repr, self.choices))}"
            )
        return str(value)


@dataclass(frozen=True)
class MonthDay:
    """A day of the year, as month and day: "03-01". 29 February is none of every year."""

    default: str
    means: str

    def read(self, name: str, value: Any) -> str:
        """Return month and day, two digits each."""
        try:
            month, day = (int(part) for part in str(value).split("-"))
            cftime.datetime(2001, month, day, calendar="noleap")
        except ValueError:
            raise InvalidRequestError(
                f"{name} is {value!r}; allowed are a month and a day of every year, such as '03-01'"
            ) from None
        return f"{month:02}-{day:02}"
