"""What is known of a feature layer beside its zones: its source, licence, and date."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from csserv.errors import InvalidRequestError
from csserv.notes import Note
from csserv.request.plain_text import one_line

#: a day, a month or a year
_DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True)
class LayerFacts:
    """Who made a layer, what may be done with it, and from when on its zones are as they are.

    Attributes
    ----------
    as_of : when it holds, in words or as a date
    """

    source: str = ""
    licence: str = ""
    as_of: str = ""

    def __post_init__(self) -> None:
        for name, text in asdict(self).items():
            object.__setattr__(self, name, one_line(text))

    def note(self, layer: str) -> tuple[Note, ...]:
        """Tell of zones of a layer where they are from, as far as that is known."""
        when = f"as of {self.as_of}" if self.as_of else ""
        said = [text for text in (self.source, self.licence, when) if text]
        return (Note("layers", f"zones are of {layer}: {', '.join(said)}"),) if said else ()


#: nothing is known
NO_FACTS = LayerFacts()


def check_day(text: str) -> str:
    """Return a day, a month or a year as it is given.

    Raises
    ------
    InvalidRequestError : it is none

    >>> check_day("2013-03")
    '2013-03'
    """
    if text and not _DAY.fullmatch(text):
        raise InvalidRequestError(
            f"{text[:40]!r} is no date; write 2013-03-04, 2013-03 or 2013 (valid from)"
        )
    return text
