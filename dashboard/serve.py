"""The server of dashboard and API: Panel's, with csserv's access control, headers and keys."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import panel as pn
from bokeh.server.auth_provider import AuthProvider
from panel.command.serve import Serve

from csserv.access.keys import read_keys
from csserv.http import CONTEXT
from csserv.http.pages.headers import PageHeaders
from csserv.http.pages.page_access import allowed_name
from csserv.http.time_limits import TIME_LIMITS

#: flags of ``panel serve``
FLAGS = {
    "--plugins": "csserv.http",
    # series and maps shrink to a tenth of their size
    "--websocket-compression-level": "6",
    "--websocket-compression-mem-level": "8",
    # a page that comes over a slow line, or is brought back by a browser, can still be opened [s]
    "--session-token-expiration": "3600",
    # a phone may lose its line for so long [ms]
    "--unused-session-lifetime": "60000",
    "--check-unused-sessions": "15000",
    "--log-level": "warning",
    "--oauth-error-template": str(Path(__file__).parent / "assets" / "login_error.html"),
}


class PageAuth(AuthProvider):
    """Lets visitors in as the settings say, and sends others to the login."""

    @property
    def get_user(self) -> Callable[[Any], str | None]:
        """A function that returns the name of the visitor, or None."""
        return partial(allowed_name, CONTEXT)

    @property
    def login_url(self) -> str:
        """Address of the login."""
        return "/sign-in"


class DashboardServer(Serve):
    """``panel serve`` with csserv's access control, keys and headers."""

    def customize_kwargs(self, args: argparse.Namespace, server_kwargs: Any) -> Any:
        """Add access control, the keys that sign cookies, and security headers."""
        keys = read_keys(CONTEXT.settings.home)
        if not pn.config.cookie_secret:
            args.cookie_secret = keys["cookies"]
        if not pn.config.oauth_encryption_key:
            args.oauth_encryption_key = keys["oauth"]
        kwargs = super().customize_kwargs(args, server_kwargs)
        if CONTEXT.settings.login != "oauth":
            kwargs["auth_provider"] = PageAuth()
        return kwargs | {"transforms": [PageHeaders], "http_server_kwargs": {**TIME_LIMITS}}

    def customize_server(self, server: Any) -> Any:
        """Start the runner, and print the address of the server."""
        server.io_loop.add_callback(CONTEXT.start)
        server.io_loop.add_callback(CONTEXT.tell_supervisor)
        address = partial(CONTEXT.tell_address, server.address or "", server.port)
        server.io_loop.add_callback(address)
        server._tornado.settings["log_function"] = CONTEXT.request_log
        click.echo(f"csserv serves http://{server.address}:{server.port}/ and /api/v1/")
        return server


def serve(flags: list[str]) -> None:
    """Serve until the process is stopped.

    Parameters
    ----------
    flags : further flags of ``panel serve``
    """
    parser = argparse.ArgumentParser()
    server = DashboardServer(parser)
    app = str(Path(__file__).parent / "app.py")
    own = [word for flag in FLAGS.items() for word in flag]
    try:
        server.invoke(parser.parse_args([app, "--warm", *own, *flags]))
    finally:
        CONTEXT.close()
