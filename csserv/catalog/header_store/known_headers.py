"""What the files of datasets say of themselves: read once, kept in memory and on disk."""

from __future__ import annotations

import os
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from threading import Lock
from typing import Any

from csserv.catalog.header_store.exact_keys import exact_key, has_equals
from csserv.catalog.header_store.header_file import FIRST, HeaderFile, Row
from csserv.catalog.header_store.kept_answers import KeptAnswers
from csserv.catalog.header_store.stored_classes import field_names
from csserv.catalog.header_store.twin_files import TwinFiles
from csserv.catalog.listing import WILD, list_files, signed_files
from csserv.catalog.read.file_kinds import why_out_of_reach
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.signature import JUST_NOW, Signature
from csserv.errors import GranuleError, StaleGranuleError

#: how long to wait before each further look at files that change under it [s]
PAUSES = (0.0, 0.02, 0.1, 0.5, 0.5)

#: files that are read before what was read is kept, and what others have kept is looked up
BATCH = 100

#: headers in memory, about 1 kB each, before datasets that were not asked for lately are left out
MOST = 200_000

Found = dict[Path, Header | GranuleError]
Listed = Mapping[str, Signature | OSError]


class Headers:
    """Headers of all datasets that a process has looked at.

    Parameters
    ----------
    folder : where they are kept for all processes; None for in memory only
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = HeaderFile(folder) if folder else None
        self._datasets: OrderedDict[str, _Dataset] = OrderedDict()
        self._answers: dict[Hashable, KeptAnswers] = {}
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
        """
        found: Found = {}
        dataset = self._dataset(data, pattern, granule)
        with dataset.lock:
            for pause in PAUSES:
                listed = signed_files(data, pattern)
                found = self._read_all(dataset, listed)
                for path in _replaced(found):
                    del found[path]
                gone = any(isinstance(one, StaleGranuleError) for one in found.values())
                if not gone and (
                    not _just_changed(data, listed) or _is_still(data, pattern, listed)
                ):
                    break
                time.sleep(pause)
        self._leave_out()
        return found

    def _dataset(self, data: Path, pattern: str, granule: Callable[[Path], Granule]) -> _Dataset:
        root = PurePath(*_literal(PurePath(pattern).parts))
        one = granule(data / root)
        kind = f"{one.path}\n{one.variable}\n{one.corrections}"
        key = f"{kind}\n{data}\n{pattern}"
        with self._lock:
            found = self._datasets.setdefault(key, _Dataset(data, root, kind, granule))
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

    def _read_all(self, dataset: _Dataset, listed: Listed) -> Found:
        """Find the header of each file: in memory, on disk, or else in the file."""
        dataset.keep_only(listed)
        if self._file and len(dataset.known) < len(listed):
            dataset.load(self._file, listed)
        others: dict[str, Header | GranuleError] = {}
        for batch in _batches([name for name in listed if name not in dataset.known]):
            if self._file:  # other processes may read the same files, from elsewhere
                dataset.load(self._file, listed)
            fresh: dict[str, Header] = {}
            for name in batch:
                if name not in dataset.known:
                    try:
                        header, stays = dataset.read(name, listed[name])
                        (fresh if stays else others)[name] = header
                    except GranuleError as error:
                        others[name] = error
            dataset.keep(fresh, self._file)
        found = {**dataset.known, **others}
        return {dataset.path(name): found[name] for name in listed}


@dataclass(eq=False)
class _Dataset:
    """Headers of the files of one dataset, by their names below the folder of the data.

    Attributes
    ----------
    root : the folder below that which holds them all
    place : name of what is read of them, for those on disk
    known : those that are in memory; each was read of its file as it is, until that changes
    seen : the latest row on disk that was read
    twins : files that were read, which others are like
    same, shared : values that files share, one of each, and their ids
    """

    data: Path
    root: PurePath
    place: str
    granule: Callable[[Path], Granule]
    known: dict[str, Header] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    seen: Row = FIRST
    twins: TwinFiles = field(default_factory=TwinFiles)
    same: dict[Any, Any] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def keep_only(self, listed: Listed) -> None:
        """Forget the files that have changed, or are gone."""
        still = {n: h for n, h in self.known.items() if listed.get(n) == h.signature}
        if len(still) < len(self.known):
            self.known = still
            self.paths = {name: path for name, path in self.paths.items() if name in listed}

    def path(self, name: str) -> Path:
        """Return where a file is."""
        found = self.paths.get(name)
        if found is None:
            self._find_paths(name.rpartition(os.sep)[0])
            found = self.paths.setdefault(name, self.data / name)
        return found

    def _find_paths(self, folder: str) -> None:
        """Make the paths of a whole folder at once, which takes a third of the time."""
        if folder not in self.folders:
            self.folders.add(folder)
            below = f"{folder}{os.sep}" if folder else ""
            with suppress(OSError):
                self.paths |= {below + one.name: one for one in (self.data / folder).iterdir()}

    def load(self, file: HeaderFile, listed: Listed) -> None:
        """Take over what processes have kept since the last time."""
        headers, self.seen = file.load(self.place, self.seen, self._one)
        below = f"{self.root}{os.sep}" if self.root.parts else ""
        for name, header in headers.items():
            if listed.get(below + name) == header.signature:
                self.known[below + name] = header

    def read(self, name: str, signed: Signature | OSError) -> tuple[Header, bool]:
        """Read a header, and say whether any change of the file will be seen from now on.

        Raises
        ------
        StaleGranuleError : it is gone, or has changed meanwhile
        GranuleError : unreadable
        """
        path = self.path(name)
        if isinstance(signed, FileNotFoundError) and not path.is_symlink():
            raise StaleGranuleError(f"{path.name} is gone")
        if isinstance(signed, OSError):
            raise GranuleError(f"cannot read {path.name}: {why_out_of_reach(path, signed)}")
        stays = signed.is_settled
        header = self.granule(path).read_header(signed, self.twins.read)
        values = (self._one(getattr(header, name)) for name in field_names(Header))
        return Header(*values), stays

    def keep(self, headers: Mapping[str, Header], file: HeaderFile | None) -> None:
        """Keep headers that were read."""
        self.known |= headers
        if headers and file:
            top = len(str(self.root)) + 1 if self.root.parts else 0
            named = {name[top:]: header for name, header in headers.items()}
            file.save(self.place, self.data / self.root, named)

    def _one(self, value: Any) -> Any:
        """Return the one of equal values: most files of a dataset say the same."""
        if id(value) in self.shared or not has_equals(type(value)):
            return value
        if len(self.same) > BATCH:  # each file says something else
            self.same.clear()
            self.shared.clear()
        found = self.same.setdefault(exact_key(value), value)
        self.shared.add(id(found))
        return found


def _literal(parts: tuple[str, ...]) -> Iterator[str]:
    """Yield the parts of a pattern that name one folder, from the beginning."""
    for part in parts[:-1]:
        if any(letter in part for letter in WILD):
            return
        yield part


def _batches(names: list[str]) -> Iterator[list[str]]:
    """Cut files up, in an order of one's own: who reads the same does so from elsewhere."""
    starts = list(range(0, len(names), BATCH))
    random.shuffle(starts)
    for start in starts:
        yield names[start : start + BATCH]


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


def _is_still(data: Path, pattern: str, listed: Listed) -> bool:
    return list_files(data, pattern) == [data / name for name in listed]
