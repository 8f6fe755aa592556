"""The log of requests: a line each, without addresses, tokens or what people ask about."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from tornado.web import RequestHandler

from csserv.http.monitoring.request_naming import request_id
from csserv.http.monitoring.route_naming import method_of, route_of
from csserv.logs import event

logger = logging.getLogger("csserv.requests")

#: after so long lines are written; a process that is killed loses those of that time [s]
DELAY = 0.2

#: told of each request: method, route, status, duration [s]
Observe = Callable[[str, str, int, float], None]


class RequestLog:
    """Called by Tornado at the end of each request; lines are written some at a time.

    To write a line at once, between two requests, would take a tenth of the time of a short one.

    Parameters
    ----------
    observe : told of each request, for metrics
    """

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self._unwritten: list[tuple[float, dict[str, Any]]] = []  # when it ended, its fields

    def __call__(self, handler: RequestHandler) -> None:
        """Log a request, and pass it on to the metrics."""
        method, route, status = method_of(handler), route_of(handler), handler.get_status()
        seconds = handler.request.request_time()
        self._observe(method, route, status, seconds)
        if not logger.isEnabledFor(logging.INFO):
            return
        if not self._unwritten:
            asyncio.get_running_loop().call_later(DELAY, self.write)
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(1000 * seconds, 1),
            "bytes": _size(handler),
            "client": client_of(handler),
            "address": handler.request.remote_ip,
            "request_id": request_id(handler.request),
        }
        self._unwritten.append((time.time(), fields))

    def write(self) -> None:
        """Write the lines of the requests that have ended."""
        lines, self._unwritten = self._unwritten, []
        for moment, fields in lines:
            event(logger, "request", at=moment, **fields)


def client_of(handler: RequestHandler) -> str:
    """Return the name of the caller, as tokens and users have it; empty where nobody is known."""
    return str(getattr(getattr(handler, "caller", None), "name", ""))


def _size(handler: RequestHandler) -> int | None:
    """Return how long the answer is [bytes]; None of a stream, whose length nobody knew before."""
    if handler.request.method == "HEAD":
        return 0
    length = handler._headers.get("Content-Length")
    return int(length) if length is not None else None
