"""The HTTP API, for ``panel serve app.py --plugins csserv.http`` or a server of its own."""

from __future__ import annotations

from csserv.http.pages import page_scripts
from csserv.http.routes import routes
from csserv.http.server_context import ServerContext

__all__ = ["CONTEXT", "ROUTES"]

#: shared by all handlers; opens the service at the first request
CONTEXT = ServerContext()

ROUTES = [*routes(CONTEXT), *page_scripts.routes(CONTEXT)]
