"""What the files of datasets say of themselves: read once, kept in memory and on disk."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from threading import Lock

from csserv.catalog.header_store.dataset_headers import DatasetHeaders, Listed, wait_for
from csserv.catalog.header_store.header_file import HeaderFile
from csserv.catalog.header_store.kept_answers import KeptAnswers
from csserv.catalog.header_store.patient_reader import LOOK_AGAIN, Found, PatientReader
from csserv.catalog.listing import WILD, has_files, list_files, signed_files
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.row_fields import OR
from csserv.catalog.signature import JUST_NOW
from csserv.errors import GranuleError, SilentFileError, StaleGranuleError
from csserv.machine.collection_pause import pause_collection
from csserv.machine.patience import Patience, Touch

#: how long to wait before each further look at files that change under it [s]
PAUSES = (0.0, 0.02, 0.1, 0.5, 0.5)

#: whether a dataset has files is asked while a page is drawn: no time to wait [s]
BRIEFLY = 1.0

#: headers in memory, about 1 kB each, before datasets that were not asked for lately are left out
MOST = 200_000


class Headers:
    """Headers of all datasets that a process has looked at.

    Parameters
    ----------
    folder : where they are kept for all processes; None for in memory only
    patience : how long to wait for a file
    """

    def __init__(self, folder: Path | None = None, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self._reader = PatientReader(HeaderFile(folder) if folder else None, self.patience)
        self._datasets: OrderedDict[str, DatasetHeaders] = OrderedDict()
        self._answers: dict[Hashable, KeptAnswers] = {}
        self._here: dict[tuple[Path, str], bool] = {}
        self._lock = Lock()

    def answers(self, dataset: Hashable) -> KeptAnswers:
        """Return what is kept of answers about the files of a dataset."""
        with self._lock:
            return self._answers.setdefault(dataset, KeptAnswers())

    def look(self, data: Path, pattern: str, granule: Callable[[Path], Granule]) -> Found:
        """Find the headers of all files that match, in the order of their names.

        A listing of a folder is no snapshot: when files give way to one that was made of them, it
        may hold some of them and not the new one. So it is made again until it stays the same.

        Parameters
        ----------
        granule : takes a file as one of the dataset

        Raises
        ------
        SilentFileError : the folder, or files of the dataset, do not answer
        """
        dataset, asked = self._dataset(data, pattern, granule), time.monotonic()
        with self._turn(dataset):
            if dataset.looked_at <= asked:  # not by another thread, while this one waited
                began = time.monotonic()
                dataset.latest = self._look(dataset, pattern)
                dataset.looked_at = began
            found = dataset.latest
        self._leave_out()
        return found

    def _look(self, dataset: DatasetHeaders, pattern: str) -> Found:
        found: Found = {}
        for pause in PAUSES:
            listed, is_settled = self._list(dataset, pattern)
            if is_settled and (known := dataset.in_memory(listed)) is not None:
                return known
            found = self._reader.read_all(dataset, listed)
            for path in _replaced(found):
                del found[path]
            gone = any(isinstance(one, StaleGranuleError) for one in found.values())
            if not gone and self._is_still(dataset, pattern, listed):
                break
            time.sleep(pause)
        return found

    def look_at_all(
        self, data: Path, asked: Mapping[str, tuple[str, Callable[[Path], Granule]]]
    ) -> dict[str, Found]:
        """Find the headers of all files of several datasets, as far as they are in memory.

        All in one call, as :meth:`look` takes 0.2 ms for each, of which the disk is a tenth.

        Parameters
        ----------
        asked : dataset → its pattern, and what takes a file as one of it

        Returns
        -------
        dataset → headers, in the order of the files' names; none where there are no files. Those
        whose files are to be read first, or do not answer, are left out
        """

        def list_all(touch: Touch) -> dict[str, Listed]:
            every = {one: signed_files(data, one, touch) for one in patterns}
            return {one: files for one, files in every.items() if not _just_changed(data, files)}

        patterns = {pattern for pattern, _ in asked.values()}
        try:
            listed = self.patience.call(data, list_all, most=BRIEFLY)
        except SilentFileError:
            return {}
        self._here |= {(data, one): bool(files) for one, files in listed.items()}
        found: dict[str, Found] = {}
        for name, (pattern, granule) in asked.items():
            files = listed.get(pattern)
            if files is None:
                continue
            known = self._dataset(data, pattern, granule).in_memory(files) if files else {}
            if known is not None:
                found[name] = dict(known)
        return found

    def has_files(self, data: Path, pattern: str) -> bool:
        """Whether there are files that match; as last time, where the folder is slow to answer."""
        key = data, pattern
        try:
            self._here[key] = self.patience.call(
                data, lambda touch: has_files(data, pattern, touch), most=BRIEFLY
            )
        except SilentFileError:
            return self._here.get(key, True)
        return self._here[key]

    def which_match(self, data: Path, patterns: Collection[str]) -> set[str]:
        """Return the patterns that files match; see :meth:`has_files`.

        All in one call, as each takes 0.2 ms: a catalog has a hundred.
        """
        try:
            found = self.patience.call(
                data,
                lambda touch: {one for one in patterns if has_files(data, one, touch)},
                most=BRIEFLY,
            )
        except SilentFileError:  # of one dataset: the others answer
            return {one for one in patterns if self.has_files(data, one)}
        self._here |= {(data, one): one in found for one in patterns}
        return found

    def wait_for(self, paths: Iterable[Path]) -> None:
        """Wait until files answer that are to be read in this process.

        Raises
        ------
        SilentFileError : one does not
        """

        def wait(touch: Touch) -> None:
            for path in paths:
                touch(path)
                self.patience.check_file(path)
                wait_for(path)

        self.patience.call(None, wait)

    @contextmanager
    def _turn(self, dataset: DatasetHeaders) -> Iterator[None]:
        """Wait until no other thread reads the files of a dataset, unless one is silent."""
        while not dataset.lock.acquire(timeout=LOOK_AGAIN):
            self.patience.check(dataset)
        try:
            yield
        finally:
            dataset.lock.release()

    def _list(self, dataset: DatasetHeaders, pattern: str) -> tuple[Listed, bool]:
        """List files; and whether none of their folders has changed just now."""

        def listed(touch: Touch) -> tuple[Listed, bool]:
            found = signed_files(dataset.data, pattern, touch)
            dataset.find_paths(found, touch)
            return found, not _just_changed(dataset.data, found)

        with pause_collection():
            return self.patience.call(dataset, listed)

    def _is_still(self, dataset: DatasetHeaders, pattern: str, listed: Listed) -> bool:
        data = dataset.data
        return self.patience.call(
            dataset,
            lambda touch: not _just_changed(data, listed) or _is_same(data, pattern, listed),
        )

    def _dataset(
        self, data: Path, pattern: str, granule: Callable[[Path], Granule]
    ) -> DatasetHeaders:
        root = _root(pattern)
        one = granule(data / root)
        kind = f"{one.path}\n{one.variable}\n{one.corrections}"
        key = f"{kind}\n{data}\n{pattern}"
        with self._lock:
            found = self._datasets.setdefault(key, DatasetHeaders(data, root, kind, granule))
            self._datasets.move_to_end(key)
        return found

    def _leave_out(self) -> None:
        """Forget the datasets that were not asked for lately, but never the latest one."""
        with self._lock:
            while len(self._datasets) > 1 and self._count() > MOST:
                self._datasets.popitem(last=False)
                self._answers.clear()  # they hold headers, too

    def _count(self) -> int:
        return sum(len(one.known) for one in self._datasets.values())


def _root(pattern: str) -> PurePath:
    """Return the folder that all files lie in, or below, that match."""
    each = [PurePath(*_literal(PurePath(one).parts)) for one in pattern.split(OR)]
    shared = (
        one for one in (each[0], *each[0].parents) if all(p.is_relative_to(one) for p in each)
    )
    return next(shared)


def _literal(parts: tuple[str, ...]) -> Iterator[str]:
    """Yield the parts of a pattern that name one folder, from the beginning."""
    for part in parts[:-1]:
        if any(letter in part for letter in WILD):
            return
        yield part


def _replaced(found: Mapping[Path, Header | GranuleError]) -> list[Path]:
    """List the files that are gone, and that one of the others was made of."""
    gone = [path for path, one in found.items() if isinstance(one, StaleGranuleError)]
    if not gone:
        return []
    origins = [one.origins for one in found.values() if isinstance(one, Header)]
    return [path for path in gone if any(str(path) in one for one in origins)]


def _just_changed(data: Path, names: Iterable[str]) -> bool:
    """Whether a folder of some files has changed within the last seconds."""
    with suppress(FileNotFoundError):
        folders = {name.rpartition(os.sep)[0] for name in names}
        newest = max(((data / folder).stat().st_mtime for folder in folders), default=0.0)
        return time.time() - newest < JUST_NOW
    return True


def _is_same(data: Path, pattern: str, listed: Listed) -> bool:
    return list_files(data, pattern) == [data / name for name in listed]
