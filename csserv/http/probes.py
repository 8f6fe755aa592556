"""Handlers for those who watch a server: whether it is alive, whether it is ready, its figures."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import orjson
from tornado.web import HTTPError

from csserv.access import Caller, Role, check_allowed
from csserv.errors import CsservError
from csserv.http.handler import Handler
from csserv.http.monitoring.readiness import reasons
from csserv.http.server_context import WATCH_TIMEOUT, ServerContext

#: who asks for the health of a server: anybody, as probes have no token
ANYBODY = Caller("", Role.READER)

#: said of a home that does not answer
HANGS = f"the home folder has not answered for {WATCH_TIMEOUT:g} s; its disk may hang"

Route = tuple[str, type[Handler], dict[str, Any]]


class Alive(Handler):
    """Answers as long as the loop of this process does: no file, lock or thread is asked."""

    address = "/health/live"

    async def prepare(self) -> None:
        """Let anybody ask, however often."""
        self.check_form()
        self._is_admitted = True

    def get(self) -> None:
        """Say so."""
        _send(self, HTTPStatus.OK, {"status": "alive"})

    head = get


class Ready(Handler):
    """Says whether requests can be answered and tasks run, or why not."""

    address = "/health/ready"

    async def prepare(self) -> None:
        """Let anybody ask; what opens the service may be what is wrong."""
        self.check_form()
        self.context.rate_limit.check(str(self.request.remote_ip))
        self._is_admitted = True

    async def get(self) -> None:
        """Run the checks."""
        try:
            found = await asyncio.wait_for(self._reasons(), 2 * WATCH_TIMEOUT)
        except TimeoutError:
            found = {"stalled": HANGS}
        told = [
            {"check": name, "reason": self.context.without_paths(said)}
            for name, said in found.items()
        ]
        status = HTTPStatus.SERVICE_UNAVAILABLE if told else HTTPStatus.OK
        _send(self, status, {"status": "not ready" if told else "ready", "reasons": told})

    head = get

    async def _reasons(self) -> dict[str, str]:
        try:
            await self.context.start()
        except CsservError as error:
            return {"log": str(error)}
        return await self.context.run_watch(lambda: reasons(self.context.service))


class Metrics(Handler):
    """The metrics, for Prometheus."""

    address = "/metrics"

    async def identify(self) -> Caller:
        """Let in whom the setting ``metrics`` names."""
        if self.context.settings.metrics == "open":
            return ANYBODY
        caller = self.caller = await super().identify()
        return check_allowed(caller, Role.ADMIN)

    async def get(self) -> None:
        """Send them."""
        accept = self.request.headers.get("Accept", "")
        try:
            text, media = await self.context.run_watch(self.context.metrics.text, accept)
        except TimeoutError:
            raise HTTPError(503, HANGS) from None
        self.set_header("Content-Type", media)
        self.set_header("Cache-Control", "no-store")
        await self.finish_text(text)

    head = get


def routes(context: ServerContext) -> list[Route]:
    """Return the routes of these handlers."""
    handlers: tuple[type[Handler], ...] = (Alive, Ready, Metrics)
    return [(one.address, one, {"context": context}) for one in handlers]


def _send(handler: Handler, status: HTTPStatus, plain: dict[str, Any]) -> None:
    handler.set_status(status)
    handler.set_header("Content-Type", "application/json")
    handler.set_header("Cache-Control", "no-store")
    handler.finish(orjson.dumps(plain))
