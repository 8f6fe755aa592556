"""Writes of several threads to the log, done together: one lock and one wait for the disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from csserv.tasks.log.database import SafeTable, SafeTinyDB

Value = TypeVar("Value")

#: a change of the log; if it raises an error, it has changed nothing
Act = Callable[[SafeTable], Value]


class SharedWrites:
    """Does changes of several threads in one transaction (group commit).

    While one thread waits for the disk, others queue up; the next of them does the work of all.

    Parameters
    ----------
    before_commit : called after the changes of a transaction, before they go to disk
    """

    def __init__(self, db: SafeTinyDB, before_commit: Callable[[], None]) -> None:
        self._db = db
        self._before_commit = before_commit
        self._waiting: deque[_Write[Any]] = deque()
        self._turn = threading.Lock()

    def do(self, act: Act[Value]) -> Value:
        """Do a change; when this returns, it is on disk.

        Raises
        ------
        TaskLogError : the log cannot be written; nothing is changed
        """
        write = _Write(act)
        self._waiting.append(write)
        with self._turn:
            if not write.outcome.done():
                self._do_waiting()
        return write.outcome.result()

    def _do_waiting(self) -> None:
        writes = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            with self._db.transaction() as table:
                done = [write.attempt(table) for write in writes]
                self._before_commit()
        except BaseException as error:
            for write in writes:
                write.outcome.set_exception(error)
            return
        for tell in done:
            tell()


class _Write(Generic[Value]):
    """A change, and what came of it."""

    def __init__(self, act: Act[Value]) -> None:
        self._act = act
        self.outcome: Future[Value] = Future()

    def attempt(self, table: SafeTable) -> Callable[[], None]:
        """Do it; return what tells its thread, once all is on disk."""
        try:
            value = self._act(table)
        except Exception as error:
            return lambda refused=error: self.outcome.set_exception(refused)  # type: ignore[misc]
        return lambda: self.outcome.set_result(value)
