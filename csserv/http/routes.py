"""Which address is served by which handler."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tornado.web import RequestHandler

from csserv.http import climateserv
from csserv.http.front import Front
from csserv.http.native.api import Api, pattern
from csserv.http.native.endpoints import BASE, ENDPOINTS, Endpoint
from csserv.http.native.openapi import OpenApi, Page
from csserv.http.native.streams import Events, Files, ResultFile
from csserv.http.pages import login
from csserv.http.pages.news_socket import NewsSocket
from csserv.http.pages.world import WorldOutlines

Route = tuple[str, type[RequestHandler], dict[str, Any]]

#: paths that stream
STREAMS: dict[str, type[Api]] = {
    "/tasks/{id}/events": Events,
    "/tasks/{id}/result": ResultFile,
    "/tasks/{id}/files/{name}": Files,
}


def routes(front: Front) -> list[Route]:
    """List all addresses, for Tornado and for ``panel serve --plugins``."""
    paths: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for endpoint in ENDPOINTS:
        paths[endpoint.path][endpoint.method] = endpoint
    native: list[Route] = [
        (
            f"{BASE}{pattern(path)}",
            STREAMS.get(path, Api),
            {"front": front, "endpoints": endpoints},
        )
        for path, endpoints in paths.items()
    ]
    return [
        *native,
        *climateserv.routes(front),
        *login.routes(front),
        ("/news", NewsSocket, {"front": front}),
        ("/world.json", WorldOutlines, {"front": front}),
        (f"{BASE}/openapi.json", OpenApi, {"front": front}),
        (f"{BASE}/?", Page, {"front": front}),
    ]
