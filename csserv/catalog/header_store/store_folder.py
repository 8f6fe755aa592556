"""The folder that headers are kept in: one for each version and user, which only they write to."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

#: a file that has grown beyond this is made anew [bytes]
LARGEST = 2 * 2**30

#: folders of other versions that are left, the latest ones
OTHERS = 2

#: libraries that read headers
READERS = ("csserv", "netCDF4", "h5py", "rasterio", "numpy", "cftime")


class StoreFolder:
    """A folder that may be removed at any time, with one SQLite file.

    Parameters
    ----------
    cache : the folder that it lies in; other versions have theirs beside it
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._folder = cache / f"headers-{engine()}-{os.geteuid()}"
        self.path = self._folder / "headers.sqlite"

    def make(self) -> None:
        """Make folder and file, unless they are there."""
        if self.path.exists() and self.path.stat().st_size > LARGEST:
            self.remove()
        if self.path.exists():
            return
        for folder in (self._cache.parent, self._cache, self._folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self._tidy_up()

    def remove(self) -> None:
        """Remove what is kept."""
        _remove(self._folder)

    def check_own(self) -> None:
        """See that nobody else can have written the file.

        Raises
        ------
        FileNotFoundError : there is none
        PermissionError : somebody can
        """
        for one in (self.path, self._folder):
            found = one.stat(follow_symlinks=False)
            if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise PermissionError(f"others can write to {one}")
            if stat.S_ISLNK(found.st_mode):
                raise PermissionError(f"{one} is a link")

    def _tidy_up(self) -> None:
        """Remove what other versions kept, but for the latest ones: they may be in use."""
        every = self._cache.glob(f"headers-*-{os.geteuid()}")
        others = [one for one in every if one != self._folder]
        for old in sorted(others, key=lambda one: one.stat().st_mtime)[:-OTHERS]:
            _remove(old)


def _remove(folder: Path) -> None:
    """Remove a folder in one step: a new one may take its place at once."""
    gone = folder.with_name(f"gone-{uuid4().hex}")
    with suppress(OSError):
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


@lru_cache(maxsize=1)
def engine() -> str:
    """Return what changes when anything does that headers are read, or kept, with."""
    sources = sorted(Path(__file__).parents[1].rglob("*.py"))
    found = hashlib.sha256(sys.byteorder.encode())
    for name in READERS:
        found.update(f"{name} {version(name)}\n".encode())
    for path in sources:
        found.update(path.read_bytes())
    return found.hexdigest()[:12]
