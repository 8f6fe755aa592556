"""The values of zones, made of what calls accumulated of the cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from csserv.catalog.read.grid import Floats
from csserv.zonal.operations import Operation
from csserv.zonal.statistics import Arrays, MissingCells, Statistic, TimeWithData, divide
from csserv.zonal.weights import Weights, ZoneSums

#: runs of steps: number of steps, and scale and offset that turn what was accumulated of them into
#: the units of the data
Decoding = tuple[tuple[int, float, float], ...]

#: names of arrays begin so: of missing cells, of the time with data, and of percentiles
MISSING, TIME, QUANTILE = "missing.", "time.", "quantile."


@dataclass(frozen=True, eq=False)
class ZoneValues:
    """Values of zones at some steps, and how much of each has data.

    Attributes
    ----------
    values : (operations, steps, zones) in the units of the data; NaN where the zone has no valid
        cell (a count or coverage is 0)
    percent : (steps, zones) share of the zone's area that has data [%], 0 to 100; parts of the
        zone off the grid have none
    steps_percent : (steps, zones) share of a longer step's days that have data, all cells taken
        together [%], 0 to 100; None where the steps are those of the data
    """

    values: Floats
    percent: Floats
    steps_percent: Floats | None

    @classmethod
    def joined(cls, parts: Sequence[ZoneValues]) -> ZoneValues:
        """Join runs of steps that follow each other."""
        shares = [one.steps_percent for one in parts if one.steps_percent is not None]
        return cls(
            np.concatenate([one.values for one in parts], axis=1),
            np.concatenate([one.percent for one in parts]),
            np.concatenate(shares) if shares else None,
        )

    def pick(self, steps: Sequence[int]) -> ZoneValues:
        """Keep some of the steps, in the order given."""
        places = np.asarray(steps, np.int64)
        longer = self.steps_percent
        return ZoneValues(
            self.values[:, places],
            self.percent[places],
            None if longer is None else longer[places],
        )

    @classmethod
    def interleaved(cls, parts: Sequence[ZoneValues]) -> ZoneValues:
        """Put series of the same steps and zones beside each other: zone by zone, those of each."""
        if len(parts) == 1:
            return parts[0]
        shares = [one.steps_percent for one in parts if one.steps_percent is not None]
        return cls(
            _interleaved([one.values for one in parts]),
            _interleaved([one.percent for one in parts]),
            _interleaved(shares) if shares else None,
        )


def statistics_of(wanted: Sequence[Operation]) -> list[Statistic]:
    """Return what must be accumulated for some operations, each once."""
    return list(dict.fromkeys(one.gather for one in wanted if one.gather is not None))


def gathered(wanted: Sequence[Operation], longer: bool) -> dict[str, Statistic]:
    """Return all that is accumulated for some operations, each by the prefix of its arrays.

    Parameters
    ----------
    longer : whether the steps are longer than those of the data
    """
    common = {MISSING: MissingCells()} | ({TIME: TimeWithData()} if longer else {})
    return common | {f"{n}.": one for n, one in enumerate(statistics_of(wanted))}


def quantile_name(share: float) -> str:
    """Name the array of a percentile, as calls store it."""
    return f"{QUANTILE}{share}"


def join_parts(
    parts: Sequence[Arrays], wanted: Sequence[Operation], decoding: Decoding = ()
) -> Arrays:
    """Combine what several calls accumulated, each from other cells of the same zones and steps.

    Parameters
    ----------
    decoding : what turns it into the units of the data; none where it is in these

    Returns
    -------
    what :func:`finish_values` needs, by the names that it gives to all
    """
    found = {name: one for name, one in parts[0].items() if name.startswith(QUANTILE)}
    longer = any(name.startswith(TIME) for name in parts[0])
    scale, offset = by_step(decoding)
    for prefix, statistic in gathered(wanted, longer).items():
        whole = reduce(statistic.join, [_own(part, prefix) for part in parts])
        decoded = statistic.decode(whole, scale, offset)
        found |= {prefix + name: array for name, array in decoded.items()}
    return found


def by_step(decoding: Decoding) -> tuple[Floats, Floats]:
    """Return scale and offset of each step, (steps, 1), or of all of them, (1, 1)."""
    runs = decoding or ((1, 1.0, 0.0),)
    counts = [1] if len(runs) == 1 else [count for count, _, _ in runs]
    scale, offset = (np.repeat([run[n] for run in runs], counts)[:, None] for n in (1, 2))
    return scale, offset


def join_selections(parts: Sequence[ZoneValues], selections: int) -> ZoneValues:
    """Join runs of steps, each given for all selections of further dimensions, one by one."""
    runs = range(0, len(parts), selections)
    return ZoneValues.joined([ZoneValues.interleaved(parts[i : i + selections]) for i in runs])


def finish_values(
    kept: Arrays, weights: Weights | ZoneSums, wanted: Sequence[Operation]
) -> ZoneValues:
    """Compute the values of some operations from what was accumulated."""
    whole = weights.totals
    valid = {
        f"valid_{name}": np.maximum(whole[name] - kept[f"{MISSING}lost_{name}"], 0.0)
        for name in ("area", "coverage", "cells")
    }
    share = _share(np.where(valid["valid_cells"] > 0, valid["valid_area"], 0.0), whole["area"])
    percent = 100.0 * share * weights.on_grid
    common = {**valid, "percent": percent}
    values = [one.finish({**common, **own}) for one, own in _by_operation(kept, wanted)]
    with_data = kept.get(f"{TIME}with_data")
    if with_data is not None:
        with_data = 100.0 * _share(with_data, whole["area"]) * weights.on_grid
    return ZoneValues(np.array(values), percent, with_data)


def _by_operation(kept: Arrays, wanted: Sequence[Operation]) -> Iterator[tuple[Operation, Arrays]]:
    every = statistics_of(wanted)
    for one in wanted:
        if one.share is not None:
            yield one, {"quantile": kept[quantile_name(one.share)]}
        elif one.gather is not None:
            yield one, _own(kept, f"{every.index(one.gather)}.")


def _own(kept: Arrays, prefix: str) -> Arrays:
    return {
        name.removeprefix(prefix): array for name, array in kept.items() if name.startswith(prefix)
    }


def _interleaved(parts: Sequence[Floats]) -> Floats:
    """Join (…, zones) arrays to one of (…, zones x parts)."""
    stacked = np.stack(parts, axis=-1)
    return stacked.reshape(*stacked.shape[:-2], -1)


def _share(part: Floats, whole: Floats) -> Floats:
    """Divide sums of areas; 0 where there is no area, and at most 1 whatever rounding does."""
    return np.minimum(divide(part, whole, 0.0), 1.0)
