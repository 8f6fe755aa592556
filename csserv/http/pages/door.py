"""Who may open a page or a websocket of the dashboard: nobody else gets past this."""

from __future__ import annotations

from tornado.web import HTTPError, RequestHandler

from csserv.errors import AccessDeniedError
from csserv.http.front import Front


def name_of(front: Front, handler: RequestHandler) -> str | None:
    """Name who asks; None if he may see nothing, so that he is sent to the login."""
    try:
        return front.visitors.visitor(handler.request).name
    except AccessDeniedError:
        if handler.request.path.endswith(".js"):  # a script can go to no login
            raise HTTPError(403) from None
        return None
