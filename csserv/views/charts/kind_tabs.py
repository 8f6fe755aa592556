"""The tabs above a chart: they change what is seen in the browser, whoever else is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import param
from panel.custom import JSComponent

from csserv.views.parts.assets import script, style


class KindTabs(JSComponent):
    """Shows one of several places, which have been sent to the browser already."""

    rows = param.List(default=[], doc="[kind, title, name of its place in the page] of each tab")
    value = param.String(default="", doc="the kind that is shown")

    _esm = script("parts/dom", "charts/kind_tabs")
    _stylesheets = style("parts/base", "charts/kind_tabs")

    def __init__(self, places: Mapping[str, str], titles: Mapping[str, str], **params: Any) -> None:
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (6, 8)} | params
        super().__init__(**look)
        self._every = [[kind, titles[kind], name] for kind, name in places.items()]

    def offer(self, kinds: list[str], value: str) -> None:
        """Offer some kinds, and choose one; a single one needs no tabs."""
        rows = [row for row in self._every if row[0] in kinds]
        self.param.update(rows=rows, value=value, visible=len(kinds) > 1)
