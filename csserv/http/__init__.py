"""The HTTP face: the service over HTTP, by ``panel serve app.py --plugins csserv.http``."""

from __future__ import annotations

from csserv.http.front import Front
from csserv.http.routes import routes

__all__ = ["FRONT", "ROUTES"]

#: opens nothing until the first request
FRONT = Front()

ROUTES = routes(FRONT)
