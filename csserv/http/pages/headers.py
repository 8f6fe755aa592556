"""Headers of what Panel serves: pages that no other site may frame or look into."""

from __future__ import annotations

from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

PAGE_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


class PageHeaders(OutputTransform):
    """Adds them to each answer that has none of its own; does not name the library."""

    def __init__(self, request: HTTPServerRequest) -> None:
        """Need nothing of the request."""

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, *rest: Any, **more: Any
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Add them."""
        for name, value in PAGE_HEADERS.items():
            if name not in headers:
                headers[name] = value
        headers.pop("Server", None)
        return status_code, headers, chunk
