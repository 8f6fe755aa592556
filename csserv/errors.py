"""All errors that csserv raises on purpose.

CsservError
├── InvalidRequestError (ValueError)    the caller can correct it: says what is wrong and allowed
│   ├── UnknownDatasetError             no dataset has that name
│   ├── UnknownOperationError           no operation has that name
│   ├── UnknownLayerError               no feature layer has that name
│   ├── UnknownWorkerError              no worker has that uuid
│   ├── LayerConflictError              a layer of that name is there, and stays
│   ├── InvalidAreaError                a geometry, file or name that is no usable area
│   │   └── AreaTooLargeError           more vertices, zones or km2 than are allowed
│   ├── RequestTooLargeError            more to read or to send than is allowed
│   └── EmptySelectionError             no data in that area and period
├── TaskError                           an error of one task
│   ├── TaskNotFoundError               no task has that id
│   ├── TaskFailedError                 the task failed; says why
│   ├── TaskCancelledError              the task was cancelled
│   ├── TaskExpiredError                the result was kept for its time and is gone
│   ├── TaskNotFinishedError            the task has not ended
│   ├── DamagedResultError (ValueError) the file of a result is not as it was written
│   └── TaskLogError                    the log cannot be read or written; nothing was changed
│       ├── DamagedLogError             a file of the log is damaged; `csserv repair` mends it
│       └── LeadershipLostError         another runner leads the log now; this one may not write
├── GranuleError                        a data file is missing or unreadable; names it
│   └── SilentFileError                 a file does not answer: its disk or server may be away
├── DiskFullError                       no room for the work or the result
├── TooManyRequestsError                this client asks too often, or has too many open tasks
├── AccessDeniedError                   the caller may not do that
├── UnreachableError                    no csserv server answers
├── FetchError                          a provider of data gives no answer, or no data
│   └── FetchCancelledError             the fetch was stopped; what has come is kept
└── SettingsError                       a setting, or the catalog file, is wrong
"""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable, Mapping
from itertools import pairwise


class CsservError(Exception):
    """Base class of all errors that csserv raises on purpose."""

    def __str__(self) -> str:
        """Return the message, whatever of the input it quotes, as a text that can be sent."""
        return super().__str__().encode(errors="backslashreplace").decode()


class InvalidRequestError(CsservError, ValueError):
    """The request cannot be served as it is; correct it and submit it again."""


class _UnknownNameError(InvalidRequestError):
    """No such name in a table; the message names the nearest known ones."""

    kind = "name"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown {self.kind} {name!r}; {_choices(name, list(known))}")
        self.name = name


class UnknownDatasetError(_UnknownNameError):
    """No dataset in the catalog has that name."""

    kind = "dataset"


class UnknownOperationError(_UnknownNameError):
    """No operation has that name."""

    kind = "operation"


class UnknownLayerError(_UnknownNameError):
    """No feature layer has that name."""

    kind = "feature layer"


class UnknownWorkerError(_UnknownNameError):
    """No worker has that uuid."""

    kind = "worker"


class LayerConflictError(InvalidRequestError):
    """The name is that of a layer which cannot be replaced or removed so."""


class InvalidAreaError(InvalidRequestError):
    """The area cannot be used: it is broken, empty, off the globe, or not found.

    Attributes
    ----------
    layers : where a file holds several that may be meant, name → name in words of each
    columns : those of a table of which nobody knows which hold the coordinates
    """

    def __init__(
        self,
        message: str,
        layers: Mapping[str, str] | None = None,
        columns: Iterable[str] = (),
    ) -> None:
        super().__init__(message)
        self.layers = dict(layers or {})
        self.columns = tuple(columns)


class AreaTooLargeError(InvalidAreaError):
    """The area has more vertices, zones or km2 than are allowed."""


class RequestTooLargeError(InvalidRequestError):
    """The request reads, or sends, more than is allowed."""


class EmptySelectionError(InvalidRequestError):
    """No data lie inside both the area and the period."""


class TaskError(CsservError):
    """An error of one task."""


class TaskNotFoundError(TaskError):
    """No task in the log has that id."""


class TaskFailedError(TaskError):
    """The task ended without a result; the message says why."""


class TaskCancelledError(TaskError):
    """The task was cancelled, so it has no result."""


