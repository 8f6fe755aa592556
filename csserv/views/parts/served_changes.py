"""Changes of what a page shows: at once, or as soon as a served page is free for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def is_served(document: Any) -> bool:
    """Whether somebody has a document open in a browser.

    Parameters
    ----------
    document : of bokeh; None without one, as in a script. One whose page was closed, perhaps while
        something was read for it, takes no callback any more
    """
    return document is not None and document.session_context is not None


def change_served(document: Any, change: Callable[[], None]) -> None:
    """Change bokeh models; a served document must be locked for that, so it does it itself."""
    if is_served(document):
        document.add_next_tick_callback(change)
    else:
        change()
