"""Keeps runners and servers out of a home while it is repaired or restored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from csserv.errors import TaskLogError
from csserv.tasks.log.leader import NAME, read_leader
from csserv.tasks.log.lock import FileLock

#: lock of a home → who holds it
HOLDERS = {NAME: "a runner", "serving.lock": "a server or a page"}


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the locks of runners and servers.

    Raises
    ------
    TaskLogError : one works
    """
    with ExitStack() as held:
        for name, who in HOLDERS.items():
            lock = FileLock(home / name)
            held.callback(lock.close)
            try:
                is_free = lock.try_acquire()
            except OSError as error:
                raise TaskLogError(f"cannot lock {home / name}: {error.strerror}") from None
            if is_free and name == NAME and (last := read_leader(home)):
                replace(last, limit=0.0).write(lock)  # nobody is to take over from a repair
            if not is_free:
                raise TaskLogError(f"{who} works in {home}: stop it first; nothing was changed")
        yield
