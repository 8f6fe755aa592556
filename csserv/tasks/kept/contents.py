"""What is kept, in figures: of which datasets and operations, how much, and when last used."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from csserv.tasks.kept.kept_store import FOLDER, KeptFile, KeptStore
from csserv.tasks.kept.volume import KEY, STEPS, ZONES, keys_of, opened, read_records
from csserv.zonal.operations import OPERATIONS


@dataclass(frozen=True)
class KeptKind:
    """Kept numbers of one dataset, operation and time step.

    Attributes
    ----------
    operation : names of the operations that are finished from them
    zones, steps : how many have numbers, each counted once
    used : when they were last written or read, UTC
    usable : whether this version of csserv, on this machine, can use them
    """

    dataset: str
    operation: str
    time_step: str
    weighting: str
    zones: int
    steps: int
    bytes: int
    used: datetime
    usable: bool


def kept_kinds(home: Path) -> list[KeptKind]:
    """Return what is kept in a home, the largest first."""
    groups: dict[Path, list[KeptFile]] = defaultdict(list)
    for one in KeptStore(home / FOLDER, 0).files():
        groups[one.path.parent].append(one)
    return sorted(map(_kind, groups.values()), key=lambda one: (-one.bytes, one.dataset))


def kept_bytes(home: Path) -> dict[str, int]:
    """Return how much is kept of each dataset [bytes]."""
    found: dict[str, int] = defaultdict(int)
    for one in KeptStore(home / FOLDER, 0).files():
        found[str(one.about.get("dataset", "unknown"))] += one.bytes
    return dict(found)


def _kind(files: list[KeptFile]) -> KeptKind:
    zones, steps = _zones_and_steps(one.path for one in files)
    about = files[0].about
    step = str(about.get("time_step", ""))
    window = about.get("accumulate", 1)
    return KeptKind(
        dataset=str(about.get("dataset", "unknown")),
        operation=operations_of(str(about.get("statistic", ""))),
        time_step=f"{step} x {window}" if window != 1 else step,
        weighting=str(about.get("weighting", "")),
        zones=zones,
        steps=steps,
        bytes=sum(one.bytes for one in files),
        used=datetime.fromtimestamp(max(one.used for one in files), UTC),
        usable=files[0].is_of_this_engine,
    )


def _zones_and_steps(paths: Iterable[Path]) -> tuple[int, int]:
    zones: set[bytes] = set()
    steps: set[bytes] = set()
    for path in paths:
        with suppress(OSError):
            for kind, keys in _keys(path):
                (zones if kind == ZONES else steps).update(keys)
    return len(zones), len(steps)


def _keys(path: Path) -> Iterator[tuple[bytes, list[bytes]]]:
    with opened(path) as file:
        for record in read_records(file, 0, os.fstat(file).st_size):
            if record.kind in (ZONES, STEPS):
                count = record.header["zones" if record.kind == ZONES else "steps"]
                yield record.kind, keys_of(os.pread(file, count * KEY, record.start))


def operations_of(statistic: str) -> str:
    """Name the operations that are finished from a statistic.

    >>> operations_of("Extremes(low=False, high=True)"), operations_of("quantile 0.9")
    ('max', 'p90')
    """
    if found := re.fullmatch(r"quantile (0?\.\d+|[01]\.0)", statistic):
        return f"p{100 * float(found[1]):g}"
    names = [name for name, one in OPERATIONS.items() if repr(one.gather) == statistic]
    shown = [name for name in names if OPERATIONS[name].export is None]
    return ", ".join(shown) or statistic
