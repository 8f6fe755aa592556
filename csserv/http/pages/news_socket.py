"""The websocket that brings a page how far tasks are."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from bokeh.server.util import check_allowlist
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from csserv.access import Caller
from csserv.errors import AccessDeniedError
from csserv.http.front import Front

#: so long it is believed who looks, before it is found out anew [s]
BELIEVED = 1.0

#: so often it is seen whether a page is still there: proxies end lines that say nothing [s]
PING = 30.0


class NewsSocket(WebSocketHandler):
    """One page that looks; nothing that its browser says is listened to."""

    def initialize(self, front: Front) -> None:
        """Take over what all handlers share."""
        self.front = front
        self._caller: Caller | None = None
        self._asked = float("-inf")
        self._last: asyncio.Future[None] | None = None

    async def prepare(self) -> None:
        """Refuse who may not look."""
        if self.caller is None:
            raise HTTPError(403)
        await self.front.wake()

    def check_origin(self, origin: str) -> bool:
        """Let in pages of this server only, under the names that it has for browsers."""
        known = getattr(self.application, "websocket_origins", ())
        return super().check_origin(origin) or check_allowlist(origin.partition("//")[2], known)

    @property
    def ping_interval(self) -> float:
        """How often the browser is asked for a sign of life [s]."""
        return PING

    @property
    def caller(self) -> Caller | None:
        """Who looks; None if he may no more."""
        if time.monotonic() - self._asked > BELIEVED:
            self._asked = time.monotonic()
            try:
                self._caller = self.front.visitors.visitor(self.request)
            except AccessDeniedError:
                self._caller = None
        return self._caller

    def open(self, *args: str, **kwargs: str) -> None:
        """Begin."""
        self.front.task_news.enter(self)

    def on_message(self, message: str | bytes) -> None:
        """Hear nothing."""

    def on_close(self) -> None:
        """End."""
        self.front.task_news.leave(self)

    def tell(self, message: bytes) -> None:
        """Send a message; a line that is still full with the last one goes without it."""
        if self._last is None or self._last.done():
            with suppress(WebSocketClosedError):
                self._last = asyncio.ensure_future(self.write_message(message))
                self._last.add_done_callback(lambda last: last.cancelled() or last.exception())

    def let_go(self) -> None:
        """End the connection."""
        self.close(1008, "not logged in any more")
