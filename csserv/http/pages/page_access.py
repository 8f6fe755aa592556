"""The check that Panel makes before it serves a page or a websocket of the dashboard."""

from __future__ import annotations

from tornado.web import HTTPError, RequestHandler

from csserv.errors import AccessDeniedError
from csserv.http.server_context import ServerContext


def allowed_name(context: ServerContext, handler: RequestHandler) -> str | None:
    """Return the name of the caller; None sends a caller who may see nothing to the login."""
    try:
        return context.browser_auth.identify(handler.request).name
    except AccessDeniedError:
        if handler.request.path.endswith(".js"):  # a script cannot be sent to a login
            raise HTTPError(403) from None
        return None
