"""How much disk space the results take, and how many will soon be removed."""

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

#: a disk with less free space than this is a problem [bytes]
TOO_FULL = 2**30

#: results are counted as "soon" if they will be removed within so many days
SOON = 7


@dataclass(frozen=True)
class ResultSize:
    """The disk space of one result."""

    task: str  #: id
    bytes: int
    written: float  #: when it was written [s since 1970]


@dataclass(frozen=True)
class DiskUse:
    """The disk space of all results."""

    results: int  #: how many there are
    bytes: int
    by_dataset: tuple[tuple[str, int, int], ...]  #: dataset, results, bytes; the largest first
    free: int  #: on the disk [bytes]
    keep_days: int  #: results are removed so long after their task ended [days]; 0 keeps all
    soon: int  #: how many will be removed in the next seven days
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
        """Add up the sizes of results.

        Parameters
        ----------
        datasets : task id → dataset; results of other tasks count as "unknown"
        keep_days : how long results are kept [days]; 0 keeps all
        now : current time [s since 1970]
        free : free space on the disk [bytes]
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
    """Return the size of each result in a home folder, and the free space on its disk [bytes]."""
    return list(_result_sizes(home / "results")), shutil.disk_usage(home).free


def _result_sizes(folder: Path) -> Iterator[ResultSize]:
    with suppress(FileNotFoundError), os.scandir(folder) as results:
        for one in results:
            with suppress(FileNotFoundError, NotADirectoryError), os.scandir(one) as files:
                size = sum(file.stat().st_blocks * 512 for file in files)
                yield ResultSize(one.name, size, one.stat().st_mtime)
