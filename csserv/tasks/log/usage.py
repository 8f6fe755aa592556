"""How much was asked for, by day and dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

#: so many datasets are told apart; the rest are one
TOLD_APART = 7

OTHERS = "other datasets"


@dataclass(frozen=True)
class Usage:
    """Tasks submitted by day, of each dataset; the dataset asked for most comes first."""

    days: tuple[date, ...]
    counts: dict[str, tuple[int, ...]]  #: dataset → tasks of each day

    @property
    def total(self) -> int:
        """Tasks of all days and datasets."""
        return sum(map(sum, self.counts.values()))

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, int]], last: date, days: int) -> Self:
        """Bring counts into order.

        Parameters
        ----------
        rows : day (YYYY-MM-DD, UTC), dataset, tasks; a pair may come more than once
        last : the last day
        days : how many there are
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
        rest = chosen[TOLD_APART:]
        counts = {
            dataset: tuple(found[dataset, day.isoformat()] for day in shown)
            for dataset in chosen[:TOLD_APART]
        }
        if rest:
            counts[OTHERS] = tuple(
                sum(found[dataset, day.isoformat()] for dataset in rest) for day in shown
            )
        return cls(shown, counts)
