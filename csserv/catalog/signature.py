"""What changes when a file does."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import NamedTuple, Self

#: what changed so lately may change again without a trace: as coarse as clocks of disks are [s]
JUST_NOW = 2.0


class Signature(NamedTuple):
    """What changes when a file does.

    Not only what it holds: ``chmod``, a hard link and a new name change ``ctime_ns`` as well, and
    then its header is read once more. It is the one that also tells of other bytes of the same
    number, written in place under the old time stamp, for nobody can set it back.
    """

    inode: int
    size: int  #: [bytes]
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, found: os.stat_result) -> Self:
        """Take it from what the system says of a file."""
        return cls(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    @classmethod
    def of_path(cls, path: str | Path) -> Self:
        """Take it from a file; of a folder, such as one of Zarr, from all that is in it."""
        found = os.stat(path)  # noqa: PTH116  # for each of thousands
        return cls.of_folder(path) if stat.S_ISDIR(found.st_mode) else cls.of(found)

    @classmethod
    def of_folder(cls, path: str | Path) -> Self:
        """Take the latest times of what is in a folder, and the size of all of it."""
        own = Path(path).stat()
        size, mtime, ctime = 0, own.st_mtime_ns, own.st_ctime_ns
        for folder, folders, names in os.walk(path):
            for name in (*folders, *names):
                found = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118
                size += found.st_size
                mtime, ctime = max(mtime, found.st_mtime_ns), max(ctime, found.st_ctime_ns)
        return cls(own.st_ino, size, mtime, ctime)

    @property
    def content(self) -> tuple[int, int, int]:
        """What a backup that makes hard links, or a ``chmod``, leaves as it is."""
        return self.inode, self.size, self.mtime_ns

    @property
    def is_settled(self) -> bool:
        """Whether a change from now on will be seen, however soon it comes."""
        return time.time() - self.ctime_ns / 1e9 >= JUST_NOW
