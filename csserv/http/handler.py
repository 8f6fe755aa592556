"""The base of all handlers: identifies callers, limits rate and size, writes errors."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from typing import Any, ClassVar

import orjson
from tornado.web import HTTPError, RequestHandler, stream_request_body

from csserv.access import Caller
from csserv.errors import AccessDeniedError, RequestTooLargeError, TooManyRequestsError
from csserv.http.compression import LEAST, compressed, takes_gzip
from csserv.http.foreign_sites import ANY, ForeignSiteError, allowed_origin
from csserv.http.monitoring.request_naming import request_id
from csserv.http.server_context import ServerContext
from csserv.logs.request_ids import HEADER
from csserv.problem import Problem

logger = logging.getLogger(__name__)

#: methods that a handler may have, in the order in which they are named
SUPPORTED = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")

#: headers of requests and of answers that pages of other sites may use (CORS)
ASKED = (
    "Authorization, Content-Type, If-Match, If-None-Match, If-Range, Last-Event-ID, Range, "
    "X-Request-ID"
)
EXPOSED = (
    "Allow, Content-Disposition, Content-Range, ETag, Link, Location, Retry-After, X-Request-ID"
)

#: how long browsers may remember the answer to a preflight request [s]
PREFLIGHT_AGE = "600"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@stream_request_body  # so that a body that is too large is refused before it is read
class Handler(RequestHandler):
    """A Tornado handler that identifies its caller, limits requests, and writes errors."""

    context: ServerContext

    #: where the handler is, if nothing in its address differs
    address: ClassVar[str] = ""

    def initialize(self, context: ServerContext) -> None:
        """Take the state that all handlers share."""
        self.context = context
        self.caller: Caller | None = None
        self._body = bytearray()
        self._is_admitted = False
        self.request_id = request_id(self.request)
        self.set_default_headers()

    def set_default_headers(self) -> None:
        """Set the security headers, and remove the one that names the server's library."""
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)
        if "context" in self.__dict__:  # tornado calls this before initialize() as well
            self.set_header(HEADER, self.request_id)
            self._allow_origin(allowed_origin(self.request, self.context.settings.allowed_origins))

    def _allow_origin(self, origin: str) -> None:
        """Let pages of a site read the answer (CORS)."""
        if not origin:
            return
        self.set_header("Access-Control-Allow-Origin", origin)
        self.set_header("Access-Control-Expose-Headers", EXPOSED)
        if origin != ANY:
            self.add_header("Vary", "Origin")

    def check_xsrf_cookie(self) -> None:
        """Check nothing: a login cookie only allows to read."""

    @property
    def route(self) -> str:
        """The address, with names for what differs, as logs and metrics name it."""
        return self.address or type(self).__name__

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods that are possible at this address."""
        nothing = RequestHandler._unimplemented_method
        return tuple(
            one for one in SUPPORTED if getattr(type(self), one.lower(), nothing) is not nothing
        )

    async def prepare(self) -> None:
        """Refuse a request that is too large, too frequent, or not allowed."""
        self.check_form()
        await self.context.start()
        if self.request.method != "OPTIONS":
            self.caller = await self._identify_or_count()
            await self.limit_rate(self.context.rate_key(self.request, self.caller))
        self._is_admitted = True

    def check_form(self) -> None:
        """Refuse a request that announces too large a body, or has a method that is not possible.

        Raises
        ------
        RequestTooLargeError, HTTPError : it is one
        """
        self._check_size(int(self.request.headers.get("Content-Length") or 0))
        if self.request.method not in self.methods:
            raise HTTPError(405)

    async def _identify_or_count(self) -> Caller:
        """Identify the caller; whoever is not let in is counted by the address."""
        try:
            return await self.identify()
        except AccessDeniedError:
            self.context.rate_limit.check(str(self.request.remote_ip))
            raise

    async def limit_rate(self, client: str) -> None:
        """Refuse a client that asks too often."""
        self.context.rate_limit.check(client)

    def options(self, *path: str, **names: str) -> None:
        """Answer which methods are possible, and a CORS preflight request."""
        methods = ", ".join(self.methods)
        self.set_header("Allow", methods)
        if "Access-Control-Allow-Origin" in self._headers:
            self.set_header("Access-Control-Allow-Methods", methods)
            self.set_header("Access-Control-Allow-Headers", ASKED)
            self.set_header("Access-Control-Max-Age", PREFLIGHT_AGE)
        self.set_status(204)
        self.finish()

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
        if problem.status == 405:
            problem = replace(problem, detail=self._other_method())
            self.set_header("Allow", ", ".join(self.methods))
        if isinstance(error, ForeignSiteError):
            self.clear_header("Access-Control-Allow-Origin")
        elif isinstance(error, AccessDeniedError) and self.caller is None:
            problem = Problem(401, problem.detail, problem.kind)
            self.set_header("WWW-Authenticate", "Bearer")
        if isinstance(error, TooManyRequestsError):
            self.set_header("Retry-After", str(max(1, round(error.retry_after))))
        self.set_status(problem.status)
        self.send_problem(problem)

    def _other_method(self) -> str:
        known = [one for one in self.methods if one not in ("HEAD", "OPTIONS")]
        return f"{self.request.method} is not possible here; possible are: {', '.join(known)}"

    async def finish_text(self, text: bytes) -> None:
        """Answer with a text, compressed for who takes that."""
        if len(text) < LEAST:
            self.finish_encoded(text, text)
        else:
            self.finish_encoded(text, await self.context.run_read(self.encoded, text))

    def encoded(self, text: bytes) -> bytes:
        """Return a text as it is to be sent to the caller; may be called in any thread."""
        return compressed(text) if self.packs(text) else text

    def packs(self, text: bytes) -> bool:
        """Whether a text is worth compressing, and the caller takes that."""
        return len(text) >= LEAST and takes_gzip(self.request.headers)

    def finish_encoded(self, text: bytes, sent: bytes) -> None:
        """Answer with a text and what :meth:`encoded` returned for it."""
        if len(text) >= LEAST:
            self.add_header("Vary", "Accept-Encoding")
        if sent is not text:
            self.set_header("Content-Encoding", "gzip")
        self.finish(sent)

    def send_problem(self, problem: Problem) -> None:
        """Answer with a problem, without the folders of this server in its text."""
        if not self._is_admitted:  # tornado closes the connection then, without saying so
            self.set_header("Connection", "close")
        self.write_problem(replace(problem, detail=self.context.without_paths(problem.detail)))

    def write_problem(self, problem: Problem) -> None:
        """Write a problem as JSON (RFC 9457); other APIs write their own form."""
        self.set_header("Content-Type", "application/problem+json")
        self.finish(orjson.dumps(problem.to_dict() | {"request_id": self.request_id}))


def _text_of(error: BaseException | None) -> str:
    """Return the text of an error of Tornado, which doubles each % in it."""
    return str(getattr(error, "log_message", None) or "").replace("%%", "%")


def _is_http_error(error: BaseException) -> bool:
    """Whether an error is Tornado's own, with its own status."""
    return isinstance(error, HTTPError)
