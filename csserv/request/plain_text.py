"""Names and ids as one line of text that any file can hold."""

from __future__ import annotations

import re

#: names and ids are cut to this length [characters]
LONGEST_NAME = 200

#: control characters, line ends, and lone surrogates, which no file can hold
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def name_of(value: object) -> str:
    """Return a name or id as one line of text; empty if the value is neither text nor number.

    >>> name_of(0), name_of(None)
    ('0', '')
    """
    is_told = isinstance(value, str | int | float) and value is not False
    return one_line(value) if is_told else ""


def one_line(text: object) -> str:
    r"""Reduce a text to one line of limited length that any file can hold.

    >>> one_line("Lake\nTurkana")
    'Lake Turkana'
    """
    short = str(text)[: 2 * LONGEST_NAME]
    plain = (short if short.isprintable() else _UNPRINTABLE.sub(" ", short)).strip()
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"
