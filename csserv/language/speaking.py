"""What is said in the language of whoever is answered.

That is the language set by ``speaking``, else that of the page of the dashboard that is at work,
else English. Texts are written in English in the code, and looked up when they are said.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from csserv.language.catalogs_read import known_languages, translations
from csserv.language.one_language import ENGLISH, Language

#: name of a page's language among what Panel keeps of its document, for its template and for us
VARIABLE = "language"

#: marks of Unicode around a text whose direction is its own
ISOLATE, END = "\u2068", "\u2069"

_SPOKEN: ContextVar[Language | None] = ContextVar("csserv_language", default=None)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Say all in a language meanwhile; in this thread or asyncio task only."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def current_language() -> Language:
    """Return the language that is spoken now."""
    return _SPOKEN.get() or _language_of_page() or ENGLISH


def tr(text: str, /, **values: Any) -> str:
    """Say a text in the current language, with values in place of the names in its braces.

    Names in braces are put in even where a text has none of them; a text that no catalog has, such
    as one of a file, stays as it is.

    >>> tr("{percent} % of normal", percent=78)
    '78 % of normal'
    """
    language = current_language()
    said = text if language == ENGLISH or not text else translations(language).ugettext(text)
    return _put_in(said, values, language)


def trn(one: str, many: str, count: int, /, **values: Any) -> str:
    """Say a text of a count: ``one`` or ``many``, or what other forms the language has.

    Parameters
    ----------
    count : decides on the form; how it is written is one of the values

    >>> trn("{n} zone", "{n} zones", 1, n=1), trn("{n} zone", "{n} zones", 2, n=2)
    ('1 zone', '2 zones')
    """
    language = current_language()
    if language == ENGLISH:
        said = one if count == 1 else many
    else:
        said = translations(language).ungettext(one, many, count)
    return _put_in(said, values, language)


def listed(parts: Iterable[str]) -> str:
    """Say parts one after another, with commas between them; empty ones are left out.

    >>> listed(["Kenya", "", "May 2021"])
    'Kenya, May 2021'
    """
    return tr(", ").join(apart(one) for one in parts if one)


def apart(text: str) -> str:
    """Keep a name, or a date and a time, in one piece in a text that runs from right to left."""
    return str(_set_apart(text)) if current_language().direction == "rtl" else text


def mark(text: str) -> str:
    """Mark a text of a table for the catalogs; it is said by ``tr`` later."""
    return text


def mark_count(one: str, many: str) -> tuple[str, str]:
    """Mark the forms of a count in a table for the catalogs; they are said by ``trn`` later."""
    return one, many


def _put_in(said: str, values: Mapping[str, Any], language: Language) -> str:
    if not values:
        return said
    if language.direction == "rtl":
        values = {name: _set_apart(value) for name, value in values.items()}
    return said.format(**values)


def _set_apart(value: Any) -> Any:
    """Set a Latin name apart, which else draws signs and numbers beside it to its wrong side."""
    if not isinstance(value, str):
        return value
    kinds = {unicodedata.bidirectional(one) for one in value}
    is_apart = "L" in kinds or " " in value  # a date and a time, as well
    return f"{ISOLATE}{value}{END}" if is_apart and not kinds & {"R", "AL"} else value


def _language_of_page() -> Language | None:
    """Return the language of the page whose code runs; None outside a page.

    Panel is looked at only where it is loaded, as commands and workers have no use for it. It knows
    the page in each callback, whichever thread or task has called for it.
    """
    state = sys.modules.get("panel.io.state")
    document = state.state.curdoc if state else None
    if document is None:
        return None
    return known_languages().get(document.template_variables.get(VARIABLE, ""))
