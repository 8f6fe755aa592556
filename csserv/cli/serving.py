"""The command that serves the HTTP API."""

from __future__ import annotations

import asyncio
import logging

import click

from csserv.cli.group import main, with_given
from csserv.settings import Settings


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5006, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--access",
    type=click.Choice(["auto", "open", "tokens"]),
    help="Who may ask; auto: anybody from this machine, others by token.  [CSSERV_ACCESS]",
)
@click.option("--behind-proxy", is_flag=True, help="A proxy says who asks (X-Forwarded-For).")
@click.pass_obj
def serve(settings: Settings, host: str, port: int, access: str | None, behind_proxy: bool) -> None:
    """Serve the HTTP API, and run tasks where no other runner does."""
    from csserv.http.server import serve as serve_http  # tornado is slow to import

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    own = with_given(settings, access=access)
    asyncio.run(serve_http(own, host, port, behind_proxy, click.echo))
