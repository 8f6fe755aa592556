"""Texts shown before a request is submitted: about its dataset, and what it will cost."""

from __future__ import annotations

from typing import Any

from csserv.catalog import CatalogEntry, Coverage
from csserv.language import from_to, listed, local_number, tr, trn
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

    >>> times = {"seconds_low": 1.9, "seconds_high": 4.8, "first_guess": True}
    >>> estimate = Estimate(1, 16, 12, 365, 3, 2_000_000, 9_000_000, 2.5, 5, **times)
    >>> preview_text(estimate, Period.parse("2019-03")).partition("; ")[2]
    'reads 3 files, 2.0 MB; takes about 1.5 to 5 s (first guess).'
    """
    days = from_to(str(period))
    sentences = [tr("**Ready.**")]
    if asked and not index:
        sentences.append(tr("You get {asked}.", asked=asked))
    costs = {"days": days, "size": _size(estimate), "time": estimate.takes}
    sentences.append(tr("{days}: {size}; takes {time}.", **costs))
    if index:
        sentences.append(
            tr("{index} is computed of all these steps, and given for the period.", index=index)
        )
    return " ".join([*sentences, *_waits(estimate), *_lacking(estimate)])


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
    >>> asked_in_words(Request("rain", "mean,max,p90", area, period, Options()), "Rain", "mm/day")
    'rainfall, averaged over the area; also max, p90'
    """
    name, *others = map(str.strip, request.operation.split(","))
    options = request.options
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
    if others:
        return tr("{quantity}; also {others}", quantity=said, others=listed(map(tr, others)))
    if not operation(name).export:
        return said
    return tr("maps of {quantity}", quantity=quantity_in_words(plain, units=False, area=False))


def refusal_text(estimate: Estimate) -> str:
    """Write why a request would be refused, and what it would compute.

    >>> refusal_text(Estimate(1, 16, 12, 365, 3, 2_000_000, 9_000_000, 0.42, 5, refused="too much"))
    '**Refused:** too much. It asks for 1 zone of 16 cells, 12 steps; reads 3 files, 2.0 MB.'
    """
    refused = tr("**Refused:** {why}.", why=estimate.refused)
    asks = tr("It asks for {size}.", size=_size(estimate))
    return " ".join([refused, asks, *_lacking(estimate)])


def dataset_text(entry: CatalogEntry, coverage: Coverage) -> str:
    """Describe a dataset: time span, gaps, units, grid, last update, licence."""
    span = from_to(f"{coverage.first}/{coverage.last}")
    steps = (coverage_texts.frequency(coverage), coverage_texts.gaps(coverage))
    lines = [
        entry.description,
        listed([f"**{span}**", *steps]),
        tr(
            "Units {units}; {grid}",
            units=coverage.units or entry.units or tr("none"),
            grid=coverage_texts.grid(coverage),
        ),
        tr(
            "Last update {time}; licence {licence}",
            time=coverage_texts.updated(coverage),
            licence=entry.licence or tr("not stated"),
        ),
    ]
    return "\n".join(line for line in lines if line)


def _size(estimate: Estimate) -> str:
    zones, cells = counted(estimate.zones, "zone"), counted(estimate.cells, "cell")
    parts = [tr("{zones} of {cells}", zones=zones, cells=cells)]
    if estimate.selections > 1:
        series = estimate.zones * estimate.selections
        number = local_number(f"{series:,}")
        parts.append(trn("{count} series", "{count} series", series, count=number))
    parts.append(counted(estimate.steps, "step") + _compared(estimate))
    megabytes = local_number(f"{estimate.bytes / 1e6:,.1f}")
    files = counted(estimate.granules, "file")
    read = tr("reads {files}, {megabytes} MB", files=files, megabytes=megabytes)
    return tr("; ").join([listed(parts), read, *_answer(estimate)])


def _answer(estimate: Estimate) -> list[str]:
    """Write how large the answer will be, if it is large."""
    if estimate.result_bytes < LARGE:
        return []
    megabytes = local_number(f"{estimate.result_bytes / 1e6:,.0f}")
    return [tr("the answer will have up to {megabytes} MB", megabytes=megabytes)]


def _compared(estimate: Estimate) -> str:
    """Write which years steps are compared with, and what is read for that."""
    if not estimate.against:
        return ""
    first, last = estimate.against.split("/")
    there, every = estimate.reference_years, int(last) - int(first) + 1
    years = counted(every, "year")
    if there != every:
        years = tr("{count} of {every} years have data", count=there, every=every)
    return tr(
        ", compared with the same days of {first} to {last} ({years}): {steps} of the data",
        first=first,
        last=last,
        years=years,
        steps=counted(estimate.steps_read, "step"),
    )


def _waits(estimate: Estimate) -> list[str]:
    if not estimate.queued:
        return []
    number = local_number(f"{estimate.queued:,}")
    return [
        trn(
            "{count} task waits or runs already.",
            "{count} tasks wait or run already.",
            estimate.queued,
            count=number,
        )
    ]


def _lacking(estimate: Estimate) -> list[str]:
    if not estimate.missing:
        return []
    runs = listed(coverage_texts.day_range(run.first, run.last) for run in estimate.missing[:3])
    if len(estimate.missing) > 3:
        runs += tr(" and more")
    said = trn(
        "**{count} step is missing in this period**: {runs}.",
        "**{count} steps are missing in this period**: {runs}.",
        estimate.missing_steps,
        count=local_number(f"{estimate.missing_steps:,}"),
        runs=runs,
    )
    return [said]
