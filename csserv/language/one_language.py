"""A language that pages and reports speak."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # slow to import, and English needs nothing of it
    from babel import Locale


@dataclass(frozen=True)
class Language:
    """A language.

    Attributes
    ----------
    code : as browsers name it: "fr", "pt-BR"
    name : in the language itself
    direction : in which it is written: "ltr" or "rtl"

    >>> Language.of("ar").direction, Language.of("fr").name
    ('rtl', 'Français')
    """

    code: str
    name: str
    direction: Literal["ltr", "rtl"]

    def __post_init__(self) -> None:
        if self.code != "en":
            locale_of(self.code)  # raises ValueError where there is none

    @classmethod
    def of(cls, code: str) -> Language:
        """Make the language of a code.

        Raises
        ------
        ValueError : no language has it
        """
        locale = locale_of(code)
        name = locale.get_display_name(code.replace("-", "_")) or code
        return cls(code, f"{name[:1].upper()}{name[1:]}", _direction(locale))

    @property
    def locale(self) -> Locale:
        """What Babel knows of it: months, signs of numbers, rules for plurals."""
        return locale_of(self.code)


@lru_cache(maxsize=64)
def locale_of(code: str) -> Locale:
    """Return Babel's locale of a code.

    Raises
    ------
    ValueError : no language has it
    """
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        raise ValueError(f"{code!r} is no code of a language; write it as fr or pt-BR") from None


def _direction(locale: Locale) -> Literal["ltr", "rtl"]:
    return "rtl" if locale.text_direction == "rtl" else "ltr"


#: the language that texts are written in, in the code
ENGLISH = Language("en", "English", "ltr")
