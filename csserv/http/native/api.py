"""The Tornado handler of the native API: parses a request, calls an endpoint, writes its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, TypeAlias

import orjson
from tornado.web import HTTPError

from csserv.access import Caller, Role, check_allowed
from csserv.errors import InvalidRequestError
from csserv.http.handler import SUPPORTED, Handler
from csserv.http.native.endpoint import BASE, Call, Endpoint, Reply
from csserv.http.server_context import ServerContext

#: an answer, its text, that text as it is sent, and the ETag of what is sent, where it is kept
Made: TypeAlias = tuple[Reply, bytes, bytes, str | None]

#: the caller of an endpoint that is open to anybody
ANYBODY = Caller("", Role.READER)


class ApiHandler(Handler):
    """Serves the endpoints of one path, one for each HTTP method."""

    def initialize(self, context: ServerContext, endpoints: Mapping[str, Endpoint]) -> None:  # type: ignore[override]  # tornado gives each route arguments of its own
        """Take the endpoints by HTTP method."""
        super().initialize(context)
        self.endpoints = endpoints
        self._etag: str | None = None

    async def identify(self) -> Caller:
        """Return the caller, and check the role that the endpoint needs."""
        endpoint = self.endpoint
        if endpoint.role is None:
            return ANYBODY
        caller = self.caller = await super().identify()
        check_allowed(caller, endpoint.role)
        return caller

    @property
    def route(self) -> str:
        """The address with names in braces."""
        return f"{BASE}{next(iter(self.endpoints.values())).path}"

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods of the path; HEAD wherever there is GET."""
        known = {*self.endpoints, "OPTIONS"} | ({"HEAD"} if "GET" in self.endpoints else set())
        return tuple(one for one in SUPPORTED if one in known)

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint of the request's HTTP method."""
        method = "GET" if self.request.method == "HEAD" else str(self.request.method)
        return self.endpoints[method]

    async def get(self, **path: str) -> None:
        """Answer the request, unless its body was refused meanwhile."""
        if not self._finished:
            await self.serve(path)

    head = post = put = delete = get

    async def serve(self, path: dict[str, str]) -> None:
        """Parse the request, call the endpoint and write its answer."""
        endpoint, caller = self.endpoint, self.caller or ANYBODY
        run = self.context.run_read if endpoint.method == "GET" else self.context.run_write
        # all in one thread: each change of it takes 0.2 ms
        reply, text, sent, self._etag = await run(self._answer, endpoint, caller, path)
        self.set_status(endpoint.status)
        if reply.location:
            self.set_header("Location", reply.location)
        self.set_header("Content-Type", "application/json")
        # what stays as it is may be kept, by whom it was sent to, if they ask whether it still is
        self.set_header("Cache-Control", "private, no-cache" if self._etag else "no-store")
        self.finish_encoded(text, sent)

    def compute_etag(self) -> str | None:
        """Return the ETag of a kept answer; of others, Tornado's hash of what is sent."""
        return self._etag or super().compute_etag()

    def _answer(self, endpoint: Endpoint, caller: Caller, path: dict[str, str]) -> Made:
        reply = endpoint.run(self._call(endpoint, caller, path))
        if reply.depends_on is None:
            text = self._without_paths(orjson.dumps(reply.value))
            return reply, text, self.encoded(text), None
        key, kept = reply.depends_on, self.context.kept_texts
        text = kept.get(key, lambda: self._without_paths(reply.value()))
        sent, form = text, "plain"
        if self.packs(text):
            sent, form = kept.get((key, "packed"), lambda: self.encoded(text)), "packed"
        etag = kept.get((key, form, "etag"), lambda: sha256(sent).hexdigest()[:40].encode())
        return reply, text, sent, f'"{etag.decode()}"'

    def _without_paths(self, text: bytes) -> bytes:
        return self.context.without_paths(text.decode()).encode()

    def _call(self, endpoint: Endpoint, caller: Caller, path: dict[str, str]) -> Call:
        body: Any = bytes(self._body) if endpoint.takes_file else None
        if endpoint.body:
            body = endpoint.body.model_validate(self.json_body())
        query = endpoint.query.model_validate(self.query_values())
        return Call(self.context.service, caller, path, query, body, self.request_id)

    def query_values(self) -> dict[str, str]:
        """Return the parameters of the query string.

        Raises
        ------
        InvalidRequestError : a name is given more than once
        """
        values = {}
        for name, given in self.request.query_arguments.items():
            if len(given) > 1:
                raise InvalidRequestError(f"{name} is given {len(given)} times; give it once")
            values[name] = self.decode_argument(given[0], name)
        return values

    def json_body(self) -> Any:
        """Return the body, which must be JSON.

        Browsers let a page of another site send text to this server, but not JSON.

        Raises
        ------
        HTTPError : the body is of another type (415), or not readable (400)
        """
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise HTTPError(415, f"the body is {kind or 'of no type'}; send application/json")
        try:
            return orjson.loads(bytes(self._body))
        except orjson.JSONDecodeError as error:
            raise HTTPError(400, f"the body is no JSON: {error}") from None


def pattern(path: str) -> str:
    """Turn a path with names in braces into a regular expression.

    >>> pattern("/tasks/{id}/files/{name}")
    '/tasks/(?P<id>[^/]+)/files/(?P<name>[^/]+)'
    """
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
