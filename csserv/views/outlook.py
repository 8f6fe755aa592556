"""What a person reads before submitting: what the dataset has, and what will be computed."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from csserv.request import Request
from csserv.views.facts import Facts


def outlook(request: Request, facts: Facts) -> str:
    """Say what is going to be computed; the place for what ``Service.estimate`` knows."""
    days = (request.period.end - request.period.start).days + 1
    steps = max(1, round(days / facts.step_days))
    zones = len(request.area.zones)
    lacking = sum(gap.steps for gap in facts.gaps if _touches(gap.after, gap.before, request))
    gaps = f" Up to {lacking} steps are missing in this period." if lacking else ""
    return (
        f"**Ready.** {zones} {'zone' if zones == 1 else 'zones'}, about {steps:,} steps of the "
        f"data ({facts.step}).{gaps}"
    )


def dataset_note(facts: Facts | None) -> pn.viewable.Viewable:
    """Say of a dataset what it is, from when to when, with which gaps."""
    if facts is None:
        return pmui.Skeleton(height=70, sizing_mode="stretch_width", margin=(4, 0))
    rows, columns = facts.rows, facts.columns
    gaps = f"{facts.missing} steps missing" if facts.gaps else "no gaps"
    text = (
        f"**{facts.first} to {facts.last}**, {facts.step}, {gaps}  \n"
        f"Units {facts.units or 'none'}; {rows:,} x {columns:,} cells of "
        f"{facts.cell[0]:.2g}° x {facts.cell[1]:.2g}°  \n"
        f"Last update {facts.updated}"
    )
    return pmui.Typography(text, variant="body2", color="text.secondary", margin=(2, 4))


def _touches(after: tuple[int, int, int], before: tuple[int, int, int], request: Request) -> bool:
    return before > request.period.first and after < request.period.last
