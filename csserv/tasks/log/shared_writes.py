"""Writes of several threads to the log, done together: one lock and one wait for the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, NoReturn, TypeVar

from csserv.tasks.log.database import SafeTable, SafeTinyDB

Value = TypeVar("Value")

#: a change of the log; if it raises an error, it has changed nothing
Act = Callable[[SafeTable], Value]


class SharedWrites:
    """Does changes of several threads in one transaction (group commit).

    While one thread waits for the disk, others queue up; the first of them does the work of all.

    Parameters
    ----------
    before_commit : called after the changes of a transaction, before they go to disk
    """

    def __init__(self, db: SafeTinyDB, before_commit: Callable[[], None]) -> None:
        self._db = db
        self._before_commit = before_commit
        self._waiting: list[_Write[Any]] = []
        self._is_led = False
        self._lock = threading.Lock()

    def do(self, act: Act[Value]) -> Value:
        """Do a change; when this returns, it is on disk.

        Raises
        ------
        TaskLogError : the log cannot be written; nothing is changed
        """
        write = _Write(act)
        with self._lock:
            self._waiting.append(write)
            leads, self._is_led = not self._is_led, True
        if not leads:
            write.woken.wait()  # not for a lock that each would have to take in turn
        if write.outcome is None:
            self._do_waiting()
        return write.result()

    def _do_waiting(self) -> None:
        """Do the changes of all who wait, then let the next one lead."""
        with self._lock:
            writes, self._waiting = self._waiting, []
        try:
            self._do_all(writes)
        finally:
            for write in writes:
                write.woken.set()
            with self._lock:
                self._is_led = bool(self._waiting)
                if self._is_led:
                    self._waiting[0].woken.set()

    def _do_all(self, writes: Sequence[_Write[Any]]) -> None:
        try:
            with self._db.transaction() as table:
                done = [write.attempt(table) for write in writes]
                self._before_commit()
        except BaseException as error:
            done = [partial(_raise, error)] * len(writes)
        for write, outcome in zip(writes, done, strict=True):
            write.outcome = outcome


class _Write(Generic[Value]):
    """A change, and what came of it."""

    def __init__(self, act: Act[Value]) -> None:
        self._act = act
        self.woken = threading.Event()
        self.outcome: Callable[[], Value] | None = None  #: returns the value, or raises the error

    def attempt(self, table: SafeTable) -> Callable[[], Value]:
        """Do it; return what came of it, which holds once all is on disk."""
        try:
            value = self._act(table)
        except Exception as error:
            return partial(_raise, error)
        return lambda: value

    def result(self) -> Value:
        """Return the value, or raise the error."""
        if self.outcome is None:
            raise RuntimeError("the change was not done")
        return self.outcome()


def _raise(error: BaseException) -> NoReturn:
    raise error
