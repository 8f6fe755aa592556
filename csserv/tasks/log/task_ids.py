"""Ids of tasks: UUIDs, as text."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from csserv.errors import InvalidRequestError

#: what an id looks like
LIKE = "such as 0b6f9d2e-6a0c-4f0e-9d0a-1c2b3d4e5f60"


def id_of(task: Any) -> str:
    """Return the id of a task that is given itself, or by its id.

    Raises
    ------
    InvalidRequestError : it is neither
    """
    found = getattr(task, "id", task)
    if not isinstance(found, str):
        kind = type(found).__name__
        raise InvalidRequestError(
            f"{str(found)[:80]} ({kind}) is neither a task nor the id of one, a text {LIKE}"
        )
    return found


def as_uuid(text: str) -> str:
    """Return an id that somebody has chosen in its usual spelling.

    Raises
    ------
    InvalidRequestError : it is no UUID
    """
    try:
        return str(UUID(id_of(text)))
    except ValueError:
        raise InvalidRequestError(f"task id {text!r} is no UUID, {LIKE}") from None
