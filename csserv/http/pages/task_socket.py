"""The websocket that sends updates of tasks to a page."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from bokeh.server.util import check_allowlist
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from csserv.access import Caller
from csserv.errors import AccessDeniedError
from csserv.http.server_context import ServerContext
from csserv.http.spoken_language import spoken_language
from csserv.language import Language

#: time after which the access of a page is checked again [s]
RECHECK_AFTER = 1.0

#: time between two pings [s]: proxies end connections that are silent
PING_INTERVAL = 30.0


class TaskSocket(WebSocketHandler):
    """The connection to one page; messages from the page are ignored."""

    def initialize(self, context: ServerContext) -> None:
        """Take the state that all handlers share."""
        self.context = context
        self._caller: Caller | None = None
        self._checked = float("-inf")
        self._last: asyncio.Future[None] | None = None

    async def prepare(self) -> None:
        """Refuse callers who may see nothing."""
        if self.caller is None:
            raise HTTPError(403)
        await self.context.start()

    def check_origin(self, origin: str) -> bool:
        """Accept pages of this server only, under the host names allowed for its websockets."""
        known = getattr(self.application, "websocket_origins", ())
        return super().check_origin(origin) or check_allowlist(origin.partition("//")[2], known)

    @property
    def ping_interval(self) -> float:
        """Time between two pings [s]."""
        return PING_INTERVAL

    @property
    def caller(self) -> Caller | None:
        """Who looks at the page; None once access has ended."""
        if time.monotonic() - self._checked > RECHECK_AFTER:
            self._checked = time.monotonic()
            try:
                self._caller = self.context.browser_auth.identify(self.request)
            except AccessDeniedError:
                self._caller = None
        return self._caller

    @property
    def language(self) -> Language:
        """The language of the page, which stands in the address of the websocket."""
        return spoken_language(self, self.context.settings.language)

    def open(self, *args: str, **kwargs: str) -> None:
        """Subscribe to updates of tasks."""
        self.context.task_broadcast.subscribe(self)

    def on_message(self, message: str | bytes) -> None:
        """Ignore the message."""

    def on_close(self) -> None:
        """Unsubscribe."""
        self.context.task_broadcast.unsubscribe(self)

    def send(self, message: bytes) -> None:
        """Send a message, or drop it while the last one is still being sent."""
        if self._last is None or self._last.done():
            with suppress(WebSocketClosedError):
                self._last = asyncio.ensure_future(self.write_message(message))
                self._last.add_done_callback(lambda last: last.cancelled() or last.exception())

    def disconnect(self) -> None:
        """End the connection."""
        self.close(1008, "not logged in any more")
