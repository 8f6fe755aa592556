"""The archive as the task log asks it: put right first, where index and files do not agree."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from csserv.errors import TaskLogError
from csserv.tasks.log.archived.archive import Archive
from csserv.tasks.log.archived.archive_index import IndexDamageError
from csserv.tasks.log.on_disk.sealed import DamageError

Value = TypeVar("Value")

#: most files of the archive that one question puts right
MOST_MENDED = 20


class MendedArchive:
    """An archive that is repaired as far as a question needs it.

    Parameters
    ----------
    folder : of the archive
    locked : holds the lock of the task log
    """

    def __init__(self, folder: Path, locked: Callable[[], AbstractContextManager[Any]]) -> None:
        self._folder = folder
        self._archive = Archive(folder)
        self._locked = locked

    @property
    def unreadable(self) -> dict[str, str]:
        """File → why it cannot be read now; its tasks are left out."""
        return self._archive.unreadable

    def ask(self, question: Callable[[Archive], Value]) -> Value:
        """Ask the archive, and put its index and files right as far as that is needed.

        Raises
        ------
        TaskLogError : it cannot be read, even so
        """
        for _ in range(MOST_MENDED):
            try:
                if not self._archive.is_index_current():
                    with self._locked():
                        self._archive.repair_index()
                return question(self._archive)
            except DamageError as damage:
                with self._locked():
                    self._archive.mend(damage.path.name)
            except IndexDamageError:
                with self._locked():
                    self._archive.repair_index()
        raise TaskLogError(f"the archives in {self._folder} cannot be read; csserv repair")
