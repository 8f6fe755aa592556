"""By which id a request is named, in its answer and in the log."""

from __future__ import annotations

from tornado.httputil import HTTPServerRequest

from csserv.logs.request_ids import HEADER, request_id_of


def request_id(request: HTTPServerRequest) -> str:
    """Return the id of a request: the client's, or one that is made and kept with the request."""
    given = request.headers.get(HEADER)
    named = request_id_of(given)
    if named != given:
        request.headers[HEADER] = named
    return named
