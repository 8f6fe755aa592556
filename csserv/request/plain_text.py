"""Names and ids as one line of text that any file can hold."""

from __future__ import annotations

import re

from csserv.errors import InvalidRequestError

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


def check_text(text: str | None, what: str) -> None:
    r"""See that a text can be stored and sent: there is no half of a character in it.

    Python has such where a file's name or an argument of a command is no UTF-8.

    Raises
    ------
    InvalidRequestError : it cannot

    >>> check_text("Lake \udc80", "the client")
    Traceback (most recent call last):
    csserv.errors.InvalidRequestError: the client 'Lake \udc80' holds half of a character, ...
    """
    if text is None or text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequestError(
            f"{what} {text[:80]!r} holds half of a character, which no file can hold; give whole "
            "text, in UTF-8"
        ) from None


def one_line(text: object) -> str:
    r"""Reduce a text to one line of limited length that any file can hold.

    >>> one_line("Lake\nTurkana")
    'Lake Turkana'
    """
    short = str(text)[: 2 * LONGEST_NAME]
    plain = (short if short.isprintable() else _UNPRINTABLE.sub(" ", short)).strip()
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"
