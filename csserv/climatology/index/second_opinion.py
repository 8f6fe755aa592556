"""Computes SPI and SPEI with a second library, and lists where the class is another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.index.calculation import Calculation
from csserv.climatology.index.evaporation import potential_evaporation
from csserv.climatology.index.index_libraries import XCLIM, library, load, quiet
from csserv.climatology.index.index_series import Floats, IndexSeries
from csserv.climatology.index.standardized import OFFSET, accumulated
from csserv.errors import InvalidRequestError

#: lowest value of each class but the first → its name (McKee et al. 1993, WMO-No. 1090); a
#: drought is below -1
CLASSES = {
    -np.inf: "extremely dry",
    -2.0: "severely dry",
    -1.5: "moderately dry",
    -1.0: "near normal",
    1.0: "moderately wet",
    1.5: "very wet",
    2.0: "extremely wet",
}

#: indices that have these classes
CLASSED = ("spi", "spei")

NONE = "none"

#: what xclim is called with: its own zero rule, and its fit by maximum likelihood
_FIT: Mapping[str, Any] = {"dist": "gamma", "method": "ML", "fitkwargs": {"floc": 0}}


@dataclass(frozen=True)
class Flip:
    """A step whose class differs between the libraries.

    Attributes
    ----------
    start : of the step
    series : its number
    ours, theirs : the values; None for none
    our_class, their_class : names of ``CLASSES``, or "none"
    reason : why they differ
    """

    start: cftime.datetime
    series: int
    ours: float | None
    theirs: float | None
    our_class: str
    their_class: str
    reason: str


@dataclass(frozen=True, eq=False)
class SecondOpinion:
    """What another library makes of the same series.

    Attributes
    ----------
    values : (time, series), none as NaN
    flips : steps whose class differs, by time
    receipt : the other library, what it was called with, and counts of what differs, by reason
    """

    values: Floats
    flips: tuple[Flip, ...]
    receipt: Mapping[str, Any]


def class_names(values: Floats) -> NDArray[np.str_]:
    """Return the class of each value.

    >>> class_names(np.array([-2.1, -1.0, 0.3, np.nan])).tolist()
    ['extremely dry', 'near normal', 'near normal', 'none']
    """
    names = np.array([*CLASSES.values(), NONE])
    limits = np.array(list(CLASSES)[1:])
    found = np.digitize(values, limits)
    chosen: NDArray[np.str_] = names[np.where(np.isnan(values), len(CLASSES), found)]
    return chosen


def class_of(index: str, value: float | None) -> str:
    """Return the class of a value of an index; empty for none, and where an index has no classes.

    >>> class_of("spi", -1.2), class_of("cdd", 12.0), class_of("spi", None)
    ('moderately dry', '', '')
    """
    if value is None or index not in CLASSED:
        return ""
    return str(class_names(np.array(value, float)))


def told_classes(index: str) -> dict[str, Any]:
    """Return the classes of an index as a result says them; nothing where it has none."""
    if index not in CLASSED:
        return {}
    from_ = [(None if np.isinf(lowest) else lowest, name) for lowest, name in CLASSES.items()]
    return {"classes": [{"from": lowest, "name": name} for lowest, name in from_]}


def second_opinion(asked: Calculation, ours: IndexSeries) -> SecondOpinion:
    """Compute what xclim gives for the same series and reference.

    Parameters
    ----------
    ours : the index, as climate-indices gives it

    Raises
    ------
    InvalidRequestError : xclim cannot compute it; says what it can
    """
    _check(asked)
    zero_inflated = asked.name == "spi"
    series = asked.rain() if zero_inflated else _balance(asked)
    cube = accumulated(asked, series)
    theirs, sums = (
        asked.steps.unfold(_by_xclim(asked, cube, zero_inflated)),
        asked.steps.unfold(cube),
    )
    known = np.isfinite(sums)  # where there is no sum, there is nothing to disagree on
    flips = _flips(ours, theirs, np.where(known, sums, np.nan))
    reasons = Counter(flip.reason for flip in flips)
    dry = (ours.values < -1.0) != (theirs < -1.0)
    receipt = {
        **library(XCLIM),
        "function": "xclim.indices.stats.standardized_index",
        "arguments": {**_FIT, "window": 1, "zero_inflated": zero_inflated},
        "of": f"sums of {asked.accumulate} steps, as they are fitted here",
        "steps": int(known.sum()),
        "flips": len(flips),
        "flips_of_drought": int((dry & known).sum()),
        "reasons": dict(reasons),
    }
    return SecondOpinion(theirs, flips, receipt)


def _check(asked: Calculation) -> None:
    if asked.name not in ("spi", "spei"):
        raise InvalidRequestError(f"xclim has no {asked.name} to compare with; it has spi and spei")
    if asked.time_step != "monthly" or asked.parameters["distribution"] != "gamma":
        raise InvalidRequestError(
            f"{asked.name} of {asked.time_step} steps and distribution "
            f"{asked.parameters['distribution']!r} cannot be compared; "
            "of monthly steps and 'gamma' it can"
        )


def _balance(asked: Calculation) -> Floats:
    demand, _ = potential_evaporation(asked)
    balance: Floats = (asked.rain() - demand) + OFFSET
    return balance


def _by_xclim(asked: Calculation, cube: Floats, zero_inflated: bool) -> Floats:
    """Return (years, months, series) of sums; none where xclim's fit fails."""
    import xarray as xr

    stats = load("xclim.indices.stats", XCLIM)
    first = asked.steps.first_year
    months = xr.date_range(
        f"{first}-01-01",
        periods=len(cube) * 12,
        freq="MS",
        calendar=asked.steps.calendar,
        use_cftime=True,
    )
    data = xr.DataArray(
        cube.reshape(len(months), -1), {"time": months}, ("time", "series"), attrs={"units": "mm"}
    )
    start, end = asked.years
    with quiet():
        found = stats.standardized_index(
            data,
            freq=None,
            window=1,  # its rolling means, of bottleneck, are 1e-17 or below 0 in dry months
            zero_inflated=zero_inflated,
            cal_start=f"{start:04}-01-01",
            cal_end=f"{end:04}-12-30",  # a day that each calendar has
            **_FIT,
        )
    scores: Floats = found.transpose("time", "series").values.reshape(cube.shape)
    return scores


def _flips(ours: IndexSeries, theirs: Floats, sums: Floats) -> tuple[Flip, ...]:
    """List the steps whose class differs.

    Parameters
    ----------
    sums : (time, series) what was scored; NaN where there is nothing to score
    """
    here, there = class_names(ours.values), class_names(theirs)
    return tuple(
        Flip(
            ours.starts[time],
            int(one),
            _number(ours.values[time, one]),
            _number(theirs[time, one]),
            str(here[time, one]),
            str(there[time, one]),
            _reason(ours.values[time, one], theirs[time, one], sums[time, one]),
        )
        for time, one in np.argwhere((here != there) & np.isfinite(sums))
    )


def _reason(ours: float, theirs: float, amount: float) -> str:
    if np.isnan(ours):
        return "no distribution can be fitted to the reference, so there is none here"
    if np.isnan(theirs):
        return "xclim's fit gives no number"
    if amount == 0:
        return "zero rule: the score of no rain"
    return "fit: Thom's approximation here, maximum likelihood in xclim"


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
