"""The caller whose request opened the current document."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import panel as pn

from csserv.access import Caller, Role
from csserv.http.browser_auth import BrowserAuth

#: the caller while the server makes all pages once at its start, so that nobody waits for that
WARM_UP_CALLER = Caller("nobody", Role.ADMIN)


def current_caller(browser_auth: BrowserAuth) -> Callable[[], Caller]:
    """Return a function that identifies the caller of the current document, anew at each call.

    It raises AccessDeniedError when the caller has no access, or not any more.
    """
    context = pn.state.curdoc.session_context if pn.state.curdoc else None
    if context is None:
        return lambda: WARM_UP_CALLER
    # not the request that bokeh shows: a browser can choose the headers of that
    request = context.request._request
    if request is None:
        return lambda: WARM_UP_CALLER
    return partial(browser_auth.identify, request)
