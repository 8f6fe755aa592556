"""How a line of the log is written: as text, or as JSON. No text of others can break a line."""

from __future__ import annotations

import json
import logging
import os
import re
from datetime import UTC, datetime
from typing import Any

from csserv.logs.events import fields_of

#: begins each line of a traceback, so that no text within looks like a line of its own
MARGIN = "    | "

#: values that are written without quotes
PLAIN = re.compile(r"[\w.:/{}+@-]+", re.ASCII)


class TextFormat(logging.Formatter):
    """Time, level, logger, what happened, and its fields as ``name=value``."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; a traceback follows on lines with a margin."""
        fields = fields_of(record) or {}
        said = one_line(record.getMessage())
        told = "".join(f" {name}={_shown(value)}" for name, value in fields.items())
        line = f"{time_of(record)} {record.levelname} {self._process} {record.name}: {said}{told}"
        trace = _trace(self, record)
        return line + "".join(f"\n{MARGIN}{one_line(part)}" for part in trace.splitlines())


class JsonFormat(logging.Formatter):
    """An object a line: time, level, logger, process, event and its fields.

    What is no event of csserv has the event "message", and its text in ``message``.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, in ASCII."""
        fields = fields_of(record)
        said = record.getMessage()
        plain: dict[str, Any] = {
            "time": time_of(record),
            "level": record.levelname,
            "logger": record.name,
            "process": self._process,
            "pid": os.getpid(),
            "event": "message" if fields is None else said,
        }
        plain |= {"message": said} if fields is None else {"fields": dict(fields)}
        if trace := _trace(self, record):
            plain["exception"] = trace
        return json.dumps(plain, default=str)


#: name → format; to add one, add a row
FORMATS: dict[str, type[TextFormat] | type[JsonFormat]] = {"text": TextFormat, "json": JsonFormat}


def time_of(record: logging.LogRecord) -> str:
    """Return when a record was made: UTC, ISO 8601, with milliseconds."""
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def one_line(text: str) -> str:
    r"""Escape what could end a line, steer a terminal or turn the direction of writing.

    >>> one_line("Nairobi\n2026-01-01 INFO \x1b[2J")
    'Nairobi\\n2026-01-01 INFO \\x1b[2J'
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _shown(value: object) -> str:
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return text if PLAIN.fullmatch(text) else one_line(json.dumps(text, ensure_ascii=False))


def _trace(form: logging.Formatter, record: logging.LogRecord) -> str:
    parts = [form.formatException(record.exc_info)] if record.exc_info else []
    return "\n".join([*parts, *([record.stack_info] if record.stack_info else [])])
