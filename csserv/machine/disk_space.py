"""Tells a full disk from other troubles of writing, as libraries do not."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from csserv.errors import DiskFullError

#: a disk with less free space than this counts as full [bytes]
FULL = 2**20


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    """Raise :class:`DiskFullError` for whatever a library raises on a full disk.

    HDF5 has no word for it, and netCDF4 says "Permission denied" of each file that it cannot make.
    To be entered where what was written so far is still there: once it is removed, there is room.

    Parameters
    ----------
    folder : that is written to
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        # a write that failed may have freed its space by now, so the number is looked at first
        is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if is_full or (folder.is_dir() and shutil.disk_usage(folder).free < FULL):
            raise DiskFullError(f"no space left on the disk of {folder}") from error
        raise
