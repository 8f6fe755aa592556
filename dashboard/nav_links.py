"""Links to the pages of the dashboard, for its header and its drawer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

HERE = Path(__file__).parent


class NavLinks(JSComponent):
    """Links to pages, each with an address: a click changes the page, a modified click opens a tab.

    Parameters
    ----------
    on_choose : called with the name of the page that was clicked
    """

    rows = param.List(item_type=tuple, doc="name in the address, title and icon of each page")
    current = param.String(doc="name of the current page")
    label = param.String(default="Pages", doc="what the links are, for who cannot see them")
    vertical = param.Boolean(doc="one below the other, for the drawer; else beside each other")

    _esm = HERE / "nav_links.js"
    _stylesheets: ClassVar[list[Path]] = [HERE / "nav_links.css"]

    def __init__(self, on_choose: Callable[[str], None], **params: Any) -> None:
        super().__init__(**params)
        self._on_choose = on_choose

    def _handle_msg(self, msg: Any) -> None:
        if msg in {row[0] for row in self.rows}:
            self._on_choose(msg)
