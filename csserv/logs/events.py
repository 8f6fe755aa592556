"""Events: what happened, in words that stay the same, and the fields that differ."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

#: attribute of a log record that holds the fields of an event
FIELDS = "csserv_fields"


def event(
    logger: logging.Logger,
    name: str,
    /,
    *,
    level: int = logging.INFO,
    at: float | None = None,
    **fields: Any,
) -> None:
    """Log an event; fields that are None or empty are left out.

    Parameters
    ----------
    name : what happened, without anything that differs: "task ended"
    at : when it happened [s since 1970]; now if None
    """
    if logger.isEnabledFor(level):
        told = {key: value for key, value in fields.items() if value not in (None, "")}
        # not by logger.log: it walks the stack for the line of code, a fourth of the whole cost
        record = logging.LogRecord(logger.name, level, "", 0, name, None, None)
        setattr(record, FIELDS, told)
        record.created = record.created if at is None else at
        logger.handle(record)


def fields_of(record: logging.LogRecord) -> Mapping[str, Any] | None:
    """Return the fields of an event; None of a message that is none."""
    found: Mapping[str, Any] | None = getattr(record, FIELDS, None)
    return found
