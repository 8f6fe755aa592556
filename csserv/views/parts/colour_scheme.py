"""Light or dark: by the address of the page, else as chosen before, else as the browser prefers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import param
from panel.custom import JSComponent

from csserv.language import tr

#: cookies of colour_scheme.js: the scheme that was chosen, and the browser's last preference
CHOSEN, PREFERRED = "csserv_paper", "csserv_prefers"


class ColourScheme(JSComponent):
    """An invisible component that reads the browser's preference and remembers a choice."""

    dark = param.Boolean(default=False)
    busy = param.String(doc="what the bar is called that shows that the server works")
    settled = param.Boolean(default=False, doc="whether the browser's preference is not needed")

    _esm = Path(__file__).parent / "colour_scheme.js"

    @classmethod
    def of(cls, theme: str, cookies: Mapping[str, str]) -> Self:
        """Start with the scheme of the address, the one chosen before, or the last preference.

        Parameters
        ----------
        theme : "light", "dark" or empty, from the address
        cookies : of the request

        >>> ColourScheme.of("", {"csserv_paper": "dark"}).dark, ColourScheme.of("light", {}).settled
        (True, True)
        """
        chosen = theme or cookies.get(CHOSEN, "")
        dark = (chosen or cookies.get(PREFERRED, "")) == "dark"
        busy = tr("The server is working")
        return cls(dark=dark, settled=bool(chosen), busy=busy, width=0, height=0, margin=0)
