"""The months that longer steps are made of, and what the sums of each hang on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

from csserv.tasks.plan.planned_steps import StepGroup
from csserv.tasks.plan.step_keys import names_of_data
from csserv.tasks.sums.sums_file import KEY
from csserv.zonal.over_time.resample import Resampling


@dataclass(frozen=True)
class Month:
    """Steps of the data that are summed up together: those of a month, dekad or pentad.

    Attributes
    ----------
    run : indices of the steps
    number : of the longer step that it is a part of
    month : number of the calendar month, where a longer step holds several
    key : what its sums hang on: the files as they are, the steps in them, and how these are added
    settled : whether a change of the files would be seen
    """

    run: range
    number: int
    month: int
    key: bytes
    settled: bool


def months_of(
    group: StepGroup, how: Resampling, chosen: Mapping[str, str] | None = None
) -> list[Month]:
    """Divide the data's steps of a group into months."""
    halves, settled = names_of_data(group.timeline, chosen or {})
    bounds = how.cuts(0, len(how.group))
    # where steps are days, a sum and a sum of rates times days are the same
    plain = how.rule == "sum" or bool((how.lengths == 1.0).all())
    found = []
    for first, last in pairwise(bounds):
        run = slice(first, last)
        key = blake2b(b"plain" if plain else b"by length", digest_size=KEY)
        key.update(how.lengths[run].astype("<f8").tobytes())
        key.update(halves[run].tobytes())
        found.append(
            Month(
                run=range(first, last),
                number=int(how.group[first]),
                month=int(how.months[first]),
                key=key.digest(),
                settled=bool(settled[run].all()),
            )
        )
    return found
