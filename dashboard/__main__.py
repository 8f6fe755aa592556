"""``python -m`` of this package: the server process of ``csserv serve``."""

from __future__ import annotations

import sys

import click
from bokeh.settings import settings as bokeh_settings

from csserv.access.keys import read_keys
from csserv.errors import CsservError
from csserv.logs import LogSettings, set_up_logging
from csserv.machine.collection_pause import pause_collection
from csserv.settings import read_settings


def main() -> None:
    """Turn on signed sessions, then serve."""
    settings = read_settings()
    set_up_logging(LogSettings.of(settings), "server")
    # bokeh reads the key once, when its server is imported
    bokeh_settings.secret_key.set_value(read_keys(settings.home)["sessions"])
    bokeh_settings.sign_sessions.set_value(True)
    with pause_collection():
        from .serve import serve

    serve(sys.argv[1:])


try:
    main()
except CsservError as error:
    click.echo(f"Error: {error}", err=True)
    sys.exit(1)
except KeyboardInterrupt:
    sys.exit(130)
