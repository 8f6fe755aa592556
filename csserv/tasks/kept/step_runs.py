"""Runs of kept numbers: of which zones and steps they are, and where they lie in a file."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.tasks.kept.volume import KEY, DamagedVolumeError, RowLayout, opened

#: numbers kept of a zone itself, see :class:`csserv.zonal.weights.ZoneSums`
OF_ZONE = ("area", "coverage", "cells", "on_grid")

#: how seldom the use of a file is noted [s]
SELDOM = 60.0


@dataclass(frozen=True, eq=False)
class StepRun:
    """Numbers of some zones at some steps, in a file."""

    path: Path
    keys: int  #: where the keys of the steps lie in the file, before the rows of the zones
    crc: int  #: CRC-32 of these keys
    layout: RowLayout
    zones: ZoneSet
    computed: str  #: when, UTC, as ISO 8601

    @property
    def start(self) -> int:
        """Where the first row lies in the file."""
        return self.keys + KEY * self.layout.steps

    def read_keys(self) -> bytes:
        """Return the keys of its steps in a row; none where they are damaged or gone."""
        raw = b""
        with suppress(OSError), opened(self.path) as file:
            raw = os.pread(file, KEY * self.layout.steps, self.keys)
        return raw if zlib.crc32(raw) == self.crc else b""


#: keys of steps, 16 bytes each; numpy compares all of them
Keys = NDArray[np.bytes_]


def key_array(keys: bytes) -> Keys:
    """Return keys that follow each other as an array, to compare and sort them.

    None should be taken out of it: numpy cuts the zeros at its end.
    """
    return np.frombuffer(keys, f"S{KEY}")


@dataclass(frozen=True, eq=False)
class Places:
    """Where each step of some runs is; of a step that several have, in the first of them.

    Attributes
    ----------
    keys : (n,) sorted
    run, place : (n,) number of the run of each, and its place in it
    """

    runs: list[StepRun]
    keys: Keys
    run: NDArray[np.int64]
    place: NDArray[np.int64]
    #: what was asked last, and the answer: a plan asks first, then who reads, then the next zone
    _latest: list[tuple[bytes, NDArray[np.int64]]] = field(default_factory=list)

    @classmethod
    def of(cls, runs: Sequence[StepRun]) -> Places:
        """Read the keys of all runs."""
        every = [one.read_keys() for one in runs]
        keys = key_array(b"".join(every))
        order = np.argsort(keys, kind="stable")
        lengths = [len(each) // KEY for each in every]
        run = np.repeat(np.arange(len(every)), lengths)
        place = np.concatenate([np.arange(0), *map(np.arange, lengths)])
        return cls([*runs], keys[order], run[order], place[order])

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, steps: bytes) -> NDArray[np.int64]:
        """Return where each step is among ``keys``; -1 of those that are not there."""
        for asked, found in self._latest:
            if asked == steps:
                return found
        answer = self._search(key_array(steps))
        self._latest[:] = [(steps, answer)]
        return answer

    def _search(self, steps: Keys) -> NDArray[np.int64]:
        if not len(self):
            return np.full(len(steps), -1)
        near = np.minimum(np.searchsorted(self.keys, steps), len(self) - 1)
        return np.where(self.keys[near] == steps, near, -1)


@dataclass(eq=False)
class ZoneSet:
    """Some zones that were computed together, and the runs of steps that they have."""

    zones: list[bytes]
    of_each: Floats  #: (zones, 4), see ``OF_ZONE``
    column: dict[bytes, int]
    runs: list[StepRun] = field(default_factory=list)


def read_rows(run: StepRun, columns: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Read (zones, bytes) rows of some zones; all between them at once, where these are few."""
    width = run.layout.width
    first, last = int(columns.min()), int(columns.max()) + 1
    with opened(run.path) as file:
        _note_use(run.path, file)
        if last - first <= 4 * len(columns):
            raw = os.pread(file, (last - first) * width, run.start + first * width)
            wanted = (last - first) * width
        else:
            parts = [os.pread(file, width, run.start + n * width) for n in columns.tolist()]
            raw, wanted = b"".join(parts), len(columns) * width
            columns, first = np.arange(len(columns)), 0
    if len(raw) != wanted:
        raise DamagedVolumeError
    return np.frombuffer(raw, np.uint8).reshape(-1, width)[columns - first]


def _note_use(path: Path, file: int) -> None:
    """Let a file be known as used: those that are not make room."""
    if time.time() - os.fstat(file).st_mtime > SELDOM:
        with suppress(OSError):
            os.utime(path)
