"""The grammar of units: products of names with small powers, and nothing that is worked out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from csserv.units.spellings import plain_text

#: how long units are at most [characters]
LONGEST = 64

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d{1,9}(?:\.\d{1,9})?(?:[eE][-+]?\d{1,2})?(?![\d.]))
    | (?P<name>[^\W\d_][^\W\d]*|%|°[A-Z]?)
    | (?P<power>\*\*|\^)
    | (?P<times>[*.])
    | (?P<over>/)
    | (?P<open>\()
    | (?P<close>\))
    )""",
    re.VERBOSE,
)

#: an exponent: one or two digits, perhaps with one or two decimals, perhaps in parentheses
_POWER = re.compile(r"\s*(\(?)\s*([-+]?\d{1,2}(?:\.\d{1,2})?)\s*(\)?)(?![\w.])")

#: an exponent that stands right behind a name: m-2, s-1, km2
_DIRECT = re.compile(r"[-+]?\d{1,2}(?!\d|\.\d)")

#: the name of what a number right before it counts
_COUNTED = re.compile(r"-?([^\W\d_]+)")

Parts = dict[str, float]


@dataclass(frozen=True)
class UnitText:
    """What a text of units says: a number times names, each with its power.

    Attributes
    ----------
    factor : the number
    parts : (name, power) in the order of the text, each name once
    """

    factor: float
    parts: tuple[tuple[str, float], ...]


def parse_unit_text(units: str) -> UnitText | None:
    """Read units; None for a text that is none: too long, with other signs, or with arithmetic.

    Products, quotients and powers are read from left to right, as UDUNITS does: ``kg/m2 s`` is
    ``kg m-2 s``. The text never reaches a parser that works numbers out: ``mm**9**9**9`` held the
    whole server for ever in pint.

    >>> parse_unit_text("kg m-2 s-1").parts
    (('kg', 1.0), ('m', -2.0), ('s', -1.0))
    >>> parse_unit_text("10*mm"), parse_unit_text("mm**9**9**9")
    (UnitText(factor=10.0, parts=(('mm', 1.0),)), None)
    """
    if len(units) > LONGEST:
        return None
    reader = _Reader(plain_text(units))
    try:
        factor, parts = reader.product()
    except ValueError:
        return None
    if not reader.is_at_end() or not 0 < factor < float("inf"):
        return None
    return UnitText(factor, tuple((name, power) for name, power in parts.items() if power))


class _Reader:
    """Reads a text from left to right; raises a ValueError where it cannot go on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def is_at_end(self) -> bool:
        return not self._text[self._at :].strip()

    def product(self) -> tuple[float, Parts]:
        """Read terms until the end, or a closing parenthesis."""
        factor, parts = 1.0, Parts()
        sign = 1.0
        is_first, is_due = True, False  # whether a term must follow
        while not self.is_at_end() and self._peek() != "close":
            kind = self._peek()
            if kind in ("times", "over"):
                if is_due or is_first:
                    raise ValueError(self._text)
                sign = -1.0 if kind == "over" else 1.0
                self._take()
                is_due = True
                continue
            number, names = self._term()
            factor *= number**sign
            for name, power in names.items():
                parts[name] = parts.get(name, 0.0) + sign * power
            sign, is_first, is_due = 1.0, False, False
        if is_due:
            raise ValueError(self._text)
        return factor, parts

    def _term(self) -> tuple[float, Parts]:
        kind, text = self._take()
        if kind == "open":
            factor, parts = self.product()
            if self.is_at_end() or self._take()[0] != "close":
                raise ValueError(self._text)
        elif kind == "number":
            factor, parts = float(text), Parts()
            if not factor:
                raise ValueError(self._text)
            if found := _COUNTED.match(self._text, self._at):  # the 8day of mm/8day is one term
                self._at = found.end()
                kind, parts = "name", {found[1]: 1.0}
        elif kind == "name":
            factor, parts = 1.0, {text: 1.0}
        else:
            raise ValueError(self._text)
        power = self._exponent(kind)
        if kind == "number" and power != 1.0 and factor != 10.0:  # 10^-3 is a unit, 9**9 a sum
            raise ValueError(self._text)
        return factor**power, {name: own * power for name, own in parts.items()}

    def _exponent(self, kind: str) -> float:
        """Read the power of a term; 1 where there is none."""
        if kind in ("name", "open") and (found := _DIRECT.match(self._text, self._at)):
            self._at = found.end()
            return float(found[0])
        if not self.is_at_end() and self._peek() == "power":
            self._take()
            found = _POWER.match(self._text, self._at)
            if not found or bool(found[1]) != bool(found[3]):
                raise ValueError(self._text)
            self._at = found.end()
            if not self.is_at_end() and self._peek() == "power":
                raise ValueError(self._text)
            return float(found[2])
        return 1.0

    def _match(self) -> re.Match[str]:
        found = _TOKEN.match(self._text, self._at)
        if not found:
            raise ValueError(self._text)
        return found

    def _peek(self) -> str:
        return str(self._match().lastgroup)

    def _take(self) -> tuple[str, str]:
        found = self._match()
        self._at = found.end()
        return str(found.lastgroup), found[str(found.lastgroup)]
