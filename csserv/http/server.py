"""A server of the HTTP API without the dashboard."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable

from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError

from csserv.access import Caller
from csserv.errors import SettingsError
from csserv.http.handler import Handler
from csserv.http.native.api import ANYBODY
from csserv.http.native.endpoint import BASE, VERSION
from csserv.http.routes import routes
from csserv.http.server_context import ServerContext
from csserv.http.time_limits import TIME_LIMITS
from csserv.logs import event
from csserv.settings import Settings


class NotFoundHandler(Handler):
    """Answers requests for unknown addresses with 404, whatever the method."""

    address = "unknown"

    async def prepare(self) -> None:
        """Answer with 404."""
        self.context.rate_limit.check(str(self.request.remote_ip))
        raise HTTPError(404, f"there is nothing at {self.request.path[:200]}")


class StartPage(Handler):
    """Leads to the page that describes the API."""

    address = "/"

    async def identify(self) -> Caller:
        """Let anybody ask."""
        return ANYBODY

    def get(self) -> None:
        """Redirect."""
        self.redirect(f"{BASE}/")

    head = get


def application(context: ServerContext) -> Application:
    """Return the Tornado application of a server."""
    return Application(
        [*routes(context), ("/", StartPage, {"context": context})],
        default_handler_class=NotFoundHandler,
        default_handler_args={"context": context},
        log_function=context.request_log,
    )


async def serve(
    settings: Settings, host: str, port: int, behind_proxy: bool, say: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM.

    Parameters
    ----------
    behind_proxy : whether a proxy gives the address of callers (``X-Forwarded-For``)
    say : called with the address once the server listens

    Raises
    ------
    SettingsError : the address is taken, or not allowed
    """
    context = ServerContext(settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = HTTPServer(application(context), xheaders=behind_proxy, **TIME_LIMITS)
    try:
        server.listen(port, host)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    context.tell_supervisor()
    await context.start()
    context.tell_address(host, port)
    say(f"csserv serves http://{host}:{port}/api/v1/")
    event(logging.getLogger(__name__), "server listens", host=host, port=port, version=VERSION)
    await stop.wait()
    server.stop()
    await server.close_all_connections()
    context.close()
