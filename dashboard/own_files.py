"""Style sheets come from this server, however a session begins."""

from __future__ import annotations

import panel as pn
from panel.io.resources import LOCAL_DIST


def use_own_files() -> None:
    """Let the document that is being made name the style sheets of this server.

    A browser that takes longer to load than a session lives unused gets another session, by its
    websocket alone; Panel 1.9 does not know then where its sheets are, and asks a CDN for them.
    """
    if document := pn.state.curdoc:
        document._template_variables.setdefault("dist_url", LOCAL_DIST)
