"""Explains one number of an index: the series behind it, what was fitted, and the receipt."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from csserv.catalog import Catalog
from csserv.climatology.asked_index import behind_step
from csserv.climatology.index.second_opinion import class_of
from csserv.errors import GranuleError
from csserv.outputs.further_dimensions import selection_texts, taken
from csserv.outputs.series import Series, iso
from csserv.outputs.xarray_pandas import times
from csserv.request import Request
from csserv.tasks.plan.compared_steps import years_around
from csserv.tasks.plan.index_plan import IndexPlan, plan_index, series_options
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.work.in_process import compute_series
from csserv.tasks.work.indexed_series import index_of, inputs_of
from csserv.units import with_units

#: indices may differ by so much for the order of sums: a zone is computed alone here, and a fit of
#: nearly equal values makes more of the last bits
ROUNDING = 1e-6

#: lines of the receipt that the words of an explanation have already
_SAID = ("index", "time_step", "accumulate", "title", "classes", "of", "second_opinion")


@dataclass(frozen=True, eq=False)
class IndexExplanation:
    """What one number of an index was computed of.

    Attributes
    ----------
    zone, time : name of the zone, with the coordinates that were chosen; and the step as the result
        writes it
    index, title : name of the index, and what it is
    value : the number in the result; None where there is none
    units : of the value
    class_name : class that the value lies in, such as "moderately dry"; empty where the index has
        no classes
    receipt : library, version, rules, parameters and years, as in the result
    fit : what was fitted for this step of the year: name of the parameter → number; empty where
        nothing is fitted
    series : what it was computed of, read again: ``time``, ``value`` [``series_units``],
        ``accumulated`` over the steps that were asked for [``accumulated_units``], and ``used``:
        whether the step is one of the reference that this value is compared with; of an index
        without a reference, whether it lies in the step
    series_units, accumulated_units : of the series
    """

    zone: str
    time: str
    index: str
    title: str
    value: float | None
    units: str
    class_name: str
    receipt: Mapping[str, Any]
    fit: Mapping[str, float | None]
    series: pd.DataFrame
    series_units: str
    accumulated_units: str

    @property
    def sample(self) -> pd.DataFrame:
        """The rows of the series that are used."""
        return self.series[self.series["used"]].drop(columns="used").reset_index(drop=True)

    def __str__(self) -> str:
        number = "none" if self.value is None else with_units(f"{self.value:.4g}", self.units)
        named = f" ({self.class_name})" if self.class_name else ""
        steps = f"-{self.receipt['accumulate']}" if self.receipt.get("accumulate", 1) > 1 else ""
        years = self.receipt.get("calibration_years")
        of = f"the same step of {years.replace('/', ' to ')}" if years else "the step"
        fit = ", ".join(f"{name} {_number(one)}" for name, one in self.fit.items())
        fitted = f"; {self.receipt['distribution']}: {fit}" if fit else ""
        return (
            f"{self.index.upper()}{steps} of {self.zone}, {self.time}: {number}{named}, of "
            f"{len(self.sample)} values in {of} [{self.accumulated_units}]{fitted}; by "
            f"{self.receipt['library']} {self.receipt.get('version', '')}".rstrip()
        )

    def _repr_html_(self) -> str:
        receipt = {name: one for name, one in self.receipt.items() if name not in _SAID}
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name.replace('_', ' '))}</th>"
            f"<td style='text-align:left'>{html.escape(_text(one))}</td></tr>"
            for name, one in receipt.items()
        )
        return (
            f"<p>{html.escape(str(self))}</p>"
            "<div style='display:flex;flex-wrap:wrap;gap:24px;align-items:flex-start'>"
            f"<div>{self.sample.to_html(max_rows=12, index=False)}</div>"
            f"<table>{rows}</table></div>"
        )


def explain_index(
    result_json: Mapping[str, Any],
    plain: Mapping[str, Any],
    catalog: Catalog,
    asked: Request,
    place: tuple[int, int],
) -> IndexExplanation:
    """Compute the series of a zone again, and with it one number of its index.

    Parameters
    ----------
    result_json, plain : JSON of the result, and of what was chosen of it
    asked : its request, of the zone alone
    place : number of the series in ``plain``, and of the step

    Raises
    ------
    GranuleError : a file is gone, or the index is another one today
    """
    number, step = place
    one = plain["series"][number]
    time, value = one["time"][step], one["value"][step]
    plan, series, units = _record(catalog, asked)
    again = index_of(series, plan, {"units": units}).series
    starts = [iso(start) for start in again.times]
    _check_alike(again, starts, (time, value), one["zone"]["name"])
    at = starts.index(time)
    ends = (*again.times[1:], None)
    inputs = inputs_of(series, plan, units)
    behind = behind_step(plan.asked, inputs, again.times[at], ends[at])
    sums = behind.sums[:, 0]
    single, units = _single_steps(catalog, asked) if plan.asked.accumulate > 1 else (series, units)
    return IndexExplanation(
        zone=", ".join([one["zone"]["name"], *selection_texts(taken(result_json, plain))]),
        time=time,
        index=plan.asked.name,
        title=plain["index"]["title"],
        value=value,
        units=plain["units"],
        class_name=class_of(plan.asked.name, value),
        receipt=plain["index"],
        fit={name: values[behind.number] for name, values in one.get("fit", {}).items()},
        series=pd.DataFrame(
            {
                "time": times(plain, [iso(each) for each in series.times]),
                "value": _at(series.times, single),
                "accumulated": sums,
                "used": behind.used & np.isfinite(sums),
            }
        ),
        series_units=units,
        accumulated_units=behind.units,
    )


def _record(catalog: Catalog, asked: Request) -> tuple[IndexPlan, Series, str]:
    """Compute the series of the whole record, and say which index is asked for, at all steps."""
    entry = catalog[asked.dataset]
    _, timeline = steps_to_read(entry, asked.period, asked.options)
    every = years_around(timeline)
    found = compute_series(
        entry, timeline, replace(asked, options=series_options(asked.options), period=every)
    )
    plan = plan_index(timeline, every, asked.options, found.units)
    assert plan is not None  # noqa: S101 - an index is asked for
    return replace(plan, compare=""), found.series, found.units[0]


def _single_steps(catalog: Catalog, asked: Request) -> tuple[Series, str]:
    """Compute the steps that are added up, one by one."""
    options = replace(series_options(asked.options), accumulate=1)
    entry = catalog[asked.dataset]
    _, timeline = steps_to_read(entry, asked.period, asked.options)
    every = years_around(timeline)
    found = compute_series(entry, timeline, replace(asked, options=options, period=every))
    return found.series, found.units[0]


def _at(times: Sequence[Any], single: Series) -> list[float]:
    """Return the values of a series at some times; NaN where it has none."""
    known = dict(zip(map(iso, single.times), single.values[0][:, 0].tolist(), strict=True))
    return [known.get(iso(time), np.nan) for time in times]


def _check_alike(
    again: Series, starts: Sequence[str], known: tuple[str, float | None], zone: str
) -> None:
    """See that the index is today what the result says.

    Raises
    ------
    GranuleError : it is another one
    """
    time, value = known
    if time not in starts:
        raise GranuleError(f"the index has no {time} any more: the data have changed since")
    today = float(again.values[0, starts.index(time), 0])
    lacks = np.isnan(today)
    if lacks != (value is None) or (value is not None and not _is_close(today, value)):
        raise GranuleError(
            f"{zone}, {time}: computed again it is {'none' if lacks else f'{today:g}'}, the result "
            f"has {'none' if value is None else f'{value:g}'}; the data have changed since (verify "
            "says what)"
        )


def _is_close(today: float, then: float) -> bool:
    return abs(today - then) <= ROUNDING * max(1.0, abs(then))


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def _text(value: Any) -> str:
    """Write a line of a receipt."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {one}" for name, one in value.items()) or "none"
    return str(value)
