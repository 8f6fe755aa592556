"""Which web site a request comes from, and whether its pages may use this server."""

from __future__ import annotations

from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

from csserv.errors import AccessDeniedError

#: what browsers say of a request that no page of another site made (Fetch Metadata, W3C)
OWN_SITE = ("same-origin", "none")

#: stands for all sites in CSSERV_ORIGINS
ANY = "*"


def is_foreign(request: HTTPServerRequest) -> bool:
    """Whether a page of another site made a browser send a request, as far as the browser says.

    Another port of the same machine is another site too: another program serves it. Programs
    that are no browsers send none of these headers.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in OWN_SITE
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc.lower() != request.host.lower()


def is_followed_link(request: HTTPServerRequest) -> bool:
    """Whether a person followed a link to a page, whose text the other site cannot read."""
    headers = request.headers
    return (
        request.method in ("GET", "HEAD")
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )


def allowed_origin(request: HTTPServerRequest, known: tuple[str, ...]) -> str:
    """Return the site whose pages may read the answer: the caller's own, ``*``, or none ("")."""
    origin = request.headers.get("Origin", "").lower()
    if origin and origin in known:
        return origin
    return ANY if ANY in known else ""


class ForeignSiteError(AccessDeniedError):
    """A page of another site asked what only programs on this machine may ask."""

    def __init__(self) -> None:
        super().__init__(
            "a page of another site sent this; callers on this machine need no token, but other "
            "sites do, unless whoever runs this server names them in CSSERV_ORIGINS"
        )
