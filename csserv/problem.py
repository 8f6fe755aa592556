"""Errors over HTTP: a status code, and a problem document (RFC 9457)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from csserv import errors

#: error → HTTP status; for other errors, that of the nearest base class counts
STATUS: dict[type[errors.CsservError], int] = {
    errors.CsservError: 500,
    errors.InvalidRequestError: 422,
    errors.UnknownDatasetError: 404,
    errors.UnknownOperationError: 404,
    errors.UnknownLayerError: 404,
    errors.UnknownWorkerError: 404,
    errors.LayerConflictError: 409,
    errors.AreaTooLargeError: 413,
    errors.RequestTooLargeError: 413,
    errors.TooManyRequestsError: 429,
    errors.AccessDeniedError: 403,
    errors.TaskNotFoundError: 404,
    errors.TaskFailedError: 410,
    errors.TaskCancelledError: 410,
    errors.TaskExpiredError: 410,
    errors.TaskNotFinishedError: 409,
    errors.TaskLogError: 503,
    errors.DamagedResultError: 503,
    errors.TaskError: 409,
    errors.GranuleError: 503,
    errors.DiskFullError: 507,
    errors.SettingsError: 503,
}


@dataclass(frozen=True)
class Problem:
    """An error, as it is sent to the caller.

    Attributes
    ----------
    status : HTTP status code
    detail : the message
    kind : kind of error, such as ``unknown-dataset``; empty if only the status matters
    """

    status: int
    detail: str
    kind: str = ""

    @classmethod
    def of(cls, error: BaseException) -> Problem:
        """Describe an error of csserv, or pydantic's error about malformed input."""
        if isinstance(error, ValidationError):
            return cls(422, "; ".join(_wrong_inputs(error)), kind_of(errors.InvalidRequestError))
        for base in type(error).__mro__:
            if base in STATUS:
                return cls(STATUS[base], str(error), kind_of(type(error)))
        return cls(500, "the server made a mistake; its log says more")

    def to_dict(self) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": f"urn:csserv:{self.kind}" if self.kind else "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }


def kind_of(error: type[BaseException]) -> str:
    """Return the kind of an error class.

    >>> kind_of(errors.UnknownDatasetError)
    'unknown-dataset'
    """
    words = re.findall(r"[A-Z][a-z]+", error.__name__.removesuffix("Error"))
    return "-".join(words).lower()


def error_of(problem: Problem) -> errors.CsservError:
    """Return the error that a problem describes."""
    kinds = {kind_of(one): one for one in _family(errors.CsservError)}
    found = kinds.get(problem.kind, errors.CsservError)
    error = found.__new__(found)
    Exception.__init__(error, problem.detail)
    return error


def _family(error: type[errors.CsservError]) -> Iterator[type[errors.CsservError]]:
    yield error
    for one in error.__subclasses__():
        yield from _family(one)


def _wrong_inputs(error: ValidationError) -> Iterator[str]:
    """Say of each wrong input where it is, what was given and what is allowed."""
    for one in error.errors(include_url=False)[:5]:
        place = ".".join(str(part) for part in one["loc"]) or "the request"
        given = repr(one["input"])
        shown = given if len(given) <= 80 else f"{given[:77]}..."
        message = one["msg"][:1].lower() + one["msg"][1:]
        yield f"{place}: {message} (given: {shown})"
