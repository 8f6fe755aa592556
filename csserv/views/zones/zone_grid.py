"""The table of all zones: sorted, searched and drawn in the browser, only the rows in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import param
from panel.custom import JSComponent

from csserv.language import tr
from csserv.units import titled
from csserv.views.parts.assets import script, style
from csserv.views.parts.normals_table import TITLES, Floats
from csserv.views.zones.sparks import sparks_of
from csserv.views.zones.zone_numbers import ZoneNumbers

#: most zones in a chart
MOST_MARKED = 9

#: what a column has before its numbers
SIGNED = ("anomaly",)

#: columns that have no decimals
WHOLE = ("percent_of_normal", "percentile_rank")


class ZoneGrid(JSComponent):
    """Shows a row for each zone: its name, numbers, and the course of its values.

    Rows are marked by a click; the box of a row adds it to those that are marked.
    """

    names = param.List(default=[], doc="of the zones, in their order")
    columns = param.List(default=[], doc="[title, decimals, whether signs are written, numbers]")
    sparks = param.List(default=[], doc="of ``sparks_of``, one each zone")
    marked = param.List(default=[], doc="numbers of the zones that are marked, the first one first")
    most = param.Integer(default=MOST_MARKED, doc="most zones that are marked at once")

    _esm = script("parts/dom", "zones/zone_grid")
    _stylesheets = style("parts/base", "zones/zone_grid")

    def __init__(self, names: Sequence[str], values: Floats, **params: Any) -> None:
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (4, 8)} | params
        super().__init__(names=list(names), sparks=sparks_of(values), **look)

    def show(self, numbers: ZoneNumbers) -> None:
        """Show other numbers of the zones."""
        self.columns = [
            [_title(name, numbers.units), *_form(name, numbers.numbers), _plain(name, one)]
            for name, one in numbers.numbers.items()
        ]


def _title(name: str, units: str) -> str:
    title, has_units = tr(TITLES[name][0]), TITLES[name][1]
    return titled(title, units) if has_units else title


def _form(name: str, numbers: Mapping[str, Floats]) -> tuple[int, bool]:
    """Return the decimals of a column, and whether plus is written."""
    if name in WHOLE:
        return 0, False
    known = np.abs(numbers["value"][np.isfinite(numbers["value"])])
    largest = float(known.max()) if known.size else 0.0
    decimals = int(np.clip(2 - np.floor(np.log10(largest)), 0, 6)) if largest else 0
    return decimals, name in SIGNED


def _plain(name: str, numbers: Floats) -> list[float | None]:
    """Return numbers as JSON has them, shortened to what is shown and sorted by."""
    return [None if np.isnan(n) else float(f"{n:.6g}") for n in numbers.tolist()]
