"""The legend of a map of zones: each class with its colour, and how many zones are in it."""

from __future__ import annotations

import html

import numpy as np
import panel as pn

from csserv.language import local_number, mark, tr
from csserv.views.parts.assets import style
from csserv.views.parts.normals_table import Floats
from csserv.views.zones.shades import Shades

LACKS = mark("no data")


def shades_legend() -> pn.pane.HTML:
    """Return the place of a legend."""
    return pn.pane.HTML(
        "",
        stylesheets=style("parts/base", "zones/shades_legend"),
        sizing_mode="stretch_width",
        margin=(4, 16),
    )


def legend_rows(shades: Shades, numbers: Floats) -> str:
    """Write a legend as HTML.

    Parameters
    ----------
    numbers : (zone,) what is shown; NaN where there is none
    """
    classes = shades.places(numbers)
    rows = list(zip(shades.colours, shades.labels, strict=True))
    counts = [int((classes == n).sum()) for n in range(len(rows))]
    items = [
        _row(f"background: {colour}", label, count)
        for (colour, label), count in zip(rows, counts, strict=True)
    ]
    if lacking := int(np.isnan(classes).sum()):
        items.append(_row("", tr(LACKS), lacking))
    said = tr("{title}, number of zones in brackets", title=shades.title)
    return f"<p>{html.escape(said)}</p><ul>{''.join(items)}</ul>"


def _row(look: str, label: str, count: int) -> str:
    mark = f'<i style="{look}"></i>' if look else '<i class="lacks"></i>'
    return f"<li>{mark}{html.escape(label)} <small>({local_number(f'{count:,}')})</small></li>"
