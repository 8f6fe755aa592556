"""What the results hold on the disk, and when they go."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

DAY = 86400.0

#: those that go in so many days are counted
SOON = 7


@dataclass(frozen=True)
class ResultSize:
    """What one result holds."""

    task: str
    bytes: int
    written: float  #: seconds since 1970


@dataclass(frozen=True)
class DiskUse:
    """What all results hold."""

    results: int
    bytes: int
    by_dataset: tuple[tuple[str, int, int], ...]  #: dataset, results, bytes; the largest first
    free: int  #: on the disk [bytes]
    keep_days: int  #: results go so long after their task ended; 0 keeps all
    soon: int  #: how many go in the next seven days
    soon_bytes: int

    @classmethod
    def of(
        cls,
        found: Iterable[ResultSize],
        datasets: Mapping[str, str],
        keep_days: int,
        now: float,
        free: int,
    ) -> Self:
        """Add up what there is.

        Parameters
        ----------
        datasets : task id → its dataset; those of others are unknown
        now : seconds since 1970
        free : on the disk [bytes]
        """
        held = list(found)
        groups: dict[str, list[int]] = defaultdict(list)
        for one in held:
            groups[datasets.get(one.task, "unknown")].append(one.bytes)
        rows = [(name, len(sizes), sum(sizes)) for name, sizes in groups.items()]
        leaves = now - (keep_days - SOON) * DAY
        soon = [one.bytes for one in held if keep_days and one.written <= leaves]
        return cls(
            results=len(held),
            bytes=sum(one.bytes for one in held),
            by_dataset=tuple(sorted(rows, key=lambda row: (-row[2], row[0]))),
            free=free,
            keep_days=keep_days,
            soon=len(soon),
            soon_bytes=sum(soon),
        )


def result_sizes(home: Path) -> tuple[list[ResultSize], int]:
    """Look at each result of a home folder; and at the space that is free beside them [bytes]."""
    return list(_result_sizes(home / "results")), shutil.disk_usage(home).free


def _result_sizes(folder: Path) -> Iterator[ResultSize]:
    with suppress(FileNotFoundError), os.scandir(folder) as results:
        for one in results:
            with suppress(FileNotFoundError, NotADirectoryError), os.scandir(one) as files:
                size = sum(file.stat().st_blocks * 512 for file in files)
                yield ResultSize(one.name, size, one.stat().st_mtime)
