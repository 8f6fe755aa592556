"""The state that all handlers of a server share: service, access control, thread pools."""

from __future__ import annotations

import asyncio
import hmac
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from typing import TypeVar

from tornado.httputil import HTTPServerRequest

from csserv.access import Caller, RateLimit, Role, Tokens
from csserv.errors import AccessDeniedError, CsservError
from csserv.http.browser_auth import BrowserAuth
from csserv.http.derived_files import DerivedFiles
from csserv.http.kept_texts import KeptTexts
from csserv.http.login_guard import LoginGuard
from csserv.http.monitoring.request_log import RequestLog
from csserv.http.monitoring.server_metrics import ServerMetrics
from csserv.http.task_broadcast import TaskBroadcast
from csserv.http.task_changes import TaskChanges
from csserv.machine.private_home import hide_as_home
from csserv.machine.sd_notify import notify
from csserv.machine.served_address import forget_address, tell_address, web_address
from csserv.service import Service
from csserv.settings import Settings, read_settings
from csserv.views.tasks.log_watcher import LogWatcher

Value = TypeVar("Value")

#: time between two checks that a runner is at work [s]
RUNNER_CHECK_INTERVAL = 1.0

#: time between two signs of life for systemd [s]
ALIVE_INTERVAL = 2.0

#: threads for calls that read, and for calls that write: these wait for the disk and for each
#: other, and must not keep the former waiting. More writers check their requests at a time, and
#: those who poll wait for them: 16 took 5 % more submits, and half of the polls three times as long
READERS, WRITERS = 8, 8

#: for how long a thread may compute while others wait [s]. With Python's own 5 ms, the loop that
#: talks to callers comes late among threads that check requests: a tenth fewer submits a second
TURN = 0.0005

#: threads for those who watch the server: where a disk hangs, they must not take those of readers
WATCHERS = 2

#: how long they wait for an answer [s]
WATCH_TIMEOUT = 5.0


