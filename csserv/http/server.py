"""A server of the HTTP API alone, on one port."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable

from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RedirectHandler

from csserv.access import Caller
from csserv.errors import SettingsError
from csserv.http.front import Front
from csserv.http.handler import Handler
from csserv.http.native.api import NOBODY
from csserv.http.native.endpoints import BASE
from csserv.http.routes import routes
from csserv.settings import Settings


class Nowhere(Handler):
    """Answers for addresses that there are none of."""

    async def identify(self) -> Caller:
        """Find out nothing: there is nothing to be had."""
        return NOBODY

    def get(self) -> None:
        """Say that there is nothing, whatever was sent."""
        raise HTTPError(404, f"there is nothing at {self.request.path[:200]}")

    head = post = put = patch = delete = options = get


def application(front: Front) -> Application:
    """Make the Tornado application."""
    return Application(
        [*routes(front), ("/", RedirectHandler, {"url": f"{BASE}/", "permanent": False})],
        default_handler_class=Nowhere,
        default_handler_args={"front": front},
        log_function=_log,
    )


async def serve(
    settings: Settings, host: str, port: int, behind_proxy: bool, say: Callable[[str], None]
) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    behind_proxy : whether a proxy tells who asks (``X-Forwarded-For``)

    Raises
    ------
    SettingsError : the address cannot be listened to
    """
    front = Front(settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = HTTPServer(application(front), xheaders=behind_proxy)
    try:
        server.listen(port, host)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    await front.wake()
    say(f"csserv serves http://{host}:{port}/api/v1/")
    await stop.wait()
    server.stop()
    await server.close_all_connections()
    front.close()


def _log(handler: object) -> None:
    """Log no request: their addresses hold what people ask about."""
    logging.getLogger(__name__).debug("%s", handler)
