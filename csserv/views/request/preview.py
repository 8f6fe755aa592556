"""Texts shown before a request is submitted: about its dataset, and what it will cost."""

from __future__ import annotations

from typing import Any

from csserv.catalog import CatalogEntry, Coverage
from csserv.outputs.words.quantity_words import quantity_in_words
from csserv.request import Period, Request
from csserv.tasks.plan.estimate import Estimate
from csserv.units import is_temperature
from csserv.views.parts.amounts import counted
from csserv.views.request import coverage_texts
from csserv.zonal.operations import operation

#: an answer of so much is told beforehand [bytes]
LARGE = 20_000_000


def preview_text(estimate: Estimate, period: Period, index: str = "", asked: str = "") -> str:
    """Write what a request will compute, how long it takes, and what is missing.

    Parameters
    ----------
    index : that is computed in place of the values; empty for none
    asked : what the values will be, of ``asked_in_words``; empty where that is not said

    >>> estimate = Estimate(1, 16, 12, 365, 3, 2_000_000, 9_000_000, 0.42, 5)
    >>> preview_text(estimate, Period.parse("2019-03")).partition(": ")[2]
    '1 zone of 16 cells, 12 steps; reads 3 files, 2.0 MB; takes about 0.4 s.'
    """
    days = f"{period.start} to {period.end}"
    said = f" You get {asked}." if asked and not index else ""
    costs = f"{_size(estimate)}; takes about {_seconds(estimate)}."
    of = f" {index} is computed of all these steps, and given for the period." if index else ""
    return f"**Ready.**{said} {days}: {costs}{of}{_waits(estimate)}{_lacking(estimate)}"


def asked_in_words(request: Request, title: str, units: str) -> str:
    """Say what the values of a request will be: statistic over the area, step and sum over time.

    Parameters
    ----------
    title, units : of the dataset

    >>> from csserv.request import Area, Options
    >>> area, period = Area.from_box(33, -5, 42, 5), Period.parse("2019")
    >>> asked = Request("rain", "mean", area, period, Options(time_step="monthly"))
    >>> asked_in_words(asked, "Daily rainfall", "mm/day")
    'monthly rainfall, averaged over the area'
    >>> heat = Request("t2m", "max", area, period, Options(time_step="monthly"))
    >>> asked_in_words(heat, "Air temperature", "K")
    'monthly mean temperature, highest cell of the area'
    """
    name, options = request.operation.split(",")[0].strip(), request.options
    rule = options.over_time or ("mean" if is_temperature(units) else "")
    step: dict[str, Any] = {"name": options.time_step}
    if options.makes_longer:
        step["rule"] = rule
    if options.accumulate > 1:
        step["accumulate"] = options.accumulate
    plain = {
        "request": {"operation": name, "dataset": request.dataset},
        "variable": {"long_name": title},
        "units": units,
        "time_step": step,
    }
    said = quantity_in_words(plain, units=False)
    return f"maps of {said.partition(',')[0]}" if operation(name).export else said


def refusal_text(estimate: Estimate) -> str:
    """Write why a request would be refused, and what it would compute.

    >>> refusal_text(Estimate(1, 16, 12, 365, 3, 2_000_000, 9_000_000, 0.42, 5, refused="too much"))
    '**Refused:** too much. It asks for 1 zone of 16 cells, 12 steps; reads 3 files, 2.0 MB.'
    """
    return f"**Refused:** {estimate.refused}. It asks for {_size(estimate)}.{_lacking(estimate)}"


def dataset_text(entry: CatalogEntry, coverage: Coverage) -> str:
    """Describe a dataset: time span, gaps, units, grid, last update, licence."""
    steps = f"{coverage_texts.frequency(coverage)}, {coverage_texts.gaps(coverage)}"
    lines = [
        entry.description,
        f"**{coverage.first} to {coverage.last}**, {steps}",
        f"Units {coverage.units or entry.units or 'none'}; {coverage_texts.grid(coverage)}",
        f"Last update {coverage_texts.updated(coverage)}; licence {entry.licence or 'not stated'}",
    ]
    return "\n".join(line for line in lines if line)


def _size(estimate: Estimate) -> str:
    size = f"{counted(estimate.zones, 'zone')} of {counted(estimate.cells, 'cell')}"
    if estimate.selections > 1:
        size += f", {estimate.zones * estimate.selections:,} series"
    read = f"reads {counted(estimate.granules, 'file')}, {estimate.bytes / 1e6:,.1f} MB"
    steps = f"{counted(estimate.steps, 'step')}{_compared(estimate)}"
    return f"{size}, {steps}; {read}{_answer(estimate)}"


def _answer(estimate: Estimate) -> str:
    """Write how large the answer will be, if it is large."""
    if estimate.result_bytes < LARGE:
        return ""
    return f"; the answer will have up to {estimate.result_bytes / 1e6:,.0f} MB"


def _compared(estimate: Estimate) -> str:
    """Write which years steps are compared with, and what is read for that."""
    if not estimate.against:
        return ""
    first, last = estimate.against.split("/")
    there, every = estimate.reference_years, int(last) - int(first) + 1
    years = f"{every} years" if there == every else f"{there} of {every} years have data"
    text = f", compared with the same days of {first} to {last} ({years})"
    return f"{text}: {counted(estimate.steps_read, 'step')} of the data"


def _seconds(estimate: Estimate) -> str:
    return f"{estimate.seconds:.1f} s" if estimate.seconds < 10 else f"{estimate.seconds:,.0f} s"


def _waits(estimate: Estimate) -> str:
    if not estimate.queued:
        return ""
    many = "task waits or runs" if estimate.queued == 1 else "tasks wait or run"
    return f" {estimate.queued:,} {many} already."


def _lacking(estimate: Estimate) -> str:
    if not estimate.missing:
        return ""
    runs = ", ".join(coverage_texts.day_range(run.first, run.last) for run in estimate.missing[:3])
    more = " and more" if len(estimate.missing) > 3 else ""
    are = "is" if estimate.missing_steps == 1 else "are"
    steps = counted(estimate.missing_steps, "step")
    return f" **{steps} {are} missing in this period**: {runs}{more}."
