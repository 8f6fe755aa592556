"""Events: what happened, in words that stay the same, and the fields that differ."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

#: attribute of a log record that holds the fields of an event
FIELDS = "csserv_fields"


def event(
    logger: logging.Logger, name: str, /, *, level: int = logging.INFO, **fields: Any
) -> None:
    """Log an event; fields that are None or empty are left out.

    Parameters
    ----------
    name : what happened, without anything that differs: "task ended"
    """
    if logger.isEnabledFor(level):
        told = {key: value for key, value in fields.items() if value not in (None, "")}
        logger.log(level, name, extra={FIELDS: told}, stacklevel=2)


def fields_of(record: logging.LogRecord) -> Mapping[str, Any] | None:
    """Return the fields of an event; None of a message that is none."""
    found: Mapping[str, Any] | None = getattr(record, FIELDS, None)
    return found
