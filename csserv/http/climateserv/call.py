"""Calls of methods of ClimateSERV's API, and their replies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tornado.httputil import (
    HTTPFile,
    HTTPInputError,
    HTTPServerRequest,
    parse_body_arguments,
)

from csserv.access import Caller
from csserv.errors import InvalidRequestError
from csserv.http.climateserv.percent import MonotonicProgress
from csserv.service import Service

#: the value of a step without data
NO_DATA = -9999

#: longer values are cut in error messages [characters]
LONGEST_QUOTE = 80


class Parameters(Mapping[str, str]):
    """The parameters of a call: those of a form in the body go before those of the query string."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: value.strip() for name, value in values.items()}

    @classmethod
    def read(cls, request: HTTPServerRequest, body: bytes) -> Self:
        """Read the parameters of a request.

        Raises
        ------
        InvalidRequestError : the body is a broken form, or a value is no UTF-8
        """
        form: dict[str, list[bytes]] = {}
        files: dict[str, list[HTTPFile]] = {}
        kind = request.headers.get("Content-Type", "")
        try:
            parse_body_arguments(kind, body, form, files, request.headers)
        except HTTPInputError as error:
            raise InvalidRequestError(f"the body is no form: {error}") from None
        given = dict(request.query_arguments) | form
        return cls({name: _decoded(name, values[-1]) for name, values in given.items() if values})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def need(self, name: str, what: str) -> str:
        """Return a required parameter.

        Raises
        ------
        InvalidRequestError : it is missing; the message says ``what`` it is
        """
        if not (value := self.get(name, "")):
            raise InvalidRequestError(f"{name} is missing: {what}")
        return value


@dataclass(frozen=True)
class Call:
    """A call of a method.

    Attributes
    ----------
    progress : the progress reported so far, of all tasks
    request_id : of the call, as logs name it
    """

    service: Service
    caller: Caller
    parameters: Parameters
    progress: MonotonicProgress
    request_id: str

    @property
    def task_id(self) -> str:
        """The id of the task that the call is about."""
        return self.parameters.need("id", "the id of a request, as submitDataRequest gave it")


@dataclass(frozen=True)
class Reply:
    """The reply of a method: a value, to be written as JSON, or a file.

    Attributes
    ----------
    link : address of the same result in the native API, which has its provenance
    file : the file to send
    content : sent instead of the content of ``file``, whose time it gets
    name : name of the file, where it has ``content``
    """

    value: Any = None
    status: int = 200
    link: str = ""
    file: Path | None = None
    content: bytes | None = None
    name: str = ""


def quoted(text: str) -> str:
    """Quote a value for an error message, cut if it is long."""
    return repr(text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…")


def _decoded(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidRequestError(f"{quoted(name)} is no UTF-8 text") from None
