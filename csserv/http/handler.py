"""The ground of all handlers: who asks, how often, how much; and errors as answers."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from typing import Any

import orjson
from tornado.web import HTTPError, RequestHandler, stream_request_body

from csserv.access import Caller
from csserv.errors import AccessDeniedError, RequestTooLargeError, TooManyRequestsError
from csserv.http.front import Front
from csserv.problem import Problem

logger = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@stream_request_body  # so that a body that is too large is refused before it is read
class Handler(RequestHandler):
    """Knows the caller; keeps the limits of rate and size; tells errors in words."""

    def initialize(self, front: Front) -> None:
        """Take over what all handlers share."""
        self.front = front
        self.caller: Caller | None = None
        self._body = bytearray()
        self._is_admitted = False

    def set_default_headers(self) -> None:
        """Keep browsers from guessing, framing and telling; do not name our library."""
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def check_xsrf_cookie(self) -> None:
        """Need no such cookie: by a cookie one may only look."""

    async def prepare(self) -> None:
        """Refuse who may not ask, asks too often, or sends too much."""
        self._check_size(int(self.request.headers.get("Content-Length") or 0))
        self.front.rate.check(str(self.request.remote_ip))
        await self.front.wake()
        self.caller = await self.identify()
        self._is_admitted = True

    async def identify(self) -> Caller:
        """Find out who asks."""
        return await self.front.identify(self.request)

    def data_received(self, chunk: bytes) -> None:
        """Take in a part of the body."""
        if self._finished:
            return
        self._body += chunk
        try:
            self._check_size(len(self._body))
        except RequestTooLargeError:  # sent in chunks, so that nobody knew before
            self._is_admitted = False
            self.send_error(413, exc_info=sys.exc_info())

    def _check_size(self, size: int) -> None:
        most = self.front.settings.max_body
        if size > most * 1_000_000:
            raise RequestTooLargeError(
                f"the request has {size / 1e6:,.1f} MB; at most {most:g} MB are allowed "
                "(CSSERV_MAX_BODY)"
            )

    def log_exception(self, *info: Any) -> None:
        """Log what is the server's fault; what callers do wrong is told to them."""
        if info[1] is None or (Problem.of(info[1]).status == 500 and not _is_told(info[1])):
            logger.error("%s %s", self.request.method, self.request.path, exc_info=info)

    def write_error(self, status_code: int, **info: Any) -> None:
        """Tell an error."""
        error = info.get("exc_info", (None, None, None))[1]
        if error is None or _is_told(error):
            problem = Problem(status_code, _told(error) or self._reason)
        else:
            problem = Problem.of(error)
        if isinstance(error, AccessDeniedError) and self.caller is None:
            problem = Problem(401, problem.detail, problem.kind)
            self.set_header("WWW-Authenticate", "Bearer")
        if isinstance(error, TooManyRequestsError):
            self.set_header("Retry-After", str(max(1, round(error.retry_after))))
        self.set_status(problem.status)
        self.tell(problem)

    def tell(self, problem: Problem) -> None:
        """Tell a problem, without what is nobody's business."""
        if not self._is_admitted:  # tornado closes the connection then, and does not tell
            self.set_header("Connection", "close")
        self.write_problem(replace(problem, detail=self.front.without_paths(problem.detail)))

    def write_problem(self, problem: Problem) -> None:
        """Write a problem as this API has it."""
        self.set_header("Content-Type", "application/problem+json")
        self.finish(b"" if self.request.method == "HEAD" else orjson.dumps(problem.to_dict()))


def _told(error: BaseException | None) -> str:
    """Return the words of an error of tornado's own, which doubles each % in them."""
    return str(getattr(error, "log_message", None) or "").replace("%%", "%")


def _is_told(error: BaseException) -> bool:
    """Whether an error carries its own status: tornado's own."""
    return isinstance(error, HTTPError)
