"""Security headers of pages that Panel serves: no other site may frame them."""

from __future__ import annotations

from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

from csserv.http.monitoring.request_naming import request_id
from csserv.logs.request_ids import HEADER

PAGE_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


class PageHeaders(OutputTransform):
    """Adds the headers to each answer, and removes the one that names the server's library."""

    def __init__(self, request: HTTPServerRequest) -> None:
        """Take the id of the request."""
        self._request_id = request_id(request)

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, *rest: Any, **more: Any
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Add the headers that an answer does not set itself."""
        for name, value in (PAGE_HEADERS | {HEADER: self._request_id}).items():
            if name not in headers:
                headers[name] = value
        headers.pop("Server", None)
        return status_code, headers, chunk
