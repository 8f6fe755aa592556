"""Headers of the files of one dataset, as one process knows them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from threading import Lock
from typing import Any, TypeAlias

from csserv.catalog.header_store.exact_keys import exact_key, has_equals
from csserv.catalog.header_store.header_file import FIRST, HeaderFile, Row
from csserv.catalog.header_store.stored_classes import field_names
from csserv.catalog.header_store.twin_files import TwinFiles
from csserv.catalog.read.file_kinds import why_out_of_reach
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, StaleGranuleError
from csserv.machine.patience import Touch

#: files that are read before what was read is kept, and what others have kept is looked up
BATCH = 100

Listed: TypeAlias = Mapping[str, Signature | OSError]


@dataclass(eq=False)
class DatasetHeaders:
    """What was read of the files of a dataset, by their names below the folder of the data.

    Attributes
    ----------
    root : the folder below that which holds them all
    place : name of what is read of them, for those on disk
    known : those that are in memory; each was read of its file as it is, until that changes
    seen : the latest row on disk that was read
    twins : files that were read, which others are like
    latest, looked_at : what was found last, and when that look began
    whole : files that all had a header in memory when last asked for, and these headers
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
    latest: dict[Path, Header | GranuleError] = field(default_factory=dict)
    looked_at: float = -math.inf
    whole: tuple[Listed, dict[Path, Header | GranuleError]] = field(
        default_factory=lambda: ({}, {})
    )
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

    def in_memory(self, listed: Listed) -> dict[Path, Header | GranuleError] | None:
        """Return the headers of all files; None if one is not known, or is gone or has changed."""
        if listed == self.whole[0]:
            return self.whole[1]
        known = self.known  # another thread may put others in its place
        if len(known) != len(listed):
            return None
        for name, signed in listed.items():
            if name not in known or known[name].signature != signed:
                return None
        found: dict[Path, Header | GranuleError] = {self.path(name): known[name] for name in listed}
        self.whole = listed, found
        return found

    def path(self, name: str) -> Path:
        """Return where a file is."""
        found = self.paths.get(name)
        return self.paths.setdefault(name, self.data / name) if found is None else found

    def find_paths(self, names: Iterable[str], touch: Touch) -> None:
        """Make the paths of files."""
        for folder in dict.fromkeys(one.rpartition(os.sep)[0] for one in names):
            touch(self.data / folder)
            self._find_paths(folder)

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


def wait_for(path: Path) -> None:
    """Wait until a file answers: here, as who waits in the library keeps all others from it."""
    with suppress(OSError):  # which a reading will put into words
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.pread(file, 1, 0)
        finally:
            os.close(file)
