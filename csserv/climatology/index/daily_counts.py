"""Counts of days and spells in each year, season or month, all by xclim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import cftime
import numpy as np

from csserv.climatology.index.calculation import Calculation
from csserv.climatology.index.index_libraries import XCLIM, library, load, quiet
from csserv.climatology.index.index_series import Floats, IndexSeries

if TYPE_CHECKING:
    import xarray as xr

#: series that are counted at once; bounds what xclim needs: some 0.1 MB a series and 45 years
_AT_ONCE = 500

#: what is counted over → xarray's name; of years, with the month that they begin in
PERIODS = {"year": "YS-{month}", "season": "QS-DEC", "month": "MS"}

#: what is counted over → how long it is [months]
PERIOD_MONTHS = {"year": 12, "season": 3, "month": 1}

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


@dataclass(frozen=True)
class Count:
    """A function of xclim, and what it is called with.

    Attributes
    ----------
    function : name in ``xclim.indices``
    kind : of the series it counts
    threshold : name of the parameter that is the threshold, or the threshold itself
    units : of the threshold, as xclim writes them
    spell : name of the parameter that says how many days make a spell; empty for none
    spells : what becomes of a spell that goes on past the end of a period
    fixed : further arguments
    result : units of what is counted
    """

    function: str
    kind: str
    threshold: str | float
    units: str
    long_name: str
    spell: str = ""
    spells: str = ""
    fixed: Mapping[str, Any] | None = None
    result: str = "d"


def counted(asked: Calculation, count: Count) -> IndexSeries:
    """Count days or spells; none for a period of which a day is missing."""
    numbers = asked.parameters
    given = numbers[count.threshold] if isinstance(count.threshold, str) else count.threshold
    threshold = f"{given:g} {count.units}"
    month = _MONTHS[int(numbers["first_month"]) - 1]
    freq = PERIODS[numbers["per"]].format(month=month)
    arguments = {"thresh": threshold, "freq": freq, **(count.fixed or {})}
    if count.spell:
        arguments["window"] = int(numbers[count.spell])
    values = asked.rain() if count.kind == "precipitation" else asked.degrees(count.kind)
    function = getattr(load("xclim.indices", XCLIM), count.function)
    found, starts = _in_portions(asked, values, count, partial(function, **arguments))
    receipt = _receipt(asked, count, arguments)
    name = count.long_name.format(threshold=threshold, days=arguments.get("window", ""))
    attributes = {"long_name": f"{name}, by {numbers['per']}"}
    spans = [(one, _months_later(one, PERIOD_MONTHS[numbers["per"]])) for one in starts]
    return IndexSeries(found, count.result, starts, spans, attributes, receipt)


def _in_portions(
    asked: Calculation, values: Floats, count: Count, function: Any
) -> tuple[Floats, tuple[cftime.datetime, ...]]:
    missing = load("xclim.core.missing", XCLIM)
    found = []
    for first in range(0, values.shape[1], _AT_ONCE):
        days = _as_days(asked, values[:, first : first + _AT_ONCE], count.kind)
        # the other way of xclim is half as fast and compiles for twice as long: the same numbers
        with quiet(), load("xclim", XCLIM).set_options(run_length_ufunc=False):
            counts = function(days)
            gaps = missing.missing_any(days, function.keywords["freq"], "D")
        found.append(counts.where(~gaps).transpose("time", "series"))
    calendar = asked.steps.calendar
    times = [
        cftime.datetime(t.year, t.month, t.day, calendar=calendar) for t in found[0].indexes["time"]
    ]
    return np.concatenate([one.values for one in found], axis=1).astype(float), tuple(times)


def _months_later(first: cftime.datetime, months: int) -> cftime.datetime:
    """Return the first day of the month that follows so many months."""
    years, month = divmod(first.month - 1 + months, 12)
    return cftime.datetime(first.year + years, month + 1, 1, calendar=first.calendar)


def _as_days(asked: Calculation, values: Floats, kind: str) -> xr.DataArray:
    """Return the series on an axis without gaps, as xclim takes it."""
    import xarray as xr

    first, last = asked.steps.times[0], asked.steps.times[-1]
    axis = xr.date_range(
        first.strftime("%Y-%m-%d"),
        last.strftime("%Y-%m-%d"),
        freq="D",
        calendar=asked.steps.calendar,
        use_cftime=True,
    )
    filled = np.full((len(axis), values.shape[1]), np.nan)
    zero = cftime.date2num(first, "days since 1900-01-01", asked.steps.calendar)
    days = cftime.date2num(list(asked.steps.times), "days since 1900-01-01", asked.steps.calendar)
    filled[np.asarray(days - zero, int)] = values
    units = "mm/day" if kind == "precipitation" else "degC"
    return xr.DataArray(filled, {"time": axis}, ("time", "series"), attrs={"units": units})


def _receipt(asked: Calculation, count: Count, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "index": asked.name,
        "time_step": asked.time_step,
        "calendar": asked.steps.calendar,
        **library(XCLIM),
        "function": f"xclim.indices.{count.function}",
        "arguments": dict(arguments),
        "parameters": dict(asked.parameters),
        "missing": "a period of which a day is missing is none (xclim: missing_any)",
        **({"spells": count.spells} if count.spells else {}),
        **asked.told,
    }