class TaskExpiredError(TaskError):
    """The result is no longer kept; results are kept for ``CSSERV_KEEP_DAYS``."""


class TaskNotFinishedError(TaskError):
    """The task has no result yet."""


class DamagedResultError(TaskError, ValueError):
    """The file of a result is not as it was written."""


class TaskLogError(TaskError):
    """The task log cannot be read or written; nothing was changed."""


class DamagedLogError(TaskLogError):
    """A file of the task log is damaged; nothing is read or written until it is repaired."""


class LeadershipLostError(TaskLogError):
    """Another runner leads the log now; nothing was written for this one."""


class UndecidedError(InvalidRequestError):
    """Something can be read in several ways; says which, and how to choose.

    Parameters
    ----------
    field : of the row of a dataset that decides it
    choices : what it may hold
    """

    def __init__(self, message: str, field: str, choices: Iterable[str]) -> None:
        super().__init__(message)
        self.field, self.choices = field, tuple(choices)


class GranuleError(CsservError):
    """A data file is missing or unreadable; the message names it."""


class UnnamedFileError(GranuleError):
    """A data file cannot be used; the message goes on after its name, with "it is" or the like."""


class UnplacedError(GranuleError):
    """A variable of a file is on a grid that cannot be placed on the Earth; says why."""


class StaleGranuleError(GranuleError):
    """A data file has changed or vanished since it was planned; planning again may help."""


class SilentFileError(GranuleError):
    """A file does not answer: its disk, or the server that has it, may be away.

    Parameters
    ----------
    file : its folder and name
    seconds : for how long it has not answered
    """

    def __init__(self, file: str, seconds: float) -> None:
        super().__init__(
            f"{file} has not answered for {seconds:.0f} s; its disk, or the server that has it, "
            "may be away"
        )
        self.file = file
        self.seconds = seconds


class UnfitWorkerError(CsservError):
    """A worker runs other code than the runner, or cannot use its folders; says which."""


class DiskFullError(CsservError):
    """The disk has no room for the work or the result of a task."""


class TooManyRequestsError(CsservError):
    """The client asks too often, or has too many open tasks; it may ask again later.

    Parameters
    ----------
    retry_after : how long to wait before asking again [s]
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AccessDeniedError(CsservError):
    """The caller may not do that; the message says which role is needed."""


class UnreachableError(CsservError):
    """No csserv server answers at that address."""


class FetchError(CsservError):
    """A provider of data does not answer, refuses, or answers with what is no data."""


class FetchCancelledError(FetchError):
    """The fetch was stopped; what has come is kept, and the next one goes on."""


class SettingsError(CsservError):
    """A setting, or the catalog file, is wrong."""


#: names that are compared letter by letter: to compare 4,556 takes 0.12 s; of more, those that
#: share most pairs of letters
MOST_COMPARED = 100


def nearest(name: str, known: Iterable[str], n: int = 3) -> list[str]:
    """Return up to ``n`` known names that are similar to the given one.

    >>> nearest("chrips", ["chirps", "ostia"])
    ['chirps']
    """
    by_folded = {text.casefold(): text for text in known}
    folded = name.casefold()
    likely: Iterable[str] = by_folded
    if len(by_folded) > MOST_COMPARED:
        parts = _parts(folded)
        likely = heapq.nlargest(
            MOST_COMPARED, by_folded, key=lambda text: _alike(parts, _parts(text))
        )
    close = difflib.get_close_matches(folded, likely, n=n, cutoff=0.5)
    return [by_folded[text] for text in close]


def _parts(text: str) -> set[str | tuple[str, str]]:
    """Its letters, and its pairs of letters: two that change places leave short names no pair."""
    return {*text, *pairwise(text)}


def _alike(some: set[str | tuple[str, str]], others: set[str | tuple[str, str]]) -> float:
    return 2 * len(some & others) / (len(some) + len(others) + 1)


def shortened(text: str, most: int = 64) -> str:
    """Cut a text that may be long, such as one of a file, for a message."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _choices(name: str, known: list[str]) -> str:
    if close := nearest(name, known):
        return f"did you mean {' or '.join(close)}? (known: {_listed(known)})"
    return f"choose one of {_listed(known)}"


def _listed(known: list[str], most: int = 12) -> str:
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(sorted(known)[:most]) + more
