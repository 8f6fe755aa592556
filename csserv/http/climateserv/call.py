"""What a method of ClimateSERV's API is asked, and what it answers."""

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
from csserv.http.climateserv.percent import Highest
from csserv.service import Service

#: value of a step without any data
NO_DATA = -9999

#: longer values are cut where they are told [characters]
SHOWN = 80


class Parameters(Mapping[str, str]):
    """What was given: of the form in the body first, then of the query string."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: value.strip() for name, value in values.items()}

    @classmethod
    def read(cls, request: HTTPServerRequest, body: bytes) -> Self:
        """Read the parameters of a request.

        Raises
        ------
        InvalidRequestError : the body is no form, though it says so, or a value is no UTF-8
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
        """Return a value that must be given.

        Raises
        ------
        InvalidRequestError : it is not; ``what`` says what it is
        """
        if not (value := self.get(name, "")):
            raise InvalidRequestError(f"{name} is missing: {what}")
        return value


@dataclass(frozen=True)
class Call:
    """What a method is asked."""

    service: Service
    caller: Caller
    given: Parameters
    highest: Highest

    @property
    def task_id(self) -> str:
        """The id of the task that is asked about."""
        return self.given.need("id", "the id of a request, as submitDataRequest gave it")


@dataclass(frozen=True)
class Reply:
    """What a method answers: a value, to be written as JSON, or a file.

    Attributes
    ----------
    link : address of the native result that says where the numbers come from
    file : to be sent
    content : of a file that is not on disk; it is as old as ``file``
    name : of the file
    """

    value: Any = None
    status: int = 200
    link: str = ""
    file: Path | None = None
    content: bytes | None = None
    name: str = ""


def shown(text: str) -> str:
    """Quote what was given, cut where it is long."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def _decoded(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidRequestError(f"{shown(name)} is no UTF-8 text") from None
