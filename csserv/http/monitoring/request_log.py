"""The log of requests: a line each, without addresses, tokens or what people ask about."""

from __future__ import annotations

import logging
from collections.abc import Callable

from tornado.web import RequestHandler

from csserv.http.monitoring.request_naming import request_id
from csserv.http.monitoring.route_naming import method_of, route_of
from csserv.logs import event

logger = logging.getLogger("csserv.requests")

#: told of each request: method, route, status, duration [s]
Observe = Callable[[str, str, int, float], None]


class RequestLog:
    """Called by Tornado at the end of each request.

    Parameters
    ----------
    observe : told of each request, for metrics
    """

    def __init__(self, observe: Observe) -> None:
        self._observe = observe

    def __call__(self, handler: RequestHandler) -> None:
        """Log a request, and pass it on to the metrics."""
        method, route, status = method_of(handler), route_of(handler), handler.get_status()
        seconds = handler.request.request_time()
        self._observe(method, route, status, seconds)
        if logger.isEnabledFor(logging.INFO):
            event(
                logger,
                "request",
                method=method,
                route=route,
                status=status,
                ms=round(1000 * seconds, 1),
                bytes=_size(handler),
                client=client_of(handler),
                address=handler.request.remote_ip,
                request_id=request_id(handler.request),
            )


def client_of(handler: RequestHandler) -> str:
    """Return the name of the caller, as tokens and users have it; empty where nobody is known."""
    return str(getattr(getattr(handler, "caller", None), "name", ""))


def _size(handler: RequestHandler) -> int | None:
    """Return how long the answer is [bytes]; None of a stream, whose length nobody knew before."""
    if handler.request.method == "HEAD":
        return 0
    length = handler._headers.get("Content-Length")
    return int(length) if length is not None else None
