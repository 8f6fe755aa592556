"""How a season may end: what fell so far, and what may fall in the rest of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from csserv.errors import InvalidRequestError
from csserv.request.reference import LEAST_YEARS

Floats = NDArray[np.float64]

#: quantiles that are given of totals
SHARES = (0.1, 1 / 3, 0.5, 2 / 3, 0.9)

#: share of a season's steps that must have a value, or its total is none [1]
LEAST = 0.8


@dataclass(frozen=True, eq=False)
class SeasonSteps:
    """Amounts of the steps of one season, in the year that is asked about and in others.

    Attributes
    ----------
    now : (steps, series) of the year that is asked about; NaN where there is none (yet)
    years : (years, steps, series) of the reference; NaN where there is none
    members : (members, steps, series) of a forecast, at the same steps; NaN where it says nothing,
        None without one
    """

    now: Floats
    years: Floats
    members: Floats | None = None

    def __post_init__(self) -> None:
        steps, series = self.now.shape
        for one in (self.years, self.members):
            if one is not None and one.shape[1:] != (steps, series):
                raise ValueError(f"{one.shape}: others have {steps} steps of {series} series")


@dataclass(frozen=True, eq=False)
class SeasonOutlook:
    """Where a season stands, and how it may end; all in the units of the amounts.

    Attributes
    ----------
    so_far : (steps, series) total since the season began; NaN after the last step with a value
    known : how many steps have a value, from the first on
    normal : (shares, steps, series) quantiles of the same total in the years of the reference
    fan : (shares, steps, series) quantiles of the total as it may go on; NaN before that
    ends : (ends, series) totals that the season may end with
    below, above : (series,) share of these in the lower and in the upper third of the reference [%]
    so_far_normal : (series,) mean of the total of the same steps in the years of the reference
    normal_end : (series,) mean of their total of the whole season
    years : (series,) how many years of the reference have a total
    """

    so_far: Floats
    known: int
    normal: Floats
    fan: Floats
    ends: Floats
    below: Floats
    above: Floats
    so_far_normal: Floats
    normal_end: Floats
    years: NDArray[np.int64]


def season_outlook(steps: SeasonSteps) -> SeasonOutlook:
    """Join what fell so far with a forecast, and then with the rest of the season in other years.

    Each member of a forecast goes on with each of the years; without a forecast, the season goes on
    as in one of these years. All are equally likely. Missing steps of a season count as the mean of
    the others, if ``LEAST`` of them have a value.

    Raises
    ------
    InvalidRequestError : no step of the season has a value, or too few years have
    """
    known = _known(steps.now)
    years = _filled(steps.years)
    counts = np.isfinite(years[:, -1]).sum(axis=0)
    if int(counts.max(initial=0)) < LEAST_YEARS:
        raise InvalidRequestError(
            f"an outlook needs at least {LEAST_YEARS} years with the whole season; the reference "
            f"has {int(counts.max(initial=0))}"
        )
    so_far = np.full(steps.now.shape, np.nan)
    so_far[:known] = np.cumsum(_gaps_filled(steps.now[:known]), axis=0)
    totals = np.cumsum(years, axis=1)
    paths = _paths(so_far[known - 1], years, steps.members, known)
    ends = paths[:, -1]
    lower, upper = (_quantiles(totals[:, -1], (share,))[0] for share in (1 / 3, 2 / 3))
    fan = np.full((len(SHARES), *steps.now.shape), np.nan)
    fan[:, known:] = _quantiles(paths, SHARES)
    return SeasonOutlook(
        so_far=so_far,
        known=known,
        normal=_quantiles(totals, SHARES),
        fan=fan,
        ends=ends,
        below=_percent(ends < lower, ends),
        above=_percent(ends > upper, ends),
        so_far_normal=_mean(totals[:, known - 1]),
        normal_end=_mean(totals[:, -1]),
        years=counts,
    )


def _known(now: Floats) -> int:
    """Count the steps up to the last one that has a value in all series that have any."""
    there = np.isfinite(now)
    lasts = [np.flatnonzero(column)[-1] + 1 for column in there.T if column.any()]
    if not lasts:
        raise InvalidRequestError("no step of the season has data yet")
    return int(min(lasts))


def _filled(years: Floats) -> Floats:
    """Fill missing steps of each year by the mean of its others; too few, and all are none."""
    return np.stack([_gaps_filled(one) for one in years]) if len(years) else years


def _gaps_filled(steps: Floats) -> Floats:
    there = np.isfinite(steps)
    count = there.sum(axis=0)
    enough = count >= LEAST * len(steps)
    total = np.where(there, steps, 0.0).sum(axis=0)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return np.where(enough, np.where(there, steps, mean), np.nan)


def _paths(so_far: Floats, years: Floats, members: Floats | None, known: int) -> Floats:
    """Return (paths, steps, series) of totals, from the last known step on.

    Where all steps are known, the only path is the total itself, with one step.
    """
    rest = years[:, known:]
    if not rest.shape[1]:
        return so_far[None, None]
    if members is None:
        return so_far + np.cumsum(rest, axis=1)
    ahead = members[:, known:]
    forecast = int(np.isfinite(ahead).all(axis=(0, 2)).cumprod().sum())
    if not forecast:
        return so_far + np.cumsum(rest, axis=1)
    joined = [
        np.concatenate([one[:forecast], year[forecast:]])
        for one in ahead
        for year in (rest if forecast < rest.shape[1] else rest[:1])
    ]
    found: Floats = so_far + np.cumsum(np.stack(joined), axis=1)
    return found


def _quantiles(values: Floats, shares: Sequence[float]) -> Floats:
    """Return quantiles over the first axis, by Hazen's plotting position; of all that have one."""
    found = np.full((len(shares), *values.shape[1:]), np.nan)
    there = np.isfinite(values)
    whole = there.all(axis=0)
    found[:, whole] = np.quantile(values[:, whole], shares, axis=0, method="hazen")
    for place in np.argwhere(~whole & there.any(axis=0)):
        at = tuple(place)
        mine = values[(slice(None), *at)]
        found[(slice(None), *at)] = np.quantile(mine[np.isfinite(mine)], shares, method="hazen")
    return found


def _mean(values: Floats) -> Floats:
    there = np.isfinite(values)
    total = np.where(there, values, 0.0).sum(axis=0)
    count = there.sum(axis=0)
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


def _percent(found: NDArray[np.bool_], ends: Floats) -> Floats:
    count = np.isfinite(ends).sum(axis=0)
    share: Floats = 100 * found.sum(axis=0) / np.where(count > 0, count, np.nan)
    return share
