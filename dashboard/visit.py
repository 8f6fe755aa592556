"""Who visits: found out from the request that opened the document, each time anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import panel as pn

from csserv.access import Caller, Role
from csserv.http.browser_auth import BrowserAuth

#: makes the pages once before anybody comes, so that the first visitor need not wait
NOBODY_YET = Caller("nobody", Role.ADMIN)


def visit(browser_auth: BrowserAuth) -> Callable[[], Caller]:
    """Return what says who looks at the document that is being made.

    It raises AccessDeniedError where nobody may look, or may no more.
    """
    context = pn.state.curdoc.session_context if pn.state.curdoc else None
    if context is None:
        return lambda: NOBODY_YET
    # not the request as bokeh shows it: its headers are what the browser says they were
    request = context.request._request
    if request is None:
        return lambda: NOBODY_YET
    return partial(browser_auth.identify, request)
