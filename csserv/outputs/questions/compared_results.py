"""Several results of the same zones side by side: step by step, and how far they are apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from csserv.errors import InvalidRequestError
from csserv.outputs.further_dimensions import zones_of
from csserv.outputs.netcdf.step_intervals import interval_texts
from csserv.outputs.series import read_iso
from csserv.outputs.series_result import SeriesResult

if TYPE_CHECKING:  # slow to import, so loaded where they are used
    import pandas as pd
    import xarray as xr

#: a result and its name
Named = tuple[str, SeriesResult]

#: name of the coordinate that says how long steps last
DAYS = "days"

#: so many times as long, a step is not the same: files write a day as 24 hours, or as 23:59:59
LONGER = 1.05


@dataclass(frozen=True, eq=False)
class Comparison:
    """Results of the same zones, such as those of two datasets; the first is the reference.

    Attributes
    ----------
    results : name → result; of several operations the first is compared, of several members
        their mean

    Raises
    ------
    InvalidRequestError : fewer than two results, or they have other zones or units
    """

    results: Mapping[str, SeriesResult]

    def __post_init__(self) -> None:
        if len(self.results) < 2:
            raise InvalidRequestError("a comparison needs two results or more")
        first, *others = self.results.items()
        for name, one in others:
            _check_same(first, (name, one), "zones", _zone_ids)
            _check_same(first, (name, one), "units", _units)

    def to_dataset(self) -> xr.Dataset:
        """Return a variable for each result, of the steps that all have: (time,) or (zone, time).

        Steps that begin together but do not last as long, such as a dekad and a month, or a month
        that the data end in, are not the same.

        Raises
        ------
        InvalidRequestError : no step is in all of them
        """
        import xarray as xr

        arrays = {name: _plain_array(one) for name, one in self.results.items()}
        joined = xr.align(*arrays.values(), join="inner", exclude=("zone",))
        days = np.stack([one[DAYS] for one in joined])
        same = ~(np.fmax.reduce(days) > LONGER * np.fmin.reduce(days))
        if not same.any():
            spans = (f"{name} has {_span(one)}" for name, one in self.results.items())
            raise InvalidRequestError(f"no step is in all results: {'; '.join(spans)}")
        plain = [one.drop_vars(DAYS).isel(time=same) for one in joined]
        return xr.Dataset(dict(zip(arrays, plain, strict=True)))

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each zone and step, and a column for each result."""
        found = self.to_dataset()
        rows = found.expand_dims("zone") if "zone" not in found.dims else found
        frame = rows.transpose("zone", "time").to_dataframe().reset_index()
        return frame[["zone", "time", *self.results]]

    def table(self) -> pd.DataFrame:
        """Return a row for each zone and further result: how far it is from the first.

        ``steps`` that both have, ``mean`` of it and ``reference`` of the first over them,
        ``bias`` (the mean difference), ``rmse`` (root of the mean squared difference), and
        Pearson's ``correlation``, which is NaN where either never changes.
        """
        import pandas as pd

        frame = self.to_dataframe()
        first, *others = self.results
        rows = [
            {"zone": zone, "result": other} | _apart(of_zone, first, other)
            for zone, of_zone in frame.groupby("zone", sort=False)
            for other in others
        ]
        found = pd.DataFrame(rows)
        found.attrs["units"] = next(iter(self.results.values())).json["units"]
        return found


def _apart(frame: pd.DataFrame, first: str, other: str) -> dict[str, float]:
    """Return how far one column is from another, over the rows where both have a number."""
    both = frame[[first, other]].dropna()
    gap = both[other] - both[first]
    changes = len(both) > 1 and both.nunique().min() > 1
    return {
        "steps": len(both),
        "reference": both[first].mean(),
        "mean": both[other].mean(),
        "bias": gap.mean(),
        "rmse": float((gap**2).mean() ** 0.5),
        "correlation": both[first].corr(both[other]) if changes else float("nan"),
    }


def _plain_array(result: SeriesResult) -> xr.DataArray:
    """Return the values, as (time,) or (zone, time), and how many days each step has.

    Of several members, the mean.
    """
    array = result.to_xarray()
    further = [one for one in array.dims if one not in ("zone", "time")]
    own = array.mean(further, keep_attrs=True) if further else array
    return own.reset_coords(drop=True).assign_coords({DAYS: ("time", _days(result))})


def _days(result: SeriesResult) -> NDArray[np.float64]:
    """Return how long the steps last [days]; NaN where that is not known."""
    plain = result.json
    if (found := interval_texts(plain)) is None:
        return np.full(len(plain["series"][0]["time"]), np.nan)
    starts, ends = ([read_iso(text, plain["calendar"]) for text in texts] for texts in found)
    return np.array([(b - a) / timedelta(days=1) for a, b in zip(starts, ends, strict=True)])


def _check_same(first: Named, other: Named, what: str, of: Callable[[SeriesResult], str]) -> None:
    ours, theirs = of(first[1]), of(other[1])
    if ours != theirs:
        how = 'ask for the same, such as units="mm/day"' if what == "units" else "ask for one area"
        raise InvalidRequestError(
            f"{first[0]} and {other[0]} have other {what}: {ours} and {theirs}; {how}"
        )


def _zone_ids(result: SeriesResult) -> str:
    ids = [one["id"] for one in zones_of(result.json)]
    return f"{', '.join(ids[:5])}{', …' if len(ids) > 5 else ''} ({len(ids)})"


def _units(result: SeriesResult) -> str:
    return str(result.json["units"]) or "none"


def _span(result: SeriesResult) -> str:
    times = result.json["series"][0]["time"]
    if not times:
        return "no steps"
    days = float(np.median(_days(result)))
    each = "" if np.isnan(days) else f" in steps of {days:.3g} days"
    return f"{times[0]} to {times[-1]}{each}"
