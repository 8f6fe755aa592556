"""Which steps of a series an event stream has sent, as the id of its events says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

#: longer ids are not ours
LONGEST = 10_000

RANGE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class SentSteps:
    """Ranges of steps, each by the number of its first and of the one after its last."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the id of an event; what is none of ours means that nothing was sent.

        >>> SentSteps.parse("0-31,60-90").ranges, SentSteps.parse("17").ranges
        (((0, 31), (60, 90)), ())
        """
        parts = text.split(",") if len(text) <= LONGEST else [""]
        found = [RANGE.fullmatch(part.strip()) for part in parts]
        return cls().plus((int(one[1]), int(one[2])) for one in found if one)

    def __str__(self) -> str:
        return ",".join(f"{first}-{end}" for first, end in self.ranges)

    def __contains__(self, step: int) -> bool:
        return any(first <= step < end for first, end in self.ranges)

    def plus(self, more: Iterable[tuple[int, int]]) -> Self:
        """Return these ranges and others, those that touch joined.

        >>> str(SentSteps(((0, 31),)).plus([(60, 90), (31, 40)]))
        '0-40,60-90'
        """
        joined: list[tuple[int, int]] = []
        for first, end in sorted({*self.ranges, *more}):
            if first >= end:
                continue
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((first, end))
        return type(self)(tuple(joined))
