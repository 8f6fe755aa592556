"""Times of GRIB fields: runs and leads become one row of moments where no moment is there twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MOMENT = {
    "standard_name": "time",
    "units": "seconds since 1970-01-01",
    "calendar": "proleptic_gregorian",
}
RUN = MOMENT | {"standard_name": "forecast_reference_time"}
LEAD = {"standard_name": "forecast_period"}

#: units of leads, the largest that counts all of them in whole numbers [s]
UNITS = {"hours": 3600, "minutes": 60, "seconds": 1}


@dataclass(frozen=True, eq=False)
class GribTimes:
    """How the times of a field are written.

    Attributes
    ----------
    dims : its dimensions of time, as they are written first
    coordinates, attributes : of each
    picks : of each step that is written, what to take of the field, in the order of its dimensions
        of time
    """

    dims: tuple[str, ...]
    coordinates: Mapping[str, Ints]
    attributes: Mapping[str, Mapping[str, str]]
    picks: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]
    order: tuple[int, ...]

    def copy(self, values: NDArray[Any], made: Any) -> None:
        """Copy a field, step by step."""
        turned = np.transpose(values, self.order)
        for source, target in self.picks:
            made[target] = turned[source]


def lay_times(
    dims: Sequence[str], known: Mapping[str, NDArray[Any]], there: Sequence[Sequence[int]]
) -> GribTimes:
    """Choose how the times of a field are written.

    Parameters
    ----------
    dims : of the field
    known : coordinates by name: runs (``time``) and leads (``step``) in seconds
    there : runs and leads, by their numbers, that the file holds
    """
    own = tuple(name for name in ("time", "step") if name in dims)
    others = (place for place, name in enumerate(dims) if name not in own)
    order = (*(list(dims).index(name) for name in own), *others)
    runs, leads = np.atleast_1d(known["time"]), np.atleast_1d(known.get("step", np.array(0)))
    moments = {(i, j): int(runs[i] + leads[j]) for i, j in there}
    if len(own) == 2 and len(set(moments.values())) < len(moments):
        return _by_run(runs, leads, order)
    rising = sorted(moments, key=lambda place: moments[place])
    picks = [
        (tuple(n for n, name in zip(place, ("time", "step"), strict=True) if name in own), (i,))
        for i, place in enumerate(rising)
    ]
    numbers = np.array([moments[place] for place in rising], np.int64)
    return GribTimes(("time",), {"time": numbers}, {"time": MOMENT}, picks, order)


def _by_run(runs: Ints, leads: Ints, order: tuple[int, ...]) -> GribTimes:
    """Keep runs and leads apart, as forecasts of several runs are of the same moments."""
    places = [(i, j) for i in range(len(runs)) for j in range(len(leads))]
    unit = next(name for name, seconds in UNITS.items() if not (leads % seconds).any())
    return GribTimes(
        dims=("time", "step"),
        coordinates={"time": runs, "step": leads // UNITS[unit]},
        attributes={"time": RUN, "step": LEAD | {"units": unit}},
        picks=[(place, place) for place in places],
        order=order,
    )
