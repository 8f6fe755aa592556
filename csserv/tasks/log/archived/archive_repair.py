"""Damaged files of the archive: set aside, and what is whole in them written anew."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from csserv.errors import TaskLogError
from csserv.tasks.log.archived.archive_index import ArchiveIndex, IndexDamageError
from csserv.tasks.log.archived.archive_rows import ArchiveRows
from csserv.tasks.log.archived.archived_record import HEAD, Plain, all_records
from csserv.tasks.log.archived.monthly_files import MonthlyFiles
from csserv.tasks.log.on_disk.sealed import DamageError
from csserv.tasks.log.on_disk.set_aside import move_aside, note_lost, read_regular, set_aside
from csserv.tasks.log.repair.salvage import Salvaged, records_of, salvage_file, salvage_pieces

logger = logging.getLogger(__name__)


class ArchiveRepair:
    """Make index and files agree; all but :meth:`faults` requires the lock of the task log."""

    def __init__(self, index: ArchiveIndex, rows: ArchiveRows, files: MonthlyFiles) -> None:
        self._index = index
        self._rows = rows
        self._files = files

    def faults(self) -> dict[str, str]:
        """Read all files; return file → what is wrong with it. Nothing is changed."""
        found: dict[str, str] = {}
        try:
            if not self._index.is_whole():
                found["index.sqlite"] = "does not match its checksum"
            known, there = self._rows.sizes(), self._files.sizes()
            names = known.keys() | there.keys()
            found |= {
                name: "is not as its index says"
                for name in names
                if known.get(name) != there.get(name)
            }
            for name in known:
                try:
                    for _ in self._files.read(self._rows.places_in(name)):
                        pass
                except DamageError as damage:
                    found[name] = damage.reason
        except IndexDamageError as error:
            found["index.sqlite"] = f"cannot be read ({error})"
        return found | self._files.unreadable

    def mend_all(self) -> None:
        """Make the index anew as far as needed, and mend all damaged files."""
        self.index_files()
        for name in self.faults().keys() & self._files.sizes().keys():
            self.mend(name)

    def mend(self, name: str) -> None:
        """Set a damaged file aside, and keep what is whole in it."""
        raw = self._read(name)
        if raw is None:
            return
        if not raw.startswith(HEAD) and (edited := records_of(raw)):
            # plain TinyDB has written it: somebody has edited it, and all in it has moved
            self._keep(name, _unproved(edited))
            return
        places = self._rows.places_in(name)
        pieces = [(at.start, at.length, at.checksum) for at in places if at.checksum is not None]
        is_proved = len(pieces) == len(places)
        self._keep(name, salvage_pieces(raw, pieces) if is_proved else salvage_file(raw))

    def index_files(self) -> None:
        """Index the files that the index does not match, because a writer was killed in between."""
        if not self._is_index_readable():
            logger.warning("%s/index.sqlite is damaged; it is made anew", self._files.folder)
            self._index.discard()
        try:
            self._index_files()
        except IndexDamageError:
            self._index.discard()
            self._index_files()

    def rewrite(self, name: str, without: str = "") -> None:
        """Write a file anew, without one of its tasks; what is damaged is mended."""
        raw = self._read(name)
        if raw is None:
            return
        try:
            tasks = {task["id"]: task for task in all_records(raw, self._files.folder / name)}
        except DamageError:
            self._keep(name, salvage_file(raw))
            return
        if not self._rows.ids_in(name) <= tasks.keys():
            self._keep(name, _unproved(tasks.values()))
            return
        tasks.pop(without, None)
        self._files.replace(name, list(tasks.values()))

    def _index_files(self) -> None:
        is_whole = self._index.is_whole()
        there, known = self._files.sizes(), self._rows.sizes()
        if gone := sorted(known.keys() - there.keys()):
            self._note_gone(gone)
        if not is_whole:
            self._rows.forget_kept()
        for name, size in there.items():
            if known.get(name) != size or not is_whole:
                self.rewrite(name)

    def _is_index_readable(self) -> bool:
        try:
            return self._rows.is_readable()
        except IndexDamageError:
            return False

    def _read(self, name: str) -> bytes | None:
        """Return what a file has; without one that cannot be read the archive goes on."""
        path = self._files.folder / name
        try:
            return read_regular(path)
        except OSError as error:
            if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
                copy = move_aside(self._home, path)
                logger.warning("%s is no file; it is %s now", path, copy)
                self._note_gone([name])
            else:
                self._files.unreadable[name] = str(error.strerror or error)
            return None

    def _keep(self, name: str, found: Salvaged) -> None:
        """Write what was found in a damaged file, once a copy of it is safe."""
        path = self._files.folder / name
        kept = [one for one in found.records.values() if one.get("finished")]
        lost = self._rows.ids_in(name) - {one["id"] for one in kept}
        is_settled = bool(kept) and not (found.lost or found.unproved or lost)
        copy = set_aside(self._home, path, is_settled)
        if copy is None:
            raise TaskLogError(f"{path} is damaged, and no copy of it can be written")
        logger.warning(
            "%s is damaged; a copy is %s, %d tasks of it are whole", path, copy, len(kept)
        )
        self._files.replace(name, kept)

    def _note_gone(self, names: Sequence[str]) -> None:
        for name in names:
            count = self._rows.count_in(name)
            said = f"archive/{name} is gone, with the records of {count} tasks"
            note_lost(self._home, name, said)
        self._rows.forget_files(names)

    @property
    def _home(self) -> Path:
        return self._files.folder.parent


def _unproved(tasks: Iterable[Plain]) -> Salvaged:
    return Salvaged({str(key): dict(one) for key, one in enumerate(tasks)})
