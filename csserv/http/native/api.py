"""Tornado handlers of the native API: they parse, call an endpoint, and write its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from tornado.web import HTTPError

from csserv.access import Caller, Role, check_allowed
from csserv.errors import InvalidRequestError
from csserv.http.front import Front
from csserv.http.handler import Handler
from csserv.http.native.endpoints import Call, Endpoint

#: what a caller is who need not say who he is
NOBODY = Caller("", Role.READER)


class Api(Handler):
    """Serves the endpoints of one path."""

    def initialize(self, front: Front, endpoints: Mapping[str, Endpoint]) -> None:  # type: ignore[override]  # tornado gives each route arguments of its own
        """Take over the endpoints, by method."""
        super().initialize(front)
        self.endpoints = endpoints

    async def identify(self) -> Caller:
        """Find out who asks; not where anybody may."""
        endpoint = self.endpoint
        if endpoint.role is None:
            return NOBODY
        caller = self.caller = await super().identify()
        check_allowed(caller, endpoint.role)
        return caller

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that is asked for."""
        method = "GET" if self.request.method == "HEAD" else str(self.request.method)
        if method not in self.endpoints:
            self.set_header("Allow", ", ".join(self.endpoints))
            raise HTTPError(405, f"{method} is not possible here; {', '.join(self.endpoints)} is")
        return self.endpoints[method]

    async def get(self, **path: str) -> None:
        """Serve, unless the body was refused meanwhile."""
        if not self._finished:
            await self.serve(path)

    head = post = delete = get

    async def serve(self, path: dict[str, str]) -> None:
        """Parse, run and answer."""
        endpoint, caller = self.endpoint, self.caller or NOBODY
        call = await self.front.run(self._call, endpoint, caller, path)
        run = self.front.run if endpoint.method == "GET" else self.front.change
        reply = await run(endpoint.run, call)
        self.set_status(endpoint.status)
        if reply.location:
            self.set_header("Location", reply.location)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(self.front.without_paths(orjson.dumps(reply.value).decode()))

    def _call(self, endpoint: Endpoint, caller: Caller, path: dict[str, str]) -> Call:
        body = endpoint.body.model_validate(self.json_body()) if endpoint.body else None
        query = endpoint.query.model_validate(self.query_values())
        return Call(self.front.service, caller, path, query, body)

    def query_values(self) -> dict[str, str]:
        """Read the query string; a name may stand in it once."""
        values = {}
        for name, given in self.request.query_arguments.items():
            if len(given) > 1:
                raise InvalidRequestError(f"{name} is given {len(given)} times; give it once")
            values[name] = self.decode_argument(given[0], name)
        return values

    def json_body(self) -> Any:
        """Read the body.

        A page of another site can send text to this server, but no JSON unless it is allowed to.
        """
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise HTTPError(415, f"the body is {kind or 'of no type'}; send application/json")
        try:
            return orjson.loads(bytes(self._body))
        except orjson.JSONDecodeError as error:
            raise HTTPError(400, f"the body is no JSON: {error}") from None


def pattern(path: str) -> str:
    """Write a path with names in braces as a regular expression.

    >>> pattern("/tasks/{id}/files/{name}")
    '/tasks/(?P<id>[^/]+)/files/(?P<name>[^/]+)'
    """
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
