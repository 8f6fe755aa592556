"""What a person reads before submitting: what the dataset has, and what will be computed."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from csserv.tasks.estimate import Estimate
from csserv.views.facts import Facts


def outlook(cost: Estimate) -> str:
    """Say what is going to be computed, how long it takes, and what is missing.

    >>> outlook(Estimate(1, 16, 12, 365, 3, 2_000_000, 9_000_000, 0.42, 5))
    '**Ready.** 1 zone of 16 cells, 12 steps; reads 3 files, 2.0 MB; takes about 0.4 s.'
    """
    zones = f"{cost.zones:,} {'zone' if cost.zones == 1 else 'zones'}"
    files = f"{cost.granules:,} {'file' if cost.granules == 1 else 'files'}"
    seconds = f"{cost.seconds:.1f}" if cost.seconds < 10 else f"{cost.seconds:,.0f}"
    waits = f" {cost.queued:,} tasks wait or run already." if cost.queued else ""
    return (
        f"**Ready.** {zones} of {cost.cells:,} cells, {cost.steps:,} steps; reads {files}, "
        f"{cost.bytes / 1e6:,.1f} MB; takes about {seconds} s.{waits}{_lacking(cost)}"
    )


def _lacking(cost: Estimate) -> str:
    if not cost.missing:
        return ""
    runs = ", ".join(f"{run.first} to {run.last}" for run in cost.missing[:3])
    more = " and more" if len(cost.missing) > 3 else ""
    return f" **{cost.missing_steps:,} steps are missing in this period**: {runs}{more}."


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
