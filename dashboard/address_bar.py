"""The address of a page and the title of its tab, kept in step with what is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

#: name of the dashboard in the title of a tab
SITE = "csserv"


class AddressBar(JSComponent):
    """Writes the address and the title of a tab, and hears when a visitor goes back or forward.

    Parameters
    ----------
    on_back : called with the query of the address that the visitor went to
    """

    entry = param.List(default=["", 0], doc="the address, and how many pages were opened so far")
    title = param.String(default="")

    _esm = Path(__file__).parent / "address_bar.js"

    def __init__(self, on_back: Callable[[str], None], **params: Any) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._on_back = on_back

    def go(self, search: str) -> None:
        """Put a further address into the browser's history."""
        self.entry = [search, self.entry[1] + 1]

    def stay(self, search: str) -> None:
        """Replace the address, as the same page asks for something else now."""
        self.entry = [search, self.entry[1]]

    def tell(self, page: str, subject: str) -> None:
        """Name the tab after the page, and what it is about."""
        said = f"{page}: {subject}" if subject else page
        self.title = f"{said} · {SITE}"

    def _handle_msg(self, msg: Any) -> None:
        if isinstance(msg, str):
            self._on_back(msg)
