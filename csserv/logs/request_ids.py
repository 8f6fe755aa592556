"""Ids of requests: given by the client or made, and named in answers, logs and tasks."""

from __future__ import annotations

import re
from uuid import uuid4

#: the header of requests and of answers
HEADER = "X-Request-ID"

#: what an id may look like: nothing that could break a line, a header or a name
ALLOWED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,99}", re.ASCII)


def new_request_id() -> str:
    """Make an id."""
    return uuid4().hex


def request_id_of(given: str | None) -> str:
    """Return the id that a client has given, or a new one if there is none, or none that may be.

    >>> request_id_of("proxy-7.1"), len(request_id_of("two words")), len(request_id_of(None))
    ('proxy-7.1', 32, 32)
    """
    return given if given and ALLOWED.fullmatch(given) else new_request_id()
