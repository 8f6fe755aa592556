"""The areas of tasks, as GeoJSON files beside the log; equal areas share one file."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from csserv.errors import TaskFailedError, TaskLogError
from csserv.machine.written_whole import sync
from csserv.outputs.durable import sweep_drafts
from csserv.request import Area
from csserv.tasks.log.on_disk.set_aside import move_aside, read_regular, set_aside

#: areas of so many bytes are kept in memory, as requests often repeat one
SMALL = 64 * 1024

#: of those up to this size, the latest one is: the units of the world are 13 MB, and 0.6 s to read
LARGE = 64 * 2**20


@dataclass(frozen=True)
class AreaDraft:
    """An area that is on disk, but does not have its name yet unless it is stored already."""

    area: Area
    path: Path


class AreaFiles:
    """A folder of areas, each named by its SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_synced = True
        self._latest: tuple[str, Area] | None = None  #: the large one that was read last

    @contextmanager
    def draft(self, area: Area) -> Iterator[AreaDraft]:
        """Write an area to disk, to be stored; needs no lock, so that many can wait for the disk.

        Raises
        ------
        TaskLogError : the disk is full, or cannot be written to
        """
        whose = f"{threading.get_native_id()}.{os.getpid()}"
        made = AreaDraft(area, self._folder / f".{area.sha256}.{whose}.draft")
        try:
            if not _holds(self._path(area.sha256), area.geojson.encode()):
                self._write(made)
            yield made
        finally:
            made.path.unlink(missing_ok=True)

    def store(self, draft: AreaDraft) -> None:
        """Give an area its name, unless it is there already; :meth:`sync` must follow.

        Raises
        ------
        TaskLogError : the disk is full, or cannot be written to
        """
        path = self._path(draft.area.sha256)
        if not draft.path.exists():
            if path.is_file():
                return
            self._write(draft)  # the stored one was removed meanwhile
        home = self._folder.parent
        with self._told(path):
            if os.path.lexists(path) and set_aside(home, path, settled=True) is None:
                move_aside(home, path)  # a folder in its place
            draft.path.replace(path)
        self._is_synced = False

    def sync(self) -> None:
        """Wait until the names of all stored areas are on disk.

        Raises
        ------
        TaskLogError : the disk cannot be written to
        """
        if not self._is_synced:
            with self._told(self._folder):
                sync(self._folder)
            self._is_synced = True

    def _write(self, draft: AreaDraft) -> None:
        with self._told(self._path(draft.area.sha256)), draft.path.open("wb") as file:
            file.write(draft.area.geojson.encode())
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _told(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TaskLogError(f"cannot write {path}: {error.strerror}") from error

    def read(self, sha256: str) -> Area:
        """Read an area by its SHA-256.

        Raises
        ------
        TaskFailedError : its file is missing, unreadable or damaged
        """
        path = self._path(sha256)
        try:
            raw = read_regular(path)
        except OSError as error:
            why = error.strerror or error
            raise TaskFailedError(f"the stored area cannot be read: {why}") from None
        if hashlib.sha256(raw).hexdigest() != sha256:
            set_aside(self._folder.parent, path)
            raise TaskFailedError(
                f"the stored area {path} is damaged; submit the request again with its area"
            )
        if len(raw) <= SMALL:
            return _small_area(raw.decode())
        known = self._latest
        if known is None or known[0] != sha256:
            known = sha256, Area.from_stored(raw.decode())
            self._latest = known if len(raw) <= LARGE else None
        return known[1]

    def faults(self) -> dict[str, str]:
        """Read all areas; return file → what is wrong with it. Nothing is changed."""
        found = {}
        for path in sorted(self._folder.glob("*.geojson")):
            try:
                if hashlib.sha256(read_regular(path)).hexdigest() != path.stem:
                    found[path.name] = "is damaged"
            except OSError as error:
                found[path.name] = f"cannot be read: {error.strerror or error}"
        return found

    def keep_only(self, kept: Container[str]) -> None:
        """Remove the files of all areas but those given by their SHA-256."""
        for path in self._folder.glob("*.geojson"):
            if path.stem not in kept:
                path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove the drafts of processes that were killed."""
        sweep_drafts(self._folder)

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.geojson"


@lru_cache(maxsize=64)
def _small_area(text: str) -> Area:
    return Area.from_stored(text)


def _holds(path: Path, text: bytes) -> bool:
    try:
        return path.stat().st_size == len(text) and read_regular(path) == text
    except OSError:
        return False
