"""Lets the browser get a page before what is changed in it."""

from __future__ import annotations

import asyncio
import time

from bokeh.document import Document

# Panel has no public word for it; should it change, this fails at once, with every page
from panel.io.document import _WRITE_BLOCK

#: how long a slow line may take for a page [s]
PATIENCE = 30.0

#: between two looks [s]
PAUSE = 0.01


async def all_sent(document: Document, patience: float = PATIENCE) -> None:
    """Wait until Panel has sent what it put aside while the socket was busy.

    What bokeh's models are changed to meanwhile goes its own way, and would come before the message
    that brings these models: the browser does not know them then ("reference p2226 isn't known"),
    and drops all that is in the message (panel 1.9).
    """
    end = time.monotonic() + patience
    while document in _WRITE_BLOCK and time.monotonic() < end:
        await asyncio.sleep(PAUSE)
