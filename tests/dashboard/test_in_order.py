"""What is changed in a page waits until Panel has sent the page."""

from __future__ import annotations

import asyncio

from bokeh.document import Document
from panel.io.document import _WRITE_BLOCK

from dashboard.in_order import all_sent


def test_waits_as_long_as_panel_has_something_to_send():
    document, order = Document(), []

    async def send() -> None:
        await asyncio.sleep(0.05)
        order.append("sent")
        del _WRITE_BLOCK[document]

    async def change() -> None:
        await all_sent(document)
        order.append("changed")

    async def both() -> None:
        _WRITE_BLOCK[document] = True
        await asyncio.gather(change(), send())
        await change()  # nothing is there to wait for

    asyncio.run(both())
    assert order == ["sent", "changed", "changed"]


def test_a_line_that_is_dead_holds_nothing_up_for_ever():
    document = Document()
    _WRITE_BLOCK[document] = True
    asyncio.run(all_sent(document, patience=0.05))
    assert document in _WRITE_BLOCK
