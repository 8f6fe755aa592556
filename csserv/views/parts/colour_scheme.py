"""Light or dark paper: as the address says, else as chosen before, else as the browser prefers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import param
from panel.custom import JSComponent

#: remember what somebody chose, and what the browser preferred last; written by colour_scheme.js
CHOSEN, PREFERRED = "csserv_paper", "csserv_prefers"


class ColourScheme(JSComponent):
    """An invisible part of a page: asks the browser what it prefers, and remembers the switch."""

    dark = param.Boolean(default=False)
    settled = param.Boolean(default=False, doc="whether the browser need not be asked")

    _esm = Path(__file__).parent / "colour_scheme.js"

    @classmethod
    def of(cls, theme: str, cookies: Mapping[str, str]) -> Self:
        """Start as the address says (``theme``), as was chosen before, or as was preferred last.

        >>> ColourScheme.of("", {"csserv_paper": "dark"}).dark, ColourScheme.of("light", {}).settled
        (True, True)
        """
        asked = theme or cookies.get(CHOSEN, "")
        dark = (asked or cookies.get(PREFERRED, "")) == "dark"
        return cls(dark=dark, settled=bool(asked), width=0, height=0, margin=0)
