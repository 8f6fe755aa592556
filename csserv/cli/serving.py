"""Commands that start the web server: dashboard with HTTP API, or the API alone."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any

import click

from csserv.cli.group import main, with_overrides
from csserv.errors import SettingsError
from csserv.machine.collection_pause import load_for_good
from csserv.settings import Settings, as_variables

#: environment variables of Panel that a login by OAuth needs
OAUTH = ("PANEL_OAUTH_PROVIDER", "PANEL_OAUTH_KEY", "PANEL_OAUTH_SECRET")

#: import names of the dashboard: in a wheel, in a clone
DASHBOARD_PACKAGES = ("csserv.dashboard", "dashboard")

SERVER_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option("--port", default=5006, show_default=True, type=click.IntRange(0, 65535)),
    click.option(
        "--login",
        type=click.Choice(["none", "basic", "oauth"]),
        help="How one logs in to the dashboard.  [CSSERV_LOGIN]",
    ),
    click.option(
        "--origin",
        "origins",
        multiple=True,
        callback=lambda context, option, values: tuple(map(_checked_origin, values)),
        help="Name, and port unless 80 or 443, by which browsers know this server behind a proxy; "
        "repeatable.",
    ),
    click.option("--open", "opens", is_flag=True, help="Open the dashboard in a browser."),
)


def with_server_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a web server to a command."""
    for option in reversed(SERVER_OPTIONS):
        command = option(command)
    return command


@main.command()
@with_server_options
@click.option(
    "--access",
    type=click.Choice(["auto", "open", "tokens"]),
    help="Who may ask; auto: anybody from this machine, others by token.  [CSSERV_ACCESS]",
)
@click.option("--behind-proxy", is_flag=True, help="A proxy says who asks (X-Forwarded-For).")
@click.option("--api-only", is_flag=True, help="Serve no dashboard.")
@click.pass_obj
def serve(
    settings: Settings,
    /,
    access: str | None,
    login: str | None,
    behind_proxy: bool,
    api_only: bool,
    **where: Any,
) -> None:
    """Serve the dashboard and the HTTP API, and run tasks where no other runner does."""
    own = with_overrides(settings, access=access, login=login)
    if api_only:
        with load_for_good():  # tornado is slow to import
            from csserv.http.server import serve as serve_http

        asyncio.run(serve_http(own, where["host"], where["port"], behind_proxy, click.echo))
        return
    _become_dashboard(own, **where, more=["--use-xheaders"] if behind_proxy else [])


@main.command()
@with_server_options
@click.option("--sample", is_flag=True, help="Make the synthetic sample data first.")
@click.pass_obj
def up(settings: Settings, /, login: str | None, sample: bool, **where: Any) -> None:
    """Serve the dashboard and run its tasks, all on this machine; Ctrl-C ends all of it."""
    own = with_overrides(settings, login=login)
    if sample and not _has_data(own):
        from csserv.cli.demonstration import make_samples  # numpy and netCDF4 are slow to import

        make_samples(own)
    if not _has_data(own):
        raise SettingsError(
            f"no dataset has files in {own.data}: fetch some (csserv fetch --list shows which can "
            "be), put some there (csserv datasets --all says "
            "where), say with CSSERV_DATA where they are, or let csserv up --sample make some"
        )
    _become_dashboard(own, **where)


def _has_data(settings: Settings) -> bool:
    from csserv.catalog import Catalog  # netCDF4 is slow to import

    catalog = Catalog.read(settings.data, settings.catalog, settings.cache)
    return any(entry.is_here for entry in catalog.values())


def _become_dashboard(
    settings: Settings,
    host: str,
    port: int,
    origins: tuple[str, ...],
    opens: bool,
    more: Iterable[str] = (),
) -> None:
    """Replace this process by the dashboard server, which then gets its signals."""
    package = next(filter(importlib.util.find_spec, DASHBOARD_PACKAGES), None)
    if package is None:
        raise SettingsError("the dashboard is not installed here; serve the API with --api-only")
    if settings.login == "oauth" and (lacking := [name for name in OAUTH if not _given(name)]):
        raise SettingsError(f"a login by OAuth needs {', '.join(lacking)}; see Panel's manual")
    port = _checked_port(host, port)
    known = [f"{name}:{port}" for name in _own_names(host)]
    words = ["--address", host, "--port", str(port), *more, *(["--show"] if opens else [])]
    words += [word for one in (*known, *origins) for word in ("--allow-websocket-origin", one)]
    command = [sys.executable, "-m", package, *words]
    os.execve(command[0], command, os.environ | as_variables(settings))


def _given(name: str) -> bool:
    return bool(os.environ.get(name))


def _checked_port(host: str, port: int) -> int:
    """Return a port to listen on: a free one for 0.

    Raises
    ------
    SettingsError : the port is taken, or not allowed
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}") from None


def _checked_origin(given: str) -> str:
    if not re.fullmatch(r"[\w.-]+(:\d{1,5})?", given):
        raise click.BadParameter(f"{given!r} is no name of a server; write rain.example.org")
    return given


def _own_names(host: str) -> list[str]:
    """List the host names under which browsers may reach this server."""
    names = ["localhost", "127.0.0.1"]
    if host in ("0.0.0.0", "::"):  # noqa: S104  # chosen by whoever starts the server
        import psutil  # slow to import

        names += [socket.gethostname(), socket.getfqdn()]
        for addresses in psutil.net_if_addrs().values():
            names += [one.address for one in addresses if one.family == socket.AF_INET]
    # bokeh takes no addresses of IPv6
    return list(dict.fromkeys(name.lower() for name in (*names, host) if ":" not in name))
