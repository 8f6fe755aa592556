"""Every error csserv raises on purpose.

CsservError
├── InvalidRequestError (ValueError)    the caller can mend it: what was given, what is allowed
│   ├── UnknownDatasetError             no dataset of that name
│   ├── UnknownOperationError           no operation of that name
│   ├── UnknownLayerError               no feature layer of that name
│   ├── UnknownWorkerError              no worker with that uuid
│   ├── InvalidAreaError                a polygon, file or name that is no usable area
│   │   └── AreaTooLargeError           more vertices, zones or km2 than are allowed
│   ├── RequestTooLargeError            more to read or to send than is allowed
│   └── EmptySelectionError             nothing lies in that area and period
├── TaskError                           something about one task
│   ├── TaskNotFoundError
│   ├── TaskFailedError
│   ├── TaskCancelledError
│   ├── TaskExpiredError                the result was kept for its time and is gone
│   ├── TaskNotFinishedError
│   └── TaskLogError                    the log cannot be written; nothing was changed
├── GranuleError                        a file is missing or unreadable; names it
├── DiskFullError                       there is no room for the work or the result
├── TooManyRequestsError                this client asks too often, or has too many open tasks
├── AccessDeniedError                   the caller may not do that
├── UnreachableError                    no server of csserv answers
└── SettingsError                       a setting, or the catalog file, is wrong
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CsservError(Exception):
    """Base class: catch this to catch everything csserv raises on purpose."""


class InvalidRequestError(CsservError, ValueError):
    """The request cannot be served as written; change it and submit again."""


class _UnknownNameError(InvalidRequestError):
    """A name that is not in a table; the message gives the nearest known ones."""

    kind = "name"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown {self.kind} {name!r}; {_choices(name, list(known))}")
        self.name = name


class UnknownDatasetError(_UnknownNameError):
    """The catalog has no dataset of that name."""

    kind = "dataset"


class UnknownOperationError(_UnknownNameError):
    """There is no operation of that name."""

    kind = "operation"


class UnknownLayerError(_UnknownNameError):
    """There is no feature layer of that name."""

    kind = "feature layer"


class UnknownWorkerError(_UnknownNameError):
    """There is no worker with that uuid."""

    kind = "worker"


class InvalidAreaError(InvalidRequestError):
    """The area cannot be used: broken, empty, off the globe, or not found."""


class AreaTooLargeError(InvalidAreaError):
    """The area has more vertices, zones or km2 than are allowed."""


class RequestTooLargeError(InvalidRequestError):
    """The request is to read, or sends, more than is allowed."""


class EmptySelectionError(InvalidRequestError):
    """No data lie inside both the area and the period."""


class TaskError(CsservError):
    """Something about one task."""


class TaskNotFoundError(TaskError):
    """The task log has no task with that id."""


class TaskFailedError(TaskError):
    """The task ended without a result; the message says why."""


class TaskCancelledError(TaskError):
    """The task was cancelled, so it has no result."""


class TaskExpiredError(TaskError):
    """The result is gone: results are kept for ``CSSERV_KEEP_DAYS``."""


class TaskNotFinishedError(TaskError):
    """The task has no result yet."""


class TaskLogError(TaskError):
    """The task log cannot be written to; nothing was changed."""


class GranuleError(CsservError):
    """A data file is missing or unreadable; the message names it."""


class StaleGranuleError(GranuleError):
    """A data file changed or went after the request was planned; planning it anew may help."""


class DiskFullError(CsservError):
    """There is no room for the work or the result of a task."""


class TooManyRequestsError(CsservError):
    """The client asks too often, or has too many open tasks; later it may ask again.

    Parameters
    ----------
    retry_after : how long to wait before asking again [s]
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AccessDeniedError(CsservError):
    """The caller may not do that; the message says what role is needed."""


class UnreachableError(CsservError):
    """No server of csserv answers at that address."""


class SettingsError(CsservError):
    """A setting, or the catalog file, is wrong."""


def nearest(name: str, known: Iterable[str], n: int = 3) -> list[str]:
    """Return up to ``n`` known names that look like the given one.

    >>> nearest("chrips", ["chirps", "ostia"])
    ['chirps']
    """
    by_folded = {text.casefold(): text for text in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=n, cutoff=0.5)
    return [by_folded[text] for text in close]


def _choices(name: str, known: list[str]) -> str:
    if close := nearest(name, known):
        return f"did you mean {' or '.join(close)}? (known: {_listed(known)})"
    return f"choose one of {_listed(known)}"


def _listed(known: list[str], most: int = 12) -> str:
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(sorted(known)[:most]) + more
