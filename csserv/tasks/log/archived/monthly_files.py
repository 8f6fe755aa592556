"""The monthly files of the archive; whatever is written is entered in the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from csserv.errors import TaskLogError
from csserv.outputs.durable import replace_file
from csserv.tasks.log.archived.archive_rows import ArchiveRows
from csserv.tasks.log.archived.archived_record import (
    HEAD,
    TAIL,
    Place,
    Plain,
    read_records,
    write_records,
)

#: beyond this size a month goes on in another file, as each is rewritten as a whole [bytes]
FILE_SIZE = 8_000_000


class MonthlyFiles:
    """``task_log-YYYY-MM.json``, which plain TinyDB opens as well.

    Parameters
    ----------
    folder : of the files
    rows : of the index
    file_size : see FILE_SIZE

    Attributes
    ----------
    unreadable : file → why it cannot be read now; its tasks are left out
    """

    def __init__(self, folder: Path, rows: ArchiveRows, file_size: int) -> None:
        self.folder = folder
        self.unreadable: dict[str, str] = {}
        self._rows = rows
        self._file_size = file_size

    def sizes(self) -> dict[str, int]:
        """Return file → its size [bytes]; -1 for what is no file."""
        return {path.name: _size(path) for path in self.folder.glob("task_log-*.json")}

    def read(self, places: Iterable[Place]) -> Iterator[dict[str, Any]]:
        """Read records; those of a file that was dropped in the meantime are left out.

        Raises
        ------
        DamageError : one is not as it was written
        """
        for name, group in groupby(places, key=lambda place: place.file):
            try:
                yield from read_records(self.folder / name, group)
            except FileNotFoundError:
                continue
            except OSError as error:
                self.unreadable[name] = error.strerror or str(error)
            else:
                self.unreadable.pop(name, None)

    def append(self, month: str, tasks: Sequence[Plain]) -> None:
        """Add tasks to the file of a month, ``YYYY-MM``, that has room."""
        path = self._file_of(month)
        old = path.read_bytes() if path.exists() else HEAD + TAIL
        body, number = old[: -len(TAIL)], 1
        if body != HEAD:
            body += b","
            number += self._rows.count_in(path.name)
        self._write(path, body, number, tasks)

    def replace(self, name: str, tasks: Sequence[Plain]) -> None:
        """Write a file anew with these tasks alone."""
        self._write(self.folder / name, HEAD, 1, tasks)

    def _write(self, path: Path, body: bytes, number: int, tasks: Sequence[Plain]) -> None:
        """First write the file, then the index: a file that is ahead is indexed anew."""
        written = write_records(body, number, tasks)
        try:
            replace_file(path, written.content)
        except OSError as error:
            raise TaskLogError(f"cannot write {path}: {error.strerror}") from error
        self._rows.enter(path.name, written, replaces=body == HEAD)

    def _file_of(self, month: str) -> Path:
        path, part = self.folder / f"task_log-{month}.json", 1
        while path.exists() and path.stat().st_size > self._file_size:
            part += 1
            path = self.folder / f"task_log-{month}.{part}.json"
        return path


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # such as a link to itself
        return -1
