"""Files made of results on demand, each kept for the next caller: CSV, NetCDF, gzip, and so on."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

#: all files together; the oldest go first [bytes]
MOST = 2_000_000_000


class DerivedFiles:
    """A folder of files made of results, as another version of csserv would make others.

    Parameters
    ----------
    cache : the folder of what can be made anew
    results : the folder of the results; what was made of one that is gone goes, too
    most : size of all files together [bytes]
    """

    def __init__(self, cache: Path, results: Path, most: int = MOST) -> None:
        self._folder = cache / f"derived-{version('csserv')}"
        self._results = results
        self._most = most
        self._making: dict[str, threading.Lock] = {}

    def get(self, task_id: str, ending: str, make: Callable[[Path], None]) -> Path:
        """Return a file made of a result; it is made by the first who asks.

        Parameters
        ----------
        ending : what it is, with a dot
        make : writes it to a path of that ending
        """
        path = self._folder / f"{task_id}{ending}"
        with self._making.setdefault(path.name, threading.Lock()):
            if not path.exists():
                self._make(path, ending, make)
        self._making.pop(path.name, None)
        return path

    def _make(self, path: Path, ending: str, make: Callable[[Path], None]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._tidy_up()
        with tempfile.TemporaryDirectory(prefix="draft-", dir=self._folder) as folder:
            draft = Path(folder) / f"result{ending}"
            make(draft)
            draft.replace(path)

    def _tidy_up(self) -> None:
        """Remove what other versions made, what is of no result, and the oldest beyond the size."""
        for other in self._folder.parent.glob("derived-*"):
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)
        known = []
        for path in self._folder.iterdir():
            with suppress(OSError):  # another process tidies up as well
                if path.is_file() and not (self._results / path.name.partition(".")[0]).exists():
                    path.unlink()
                elif path.is_file():
                    status = path.stat()
                    known.append((status.st_mtime, status.st_size, path))
        size = sum(one[1] for one in known)
        for _, bytes_, path in sorted(known):
            if size > self._most:
                path.unlink(missing_ok=True)
                size -= bytes_
