"""A file that does not answer: whoever opens it waits, as for a server that is away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: holds a lease on a file (fcntl(2)): the kernel lets others wait, and tells the holder, which does
#: nothing about it
HOLD = """
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, lambda *_: None)
file = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
while os.read(0, 1):
    pass
"""


@contextmanager
def silent(path: Path) -> Iterator[None]:
    """Let nobody open a file, for at most 45 s (/proc/sys/fs/lease-break-time)."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin
    assert holder.stdout
    try:
        assert holder.stdout.readline() == b"held\n"
        yield
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()
