"""What changes when a file does."""

from __future__ import annotations

import os
import time
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
    def of(cls, stat: os.stat_result) -> Self:
        """Take it from what the system says of a file."""
        return cls(stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)

    @property
    def content(self) -> tuple[int, int, int]:
        """What a backup that makes hard links, or a ``chmod``, leaves as it is."""
        return self.inode, self.size, self.mtime_ns

    @property
    def is_settled(self) -> bool:
        """Whether a change from now on will be seen, however soon it comes."""
        return time.time() - self.ctime_ns / 1e9 >= JUST_NOW
