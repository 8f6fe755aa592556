"""A dataset at a glance: time span with its gaps, grid, units, licence, citation."""

from __future__ import annotations

import html
from datetime import date
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.catalog import CatalogEntry
from csserv.views.facts import Facts

STYLE = """
.strip {
  height: 14px; border-radius: 4px; position: relative; overflow: hidden; background: #2e8fb3;
}
.strip i { position: absolute; top: 0; bottom: 0; background: #ffb55c; min-width: 2px; }
.ends { display: flex; justify-content: space-between; font-size: 12px; margin-top: 3px; }
dl {
  display: grid; grid-template-columns: minmax(70px, 100px) 1fr; gap: 4px 12px; margin: 10px 0 4px;
}
dt { opacity: .75; }
dd { margin: 0; overflow-wrap: anywhere; }
"""


def dataset_card(entry: CatalogEntry, facts: Facts) -> pn.viewable.Viewable:
    """Show what a dataset is, and what of it is on this machine."""
    text = pn.pane.HTML(
        f"{strip(facts)}<dl>{''.join(_rows(entry, facts))}</dl>",
        sizing_mode="stretch_width",
        margin=(4, 14, 10, 14),
        stylesheets=[STYLE],
    )
    return pmui.Paper(
        pmui.Typography(facts.title, variant="h6", margin=(10, 14, 2, 14)),
        text,
        elevation=1,
        styles={"flex": "1 1 400px", "max-width": "100%"},
        margin=0,
    )


def strip(facts: Facts) -> str:
    """Draw the time span as a strip, with its gaps in another colour."""
    holes = "".join(
        f'<i style="left:{left:.2f}%;width:{width:.2f}%"></i>' for left, width in gaps_in(facts)
    )
    said = f"{facts.first} to {facts.last}, {facts.missing or 'no'} steps missing"
    return (
        f'<div class="strip" role="img" aria-label="{said}">{holes}</div>'
        f'<div class="ends"><span>{facts.first}</span><span>{facts.last}</span></div>'
    )


def gaps_in(facts: Facts) -> list[tuple[float, float]]:
    """Place the gaps on the time span: where each begins, and how long it is [%]."""
    whole = max((facts.last - facts.first).days + facts.step_days, 1e-9)
    return [
        (
            100 * ((_day(gap.before) - facts.first).days - gap.steps * facts.step_days) / whole,
            100 * gap.steps * facts.step_days / whole,
        )
        for gap in facts.gaps
    ]


def _day(numbers: tuple[int, int, int]) -> date:
    year, month, day = numbers
    return date(year, month, min(day, 28))  # of any calendar; a strip shows no single day


def _rows(entry: CatalogEntry, facts: Facts) -> list[str]:
    west, south, east, north = facts.bounds
    number = f", ClimateSERV {entry.number}" if entry.number is not None else ""
    gaps = f"{facts.missing} steps missing in {len(facts.gaps)} gaps" if facts.gaps else "none"
    rows: dict[str, Any] = {
        "Name": f"{facts.name}{number}",
        "Units": facts.units or "none",
        "Steps": f"{facts.steps:,}, {facts.step}",
        "Gaps": gaps,
        "Grid": f"{facts.rows:,} x {facts.columns:,} cells, {facts.cell[0]:.2g}° x "
        f"{facts.cell[1]:.2g}°",
        "Extent": f"longitude {west:g} to {east:g}, latitude {south:g} to {north:g}",
        "Files": f"{facts.files:,}, the latest of {facts.updated}",
        "Source": entry.source,
        "Licence": entry.licence,
        "Cite": entry.citation,
    }
    return [
        f"<dt>{name}</dt><dd>{html.escape(str(value))}</dd>"
        for name, value in rows.items()
        if value
    ]
