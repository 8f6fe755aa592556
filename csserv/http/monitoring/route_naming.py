"""What a request asked for, in words that stay the same: its method and form of address."""

from __future__ import annotations

from http import HTTPMethod

from tornado.web import RequestHandler

#: methods that are named; anybody may send any word
METHODS = frozenset(HTTPMethod)

#: stands for a method that is none
OTHER = "OTHER"


def route_of(handler: RequestHandler) -> str:
    """Return the address with names for what differs, such as ``/api/v1/tasks/{id}``.

    The pages' own addresses, which Panel serves, go by the names of their handlers. An address
    itself would tell what people ask for, and anybody could make a new one.
    """
    named = getattr(handler, "route", "")
    return named if isinstance(named, str) and named else f"pages: {type(handler).__name__}"


def method_of(handler: RequestHandler) -> str:
    """Return the method of a request."""
    method = str(handler.request.method)
    return method if method in METHODS else OTHER
