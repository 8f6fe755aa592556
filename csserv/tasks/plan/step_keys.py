"""Names each step of a result by all that its numbers hang on beside zone and statistic."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.timeline.timeline import Stretch, Timeline
from csserv.tasks.kept.volume import KEY
from csserv.tasks.plan.planned_steps import StepGroup
from csserv.zonal.over_time.resample import Resampling

#: two halves of each key
Halves = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class StepKeys:
    """What each step is known by.

    Attributes
    ----------
    keys : of all steps, one after the other
    settled : (n,) whether a change of its files would be seen: numbers of others are not kept
    """

    keys: bytes
    settled: NDArray[np.bool_]


def step_keys(
    group: StepGroup, chosen: Mapping[str, str], resampling: Resampling | None
) -> StepKeys:
    """Name the steps of a group.

    A step of the data hangs on its file (path, inode, size, times, all that its header says, places
    of its chunks), on its number in the file and on the coordinates of further dimensions; a longer
    step on these, and on how they are put together.

    Parameters
    ----------
    chosen : coordinates of further dimensions
    resampling : of all steps of the group; None where they are the data's own
    """
    halves, settled = names_of_data(group.timeline, chosen)
    if resampling is None:
        return StepKeys(halves.tobytes(), settled)
    keys = []
    for place, run in enumerate(group.runs):
        found = blake2b(_how(resampling, place, run), digest_size=KEY)
        found.update(halves[run.start : run.stop].tobytes())
        keys.append(found.digest())
    whole = [bool(settled[run.start : run.stop].all()) for run in group.runs]
    return StepKeys(b"".join(keys), np.array(whole, bool))


def names_of_data(
    timeline: Timeline, chosen: Mapping[str, str]
) -> tuple[Halves, NDArray[np.bool_]]:
    """Name each of the data's steps; and say whether a change of its file would be seen."""
    counts = [len(one.steps) for one in timeline.stretches]
    settled = [one.header.signature.is_settled for one in timeline.stretches]
    return _halves(timeline, tuple(chosen.items())), np.repeat(np.array(settled, bool), counts)


@lru_cache(maxsize=4)  # kept numbers and time sums ask for the same, and so does the next request
def _halves(timeline: Timeline, chosen: tuple[tuple[str, str], ...]) -> Halves:
    halves = np.empty((len(timeline), 2), np.uint64)
    layouts: dict[int, str] = {}  # thousands of files have the very same
    first = 0
    for one in timeline.stretches:
        steps = slice(first, first + len(one.steps))
        layout = one.header.layout
        if id(layout) not in layouts:
            layouts[id(layout)] = repr(layout)
        halves[steps] = np.frombuffer(_of_file(one, dict(chosen), layouts[id(layout)]), np.uint64)
        halves[steps, 1] += np.arange(one.steps.start, one.steps.stop, dtype=np.uint64)
        first = steps.stop
    halves.flags.writeable = False
    return halves


def _of_file(stretch: Stretch, chosen: Mapping[str, str], layout: str) -> bytes:
    header = stretch.header
    said = (
        str(stretch.granule.path),
        tuple(header.signature),
        header.sha256,
        header.pick(chosen),
        layout,
    )
    return blake2b(repr(said).encode(), digest_size=KEY).digest()


def _how(resampling: Resampling, place: int, run: range) -> bytes:
    """Return all that a step of the result hangs on beside the data's steps."""
    last = int(resampling.last[place])
    steps = slice(run.start, run.stop)
    strict = bool(resampling.needs_all.size and resampling.needs_all[place])
    numbers = (resampling.days[place], resampling.counts[place], resampling.least, strict)
    said = (
        struct.pack("<ddd?qq", *numbers, resampling.window, last % resampling.window)
        + resampling.rule.encode()
    )
    within = (resampling.group[steps] - last).astype("<i8").tobytes()
    return said + within + resampling.lengths[steps].astype("<f8").tobytes()