class ServerContext:
    """The service of a server, and what its handlers need beside it.

    Each part is opened when first used, so that importing the routes opens nothing.

    Parameters
    ----------
    settings : read from the environment when first used, unless given
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="csserv-read")
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="csserv-write")
        self._watchers = ThreadPoolExecutor(WATCHERS, thread_name_prefix="csserv-watch")
        self._opening: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings of this server."""
        return self._settings or read_settings()

    @cached_property
    def service(self) -> Service:
        """The service, which runs tasks in the background unless another runner does."""
        return Service(self.settings, threaded=True)

    @cached_property
    def tokens(self) -> Tokens:
        """The API tokens."""
        return Tokens(self.settings.home)

    @cached_property
    def browser_auth(self) -> BrowserAuth:
        """Identifies callers without a token."""
        return BrowserAuth(self.settings)

    @cached_property
    def task_changes(self) -> TaskChanges:
        """Follows single tasks, for server-sent events."""
        return TaskChanges(self.service, self.run_read)

    @cached_property
    def watcher(self) -> LogWatcher:
        """Watches the task log for all pages of the dashboard."""
        return LogWatcher(self.service)

    @cached_property
    def task_broadcast(self) -> TaskBroadcast:
        """Sends updates of tasks to open pages."""
        return TaskBroadcast(self.watcher)

    @cached_property
    def derived_files(self) -> DerivedFiles:
        """The files made of results for those who asked."""
        return DerivedFiles(self.settings.cache, self.settings.home / "results")

    @cached_property
    def kept_texts(self) -> KeptTexts:
        """Large answers that stay as they are."""
        return KeptTexts()

    @cached_property
    def rate_limit(self) -> RateLimit:
        """Limits the requests of each client."""
        per_second = self.settings.requests_per_second
        return RateLimit(per_second, burst=2 * per_second)

    @cached_property
    def progress_limit(self) -> RateLimit:
        """Slows the questions for progress that programs of ClimateSERV ask without a pause."""
        return RateLimit(self.settings.requests_per_second, burst=self.settings.requests_per_second)

    @cached_property
    def metrics(self) -> ServerMetrics:
        """What is measured of this server, for Prometheus."""
        return ServerMetrics(lambda: self.service)

    @cached_property
    def request_log(self) -> RequestLog:
        """Logs and counts the requests."""
        return RequestLog(self.metrics.request_ended)

    @cached_property
    def login_guard(self) -> LoginGuard:
        """Slows down those who guess passwords."""
        return LoginGuard(self.browser_auth.device_name)

    def without_paths(self, text: str) -> str:
        """Replace the folders of this server in a text by the names of their settings."""
        return self.settings.without_paths(text)

    async def start(self) -> None:
        """Open the service and keep a runner at work; further calls change nothing.

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
        sys.setswitchinterval(TURN)
        hide_as_home(self.settings.home)
        await self.run_write(lambda: self.service.ensure_runner())
        self._keeping = asyncio.get_running_loop().create_task(self._keep_running())

    async def _keep_running(self) -> None:
        while True:
            await asyncio.sleep(RUNNER_CHECK_INTERVAL)
            with suppress(CsservError, OSError):  # the disk is full: tried again
                await self.run_write(self.service.ensure_runner)

    def tell_supervisor(self) -> None:
        """Tell systemd, if it has started this process, that it listens; then that it is alive."""
        notify("READY=1")
        self._telling = asyncio.get_running_loop().create_task(self._tell_alive())

    async def _tell_alive(self) -> None:
        while True:
            notify("WATCHDOG=1")
            await asyncio.sleep(ALIVE_INTERVAL)

    async def run_read(self, function: Callable[..., Value], *args: object) -> Value:
        """Call a function that reads, in a thread of the pool for reading; return its result."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, function, *args)

    async def run_write(self, function: Callable[..., Value], *args: object) -> Value:
        """Call a function that writes, in a thread of the pool for writing; return its result."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, function, *args)

    async def run_watch(self, function: Callable[..., Value], *args: object) -> Value:
        """Call a function that looks at the server itself; return its result.

        Raises
        ------
        TimeoutError : it takes too long, or those before it do: the disk may hang
        """
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._watchers, function, *args)
        return await asyncio.wait_for(call, WATCH_TIMEOUT)

    async def identify(self, request: HTTPServerRequest) -> Caller:
        """Identify the caller of a request by token, login cookie or address.

        Raises
        ------
        AccessDeniedError : the token is wrong, or one is needed and missing
        """
        given = _bearer(request)
        if given is not None:  # of 256 random bits: wrong ones need no delay, nobody guesses one
            if caller := self.tokens.find(given):
                return caller
            raise AccessDeniedError("that token is not valid (any more)")
        # a page of another site can make a browser send its cookie, so a cookie only allows to read
        if request.method in ("GET", "HEAD") and (caller := self.browser_auth.by_cookie(request)):
            return Caller(caller.name, Role.READER)
        return self.browser_auth.anonymous(request)

    def check_script_token(self, token: str) -> None:
        """Check the token of a call by ClimateSERV's ``scriptAccess``.

        Raises
        ------
        AccessDeniedError : the token is not that of the settings, or they have none
        """
        known = self.settings.script_token
        if known is None:
            raise AccessDeniedError("scriptAccess is not open here (CSSERV_SCRIPT_TOKEN)")
        if not hmac.compare_digest(known.encode(), token.encode()):
            raise AccessDeniedError("t is not the token of scriptAccess")

    def rate_key(self, request: HTTPServerRequest, caller: Caller) -> str:
        """Return whom the requests of a caller are counted for: token or login, else address."""
        if _bearer(request) is not None:
            return f"token {caller.name}"
        if self.settings.login != "none" and caller.name not in ("", str(request.remote_ip)):
            return f"user {caller.name}"
        return str(request.remote_ip)

    def tell_address(self, host: str, port: int) -> None:
        """Say where this server is, for commands of this machine."""
        tell_address(self.settings.home, web_address(host, port))

    def close(self) -> None:
        """Close the service and its runner, whose running tasks are queued again."""
        notify("STOPPING=1")
        forget_address(self.settings.home)
        for task in (self._keeping, self._telling):
            if task:
                task.cancel()
        if "watcher" in self.__dict__:
            self.watcher.close()
        if "request_log" in self.__dict__:
            self.request_log.write()
        if "service" in self.__dict__:
            self.service.close(wait=False)
        for pool in (self._readers, self._writers, self._watchers):
            pool.shutdown(wait=False, cancel_futures=True)


def _bearer(request: HTTPServerRequest) -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None
