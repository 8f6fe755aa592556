"""The ways to the pages: links with addresses of their own, in the header and in the drawer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

HERE = Path(__file__).parent


class Ways(JSComponent):
    """Links to pages; a click stays on the page, a click for a new tab opens one.

    Parameters
    ----------
    rows : name in the address, title and icon of each page
    on_choose : told the name of the page that was clicked
    """

    rows = param.List(item_type=tuple)
    current = param.String(doc="name of the page in sight")
    upright = param.Boolean(doc="below each other, for the drawer; else only on wide screens")

    _esm = HERE / "ways.js"
    _stylesheets: ClassVar[list[Path]] = [HERE / "ways.css"]

    def __init__(self, on_choose: Callable[[str], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_choose = on_choose

    def _handle_msg(self, msg: Any) -> None:
        if msg in {row[0] for row in self.rows}:
            self._on_choose(msg)
