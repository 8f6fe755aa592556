"""Reading the headers of a dataset's files that are not known yet, without waiting for ever."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from csserv.catalog.header_store.dataset_headers import BATCH, DatasetHeaders, Listed, wait_for
from csserv.catalog.header_store.header_file import HeaderFile
from csserv.catalog.read.header import Header
from csserv.catalog.read.source import READING
from csserv.errors import GranuleError, SilentFileError
from csserv.machine.patience import Patience, Touch

#: files of a dataset that do not answer before the others are not tried any more
MOST_SILENT = 3

#: how often who waits for another thread looks whether that one waits for a file [s]
LOOK_AGAIN = 0.25

Found: TypeAlias = dict[Path, Header | GranuleError]

#: header or error of each file, and whether any change of it will be seen from now on
Read: TypeAlias = dict[str, tuple[Header | GranuleError, bool]]


@dataclass(frozen=True, eq=False)
class PatientReader:
    """Reads headers, and gives up files that do not answer.

    Attributes
    ----------
    file : where headers are kept for all processes; None for in memory only
    patience : how long to wait for a file
    """

    file: HeaderFile | None
    patience: Patience

    def read_all(self, dataset: DatasetHeaders, listed: Listed) -> Found:
        """Find the header of each file: in memory, on disk, or else in the file."""
        dataset.keep_only(listed)
        if self.file and len(dataset.known) < len(listed):
            dataset.load(self.file, listed)
        others: dict[str, Header | GranuleError] = {}
        for batch in _batches([name for name in listed if name not in dataset.known]):
            if self.file:  # other processes may read the same files, from elsewhere
                dataset.load(self.file, listed)
            read = self._read_batch(dataset, [n for n in batch if n not in dataset.known], listed)
            fresh = {name: one for name, (one, stays) in read.items() if stays}
            others |= {name: one for name, (one, stays) in read.items() if not stays}
            self._keep(dataset, {n: h for n, h in fresh.items() if isinstance(h, Header)})
            silent = [one for one in others.values() if isinstance(one, SilentFileError)]
            if len(silent) >= MOST_SILENT:  # all may be so, and each would be waited for
                raise silent[0]
        found = {**dataset.known, **others}
        return {dataset.path(name): found[name] for name in listed}

    def _keep(self, dataset: DatasetHeaders, headers: Mapping[str, Header]) -> None:
        def keep(touch: Touch) -> None:
            touch(dataset.data / dataset.root)
            dataset.keep(headers, self.file)

        if headers:
            self.patience.call(dataset, keep, for_all=False)

    def _read_batch(self, dataset: DatasetHeaders, names: list[str], listed: Listed) -> Read:
        """Read headers, without those of files that do not answer.

        Returns
        -------
        header or error of each, and whether any change of the file will be seen from now on
        """
        done: Read = {}
        while left := [name for name in names if name not in done]:
            known = len(done)
            try:
                news = partial(self._read_some, dataset, left, listed, done)
                self.patience.call(dataset, news, for_all=False)
            except SilentFileError as error:
                # what the thread that was given up adds from now on, nobody sees
                done = dict(done)
                done[next(name for name in left if name not in done)] = (error, False)
            if sum(isinstance(one, SilentFileError) for one, _ in done.values()) >= MOST_SILENT:
                break
            if len(done) == known:
                raise RuntimeError(f"no header of {left} was read")
        return done

    def _wait_for_library(self) -> None:
        """Wait until no other thread is in the netCDF library.

        Raises
        ------
        SilentFileError : one is, and waits there for a file
        """
        while not READING.is_free_within(LOOK_AGAIN):
            if silence := self.patience.silence_of(READING.holder):
                raise SilentFileError(silence.file, silence.seconds)

    def _read_some(
        self,
        dataset: DatasetHeaders,
        names: Iterable[str],
        listed: Listed,
        done: Read,
        touch: Touch,
    ) -> None:
        for name in names:
            path = dataset.path(name)
            touch(path)
            try:
                self.patience.check_file(path)
                if not isinstance(listed[name], OSError):  # such as of a pipe
                    wait_for(path)
                self._wait_for_library()
                touch(path)  # who was given up goes no further: others may use the library now
                done[name] = dataset.read(name, listed[name])
            except GranuleError as error:
                done[name] = (error, False)


def library_trouble(patience: Patience) -> str:
    """Say over which file the netCDF library hangs, so that this process reads no other any more.

    Empty if it does not, or not for twice as long as a file is waited for.
    """
    silence = patience.silence_of(READING.holder)
    if silence is None or silence.seconds < 2 * patience.seconds:
        return ""
    return f"{silence}, and keeps this process from reading others"


def _batches(names: list[str]) -> Iterator[list[str]]:
    """Cut files up, in an order of one's own: who reads the same does so from elsewhere."""
    starts = list(range(0, len(names), BATCH))
    random.shuffle(starts)
    for start in starts:
        yield names[start : start + BATCH]
