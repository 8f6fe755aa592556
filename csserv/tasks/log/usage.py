"""How many tasks were submitted, by day and dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

#: number of datasets that are counted separately; the rest are counted together
COUNTED_APART = 7

OTHERS = "other datasets"


@dataclass(frozen=True)
class Usage:
    """Tasks submitted by day, for each dataset; the most frequent dataset comes first."""

    days: tuple[date, ...]
    counts: dict[str, tuple[int, ...]]  #: dataset → number of tasks of each day

    @property
    def total(self) -> int:
        """Number of tasks of all days and datasets."""
        return sum(map(sum, self.counts.values()))

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, int]], last: date, days: int) -> Self:
        """Build the table of days and datasets from single counts.

        Parameters
        ----------
        rows : (day as YYYY-MM-DD in UTC, dataset, tasks); a pair may come more than once
        last : the last day
        days : number of days
        """
        shown = tuple(last - timedelta(days=days - 1 - number) for number in range(days))
        names = {day.isoformat() for day in shown}
        found = Counter[tuple[str, str]]()
        for day, dataset, count in rows:
            if day in names:
                found[dataset, day] += count
        totals = Counter[str]()
        for (dataset, _), count in found.items():
            totals[dataset] += count
        chosen = [dataset for dataset, _ in totals.most_common()]
        rest = chosen[COUNTED_APART:]
        counts = {
            dataset: tuple(found[dataset, day.isoformat()] for day in shown)
            for dataset in chosen[:COUNTED_APART]
        }
        if rest:
            counts[OTHERS] = tuple(
                sum(found[dataset, day.isoformat()] for dataset in rest) for day in shown
            )
        return cls(shown, counts)
