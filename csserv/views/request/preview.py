"""What a person reads before submitting: what the dataset has, and what will be computed."""

from __future__ import annotations

from csserv.catalog import CatalogEntry, Coverage
from csserv.request import Period
from csserv.tasks.plan.estimate import Estimate
from csserv.views.parts.amounts import counted
from csserv.views.request import choices


def preview(cost: Estimate, period: Period) -> str:
    """Say what is going to be computed, how long it takes, and what is missing.

    >>> cost = Estimate(1, 16, 12, 365, 3, 2_000_000, 9_000_000, 0.42, 5)
    >>> preview(cost, Period.parse("2019-03")).partition(": ")[2]
    '1 zone of 16 cells, 12 steps; reads 3 files, 2.0 MB; takes about 0.4 s.'
    """
    days = f"{period.start} to {period.end}"
    costs = f"{_size(cost)}; takes about {_seconds(cost)}.{_waits(cost)}{_lacking(cost)}"
    return f"**Ready.** {days}: {costs}"


def refusal(cost: Estimate) -> str:
    """Say why a request would be refused, and what it would have been.

    >>> refusal(Estimate(1, 16, 12, 365, 3, 2_000_000, 9_000_000, 0.42, 5, refused="too much"))
    '**Refused:** too much. It asks for 1 zone of 16 cells, 12 steps; reads 3 files, 2.0 MB.'
    """
    return f"**Refused:** {cost.refused}. It asks for {_size(cost)}.{_lacking(cost)}"


def about(entry: CatalogEntry, there: Coverage) -> str:
    """Say of a dataset what it is, from when to when, with which gaps."""
    lines = [
        entry.description,
        f"**{there.first} to {there.last}**, {choices.frequency(there)}, {choices.gaps(there)}",
        f"Units {there.units or entry.units or 'none'}; {choices.grid(there)}",
        f"Last update {choices.updated(there)}; licence {entry.licence or 'not stated'}",
    ]
    return "\n".join(line for line in lines if line)


def _size(cost: Estimate) -> str:
    asked = f"{counted(cost.zones, 'zone')} of {counted(cost.cells, 'cell')}"
    read = f"reads {counted(cost.granules, 'file')}, {cost.bytes / 1e6:,.1f} MB"
    return f"{asked}, {counted(cost.steps, 'step')}; {read}"


def _seconds(cost: Estimate) -> str:
    return f"{cost.seconds:.1f} s" if cost.seconds < 10 else f"{cost.seconds:,.0f} s"


def _waits(cost: Estimate) -> str:
    if not cost.queued:
        return ""
    many = "task waits or runs" if cost.queued == 1 else "tasks wait or run"
    return f" {cost.queued:,} {many} already."


def _lacking(cost: Estimate) -> str:
    if not cost.missing:
        return ""
    runs = ", ".join(choices.stretch(run.first, run.last) for run in cost.missing[:3])
    more = " and more" if len(cost.missing) > 3 else ""
    are = "is" if cost.missing_steps == 1 else "are"
    return f" **{counted(cost.missing_steps, 'step')} {are} missing in this period**: {runs}{more}."
