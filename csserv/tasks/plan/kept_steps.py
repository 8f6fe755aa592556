"""Finds out which steps of a request were computed before, and are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.further.selections import Selection
from csserv.catalog.timeline.timeline import Timeline
from csserv.request import Area, Options
from csserv.tasks.kept.kept_lookup import NOT_KEPT, Keeping
from csserv.tasks.kept.kept_store import KeptStore
from csserv.tasks.kept.volume import KEY
from csserv.tasks.plan.planned_steps import StepGroup
from csserv.tasks.plan.step_keys import step_keys
from csserv.zonal.operations import Operation
from csserv.zonal.over_time.resample import Resampling


@dataclass(frozen=True, eq=False)
class KnownSteps:
    """What is known of the steps of a group before they are read.

    Attributes
    ----------
    keys : of each selection of further dimensions, those of all steps, one after the other; none
        where nothing is kept
    kept : (n,) whether all numbers of a step are kept
    """

    keys: tuple[bytes, ...]
    kept: NDArray[np.bool_]

    def of_block(self, selection: int, first: int, last: int) -> bytes:
        """Return the keys of some steps, one after the other."""
        return self.keys[selection][KEY * first : KEY * last] if self.keys else b""


@dataclass(frozen=True, eq=False)
class KeptSteps:
    """Looks up the steps of a request.

    Attributes
    ----------
    keeping : which numbers it may use
    """

    keeping: Keeping
    wanted: tuple[Operation, ...]

    def look_up(
        self, group: StepGroup, selections: Sequence[Selection], resampling: Resampling | None
    ) -> KnownSteps:
        """Name the steps of a group, and find out which are kept."""
        keys, kept = [], np.ones(len(group.times), bool)
        for one in selections:
            named = step_keys(group, one.chosen, resampling)
            kept &= named.settled & self.keeping.known(named.keys, self.wanted)
            each = np.frombuffer(named.keys, np.uint8).reshape(-1, KEY).copy()
            each[~named.settled] = NOT_KEPT
            keys.append(each.tobytes())
        return KnownSteps(tuple(keys), kept)


def nothing_kept(steps: int) -> KnownSteps:
    """Return what is known where no store is asked."""
    return KnownSteps((), np.zeros(steps, bool))


def kept_steps(
    store: KeptStore | None,
    dataset: str,
    timeline: Timeline,
    area: Area,
    options: Options,
    wanted: Sequence[Operation],
) -> KeptSteps | None:
    """Prepare to look up the steps of a request; None where nothing of it is kept."""
    grids = {id(header.grid): header.grid for _, header in timeline.granules}
    names = {repr(grid) for grid in grids.values()}
    if store is None or len(names) > 1:  # numbers of zones are those on one grid
        return None
    about: Mapping[str, Any] = {
        "dataset": dataset,
        "grid": blake2b(names.pop().encode(), digest_size=16).hexdigest(),
        "weighting": options.weighting,
        "time_step": options.time_step,
        "accumulate": options.accumulate,
    }
    keeping = Keeping.of(store, about, area, wanted)
    return KeptSteps(keeping, tuple(wanted)) if keeping else None
