"""The base of all handlers: identifies callers, limits rate and size, writes errors."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from typing import Any

import orjson
from tornado.web import HTTPError, RequestHandler, stream_request_body

from csserv.access import Caller
from csserv.errors import AccessDeniedError, RequestTooLargeError, TooManyRequestsError
from csserv.http.server_context import ServerContext
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
    """A Tornado handler that identifies its caller, limits requests, and writes errors."""

    def initialize(self, context: ServerContext) -> None:
        """Take the state that all handlers share."""
        self.context = context
        self.caller: Caller | None = None
        self._body = bytearray()
        self._is_admitted = False

    def set_default_headers(self) -> None:
        """Set the security headers, and remove the one that names the server's library."""
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def check_xsrf_cookie(self) -> None:
        """Check nothing: a login cookie only allows to read."""

    async def prepare(self) -> None:
        """Refuse a request that is too large, too frequent, or not allowed."""
        self._check_size(int(self.request.headers.get("Content-Length") or 0))
        self.context.rate_limit.check(str(self.request.remote_ip))
        await self.context.start()
        self.caller = await self.identify()
        self._is_admitted = True

    async def identify(self) -> Caller:
        """Return the caller of the request."""
        return await self.context.identify(self.request)

    def data_received(self, chunk: bytes) -> None:
        """Append a part of the body."""
        if self._finished:
            return
        self._body += chunk
        try:
            self._check_size(len(self._body))
        except RequestTooLargeError:  # sent in chunks, so that nobody knew before
            self._is_admitted = False
            self.send_error(413, exc_info=sys.exc_info())

    def _check_size(self, size: int) -> None:
        most = self.context.settings.max_body
        if size > most * 1_000_000:
            raise RequestTooLargeError(
                f"the request has {size / 1e6:,.1f} MB; at most {most:g} MB are allowed "
                "(CSSERV_MAX_BODY)"
            )

    def log_exception(self, *info: Any) -> None:
        """Log errors of the server; errors of callers are only answered."""
        if info[1] is None or (Problem.of(info[1]).status == 500 and not _is_http_error(info[1])):
            logger.error("%s %s", self.request.method, self.request.path, exc_info=info)

    def write_error(self, status_code: int, **info: Any) -> None:
        """Answer an error with a problem document."""
        error = info.get("exc_info", (None, None, None))[1]
        if error is None or _is_http_error(error):
            problem = Problem(status_code, _text_of(error) or self._reason)
        else:
            problem = Problem.of(error)
        if isinstance(error, AccessDeniedError) and self.caller is None:
            problem = Problem(401, problem.detail, problem.kind)
            self.set_header("WWW-Authenticate", "Bearer")
        if isinstance(error, TooManyRequestsError):
            self.set_header("Retry-After", str(max(1, round(error.retry_after))))
        self.set_status(problem.status)
        self.send_problem(problem)

    def send_problem(self, problem: Problem) -> None:
        """Answer with a problem, without the folders of this server in its text."""
        if not self._is_admitted:  # tornado closes the connection then, without saying so
            self.set_header("Connection", "close")
        self.write_problem(replace(problem, detail=self.context.without_paths(problem.detail)))

    def write_problem(self, problem: Problem) -> None:
        """Write a problem as JSON (RFC 9457); other APIs write their own form."""
        self.set_header("Content-Type", "application/problem+json")
        self.finish(b"" if self.request.method == "HEAD" else orjson.dumps(problem.to_dict()))


def _text_of(error: BaseException | None) -> str:
    """Return the text of an error of Tornado, which doubles each % in it."""
    return str(getattr(error, "log_message", None) or "").replace("%%", "%")


def _is_http_error(error: BaseException) -> bool:
    """Whether an error is Tornado's own, with its own status."""
    return isinstance(error, HTTPError)
