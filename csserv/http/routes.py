"""The addresses of the HTTP API and of pages, each with its handler."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tornado.web import RequestHandler

from csserv.http import climateserv, probes
from csserv.http.native.api import ApiHandler, pattern
from csserv.http.native.endpoint import BASE, Endpoint
from csserv.http.native.endpoints import ENDPOINTS
from csserv.http.native.openapi import OpenApiDocument
from csserv.http.native.openapi_page import OpenApiPage
from csserv.http.native.streams import ConvertedResult, EventStream, StoredFile
from csserv.http.pages import login
from csserv.http.pages.task_socket import TaskSocket
from csserv.http.pages.world import WorldOutlines, WorldPlaces
from csserv.http.plain import plain_report, plain_result
from csserv.http.server_context import ServerContext

Route = tuple[str, type[RequestHandler], dict[str, Any]]

#: paths of the native API whose answers are streamed, each with its handler
STREAMS: dict[str, type[ApiHandler]] = {
    "/tasks/{id}/events": EventStream,
    "/tasks/{id}/result": ConvertedResult,
    "/tasks/{id}/files/{name}": StoredFile,
}


def routes(context: ServerContext) -> list[Route]:
    """Return all routes, as Tornado and ``panel serve --plugins`` take them."""
    paths: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for endpoint in ENDPOINTS:
        paths[endpoint.path][endpoint.method] = endpoint
    native: list[Route] = [
        (
            f"{BASE}{pattern(path)}",
            STREAMS.get(path, ApiHandler),
            {"context": context, "endpoints": endpoints},
        )
        for path, endpoints in paths.items()
    ]
    return [
        *native,
        *climateserv.routes(context),
        *login.routes(context),
        *plain_report.routes(context),
        *plain_result.routes(context),
        *probes.routes(context),
        ("/news", TaskSocket, {"context": context}),
        ("/world.json", WorldOutlines, {"context": context}),
        ("/places.json", WorldPlaces, {"context": context}),
        (f"{BASE}/openapi.json", OpenApiDocument, {"context": context}),
        (f"{BASE}/?", OpenApiPage, {"context": context}),
    ]
