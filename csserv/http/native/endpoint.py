"""What an endpoint of the native API is: a method of a path, what it takes and answers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel

from csserv.access import Caller, Role
from csserv.http.native import given_models
from csserv.service import Service

BASE = "/api/v1"

VERSION = version("csserv")


@dataclass(frozen=True)
class Call:
    """The input of an endpoint.

    Attributes
    ----------
    path : values of the names in the path
    query, body : instances of the query and body models of the endpoint; the bytes of a file
    request_id : of the call, as logs name it
    """

    service: Service
    caller: Caller
    path: Mapping[str, str]
    query: Any
    body: Any
    request_id: str = ""


@dataclass(frozen=True)
class Reply:
    """The answer of an endpoint: a value, to be written as JSON.

    Attributes
    ----------
    value : or, of a large one that stays as it is, a function that makes its JSON text
    location : address of what was made, for the ``Location`` header
    depends_on : all that such a text depends on: it is made once for each
    """

    value: Any
    location: str = ""
    depends_on: Hashable = None


@dataclass(frozen=True)
class Endpoint:
    """One method of one path of the API.

    Attributes
    ----------
    path : below ``/api/v1``, with names in braces
    run : makes the answer; not called where a handler of its own streams it
    answer : model of the answer, or the media types of a stream
    json_answer : model of a stream that is JSON
    role : the least role of a caller; None where anybody may ask
    query, body : models of the parameters and of the body
    takes_file : whether the body is a file, as it is
    errors : status codes that the endpoint may answer, beside those that all may
    """

    method: str
    path: str
    summary: str
    run: Callable[[Call], Reply]
    answer: Any
    role: Role | None = Role.READER
    query: type[BaseModel] = given_models.NoParameters
    body: type[BaseModel] | None = None
    takes_file: bool = False
    status: HTTPStatus = HTTPStatus.OK
    errors: tuple[int, ...] = ()
    json_answer: Any = None

    @property
    def streams(self) -> bool:
        """Whether a handler of its own streams the answer."""
        return isinstance(self.answer, tuple)
