"""What all handlers share: the service, who may do what, and threads for what takes time."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from typing import TypeVar

from tornado.httputil import HTTPServerRequest

from csserv.access import Caller, FailedLoginDelay, RateLimit, Role, Tokens
from csserv.errors import AccessDeniedError, CsservError
from csserv.http.task_changes import TaskChanges
from csserv.http.task_news import TaskNews
from csserv.http.visitors import Visitors
from csserv.service import Service
from csserv.settings import Settings, read_settings
from csserv.views.tasks.log_watcher import LogWatcher

Value = TypeVar("Value")

#: how often a runner is looked for [s]
LOOK = 1.0

#: calls of the service that look something up at the same time, and that change something:
#: these wait for the disk and for each other, and must not keep the others waiting
READERS, WRITERS = 8, 4


class Front:
    """Opened when first used, so that importing the routes opens nothing.

    Parameters
    ----------
    settings : read from the environment when first used, if not given
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="csserv-read")
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="csserv-write")
        self._opening: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings of this server."""
        return self._settings or read_settings()

    @cached_property
    def service(self) -> Service:
        """The service, with a runner in the background where none leads."""
        return Service(self.settings, threaded=True)

    @cached_property
    def tokens(self) -> Tokens:
        """Who has which token."""
        return Tokens(self.settings.home)

    @cached_property
    def visitors(self) -> Visitors:
        """Who is logged in with a browser, or shows nothing."""
        return Visitors(self.settings)

    @cached_property
    def task_changes(self) -> TaskChanges:
        """Says when tasks have changed."""
        return TaskChanges(self.service, self.run)

    @cached_property
    def watcher(self) -> LogWatcher:
        """Watches the tasks for all pages."""
        return LogWatcher(self.service)

    @cached_property
    def task_news(self) -> TaskNews:
        """Tells pages how far tasks are."""
        return TaskNews(self.watcher)

    @cached_property
    def rate(self) -> RateLimit:
        """How often a client may ask."""
        per_second = self.settings.requests_per_second
        return RateLimit(per_second, burst=2 * per_second)

    @cached_property
    def failed_login_delay(self) -> FailedLoginDelay:
        """Makes those wait who try tokens or passwords."""
        return FailedLoginDelay()

    def without_paths(self, text: str) -> str:
        """Take the folders of this server out of a text that goes to others."""
        for folder, name in (
            (self.settings.home, "CSSERV_HOME"),
            (self.settings.data, "CSSERV_DATA"),
        ):
            text = text.replace(str(folder), name)
        return text

    async def wake(self) -> None:
        """Open the service, once; from then on, see that a runner runs as long as this serves.

        Raises
        ------
        TaskLogError : the log cannot be written; the next call tries again
        """
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())
        try:
            await asyncio.shield(self._opening)
        except CsservError:
            self._opening = None
            raise

    async def _open(self) -> None:
        await self.change(lambda: self.service.ensure_runner())
        self._keeping = asyncio.get_running_loop().create_task(self._keep_running())

    async def _keep_running(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            with suppress(CsservError, OSError):  # the disk is full: tried again
                await self.change(self.service.ensure_runner)

    async def run(self, function: Callable[..., Value], *args: object) -> Value:
        """Look something up in a thread, as it may wait for the disk."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, function, *args)

    async def change(self, function: Callable[..., Value], *args: object) -> Value:
        """Change something in a thread, as it waits for the disk and for others who do."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, function, *args)

    async def identify(self, request: HTTPServerRequest, token: str | None = None) -> Caller:
        """Find out who asks.

        Parameters
        ----------
        token : where it stands elsewhere than in the ``Authorization`` header

        Raises
        ------
        AccessDeniedError : a token that is none, or none where one is needed
        """
        given = token or _bearer(request)
        if given is not None:
            await asyncio.sleep(self.failed_login_delay.delay(str(request.remote_ip)))
            if caller := self.tokens.find(given):
                return caller
            self.failed_login_delay.failed(str(request.remote_ip))
            raise AccessDeniedError("that token is not valid (any more)")
        # a page of another site can make a browser send its cookie: by it one may only look
        if request.method in ("GET", "HEAD") and (caller := self.visitors.by_cookie(request)):
            return Caller(caller.name, Role.READER)
        return self.visitors.unnamed(request)

    async def check_script(self, request: HTTPServerRequest, token: str) -> None:
        """See that a script of ClimateSERV shows the token that the settings name.

        Raises
        ------
        AccessDeniedError : another one, or the settings name none
        """
        known = self.settings.script_token
        if known is None:
            raise AccessDeniedError("scriptAccess is not open here (CSSERV_SCRIPT_TOKEN)")
        await asyncio.sleep(self.failed_login_delay.delay(str(request.remote_ip)))
        if not hmac.compare_digest(known.encode(), token.encode()):
            self.failed_login_delay.failed(str(request.remote_ip))
            raise AccessDeniedError("t is not the token of scriptAccess")

    def close(self) -> None:
        """Let the background runner go; what it has in hand is queued again."""
        if self._keeping:
            self._keeping.cancel()
        if "watcher" in self.__dict__:
            self.watcher.close()
        if "service" in self.__dict__:
            self.service.close(wait=False)
        for pool in (self._readers, self._writers):
            pool.shutdown(wait=False, cancel_futures=True)


def _bearer(request: HTTPServerRequest) -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None
