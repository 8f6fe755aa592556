"""Calls that touch files, each in a thread of its own, given up when a file does not answer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from csserv.errors import SilentFileError

#: after what time without an answer a file is told of, and others no longer wait for it [s]
SOON = 5.0

#: a process that was stopped, or had no core, gets so long to go on before it is judged [s]
GRACE = 0.5

#: names of threads that make a call, and that wait for one
BUSY, RESTING = "csserv-file", "csserv-file-resting"

#: a thread that has had nothing to do for so long ends [s]
IDLE = 10.0

Value = TypeVar("Value")

#: to be called with each file before it is touched
Touch: TypeAlias = "Callable[[Path | str], None]"


def touch_nothing(path: Path | str) -> None:
    """Tell nobody which file is touched."""


@dataclass(frozen=True)
class Silence:
    """A file that does not answer: its folder and name, and for how long [s]."""

    file: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.file} has not answered for {self.seconds:.0f} s"


class Patience:
    """Calls that end within a time after a file stops answering, whatever the file does.

    The system gives no way to end a call that waits for a disk or a server. So it is left to a
    thread, which goes on waiting; it does not keep the process from ending.

    Parameters
    ----------
    seconds : how long to wait for a file
    """

    def __init__(self, seconds: float = 60.0) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._calls: set[_Call] = set()
        self._idle: list[_Hand] = []

    def call(
        self,
        group: Hashable,
        function: Callable[[Touch], Value],
        for_all: bool = True,
        most: float | None = None,
    ) -> Value:
        """Call a function in a thread, and return what it does.

        Parameters
        ----------
        group : what it is about, such as a dataset; see :meth:`check`. None for by itself
        function : gets what is to be called with each file before it is touched
        for_all : whether the group can do nothing without the file that does not answer
        most : how long to wait for a file, where that is less [s]

        Raises
        ------
        SilentFileError : a file does not answer; or one that is still waited for, of this group
        """
        seconds = min(self.seconds, most or self.seconds)
        self.check(group, seconds)
        call = _Call(group, function)
        self._start(call)
        while not call.is_done.wait(max(GRACE, seconds - call.quiet)):
            seen = call.looks
            if call.quiet < seconds or call.is_done.wait(GRACE) or call.looks != seen:
                continue
            call.give_up(for_all)
            raise SilentFileError(call.file, call.quiet)
        if call.is_given_up:
            raise SilentFileError(call.file, call.quiet)
        if call.error is not None:
            raise call.error
        return call.value  # type: ignore[no-any-return]  # of whatever type the function returns

    def check(self, group: Hashable, seconds: float = SOON) -> None:
        """See that no call of a group waits for a file it cannot do without.

        Raises
        ------
        SilentFileError : one has waited for so long, or was given up
        """
        if group is None:
            return
        with self._lock:
            calls = [one for one in self._calls if one.group == group]
        for one in calls:
            if one.is_given_up or one.quiet >= min(seconds, self.seconds):
                raise SilentFileError(one.file, one.quiet)

    def check_file(self, path: Path) -> None:
        """See that no call that was given up waits for a file.

        Raises
        ------
        SilentFileError : one does
        """
        with self._lock:
            calls = [one for one in self._calls if one.is_given_up and one.touched == str(path)]
        for one in calls:
            raise SilentFileError(one.file, one.quiet)

    def silence_of(self, thread: threading.Thread | None) -> Silence | None:
        """Say which file a thread waits for; None if that is none of these calls, or answers."""
        late = max(SOON, self.seconds / 2)
        call = thread.call if isinstance(thread, _Hand) else None
        if call and (call.is_given_up or call.quiet >= late):
            return Silence(call.file, call.quiet)
        return None

    def silences(self) -> list[Silence]:
        """List the files that do not answer now, the longest first; each once."""
        with self._lock:
            quiet = [one for one in self._calls if one.is_given_up or one.quiet >= SOON]
        found: dict[str, float] = {}
        for one in quiet:
            found[one.file] = max(one.quiet, found.get(one.file, 0.0))
        every = [Silence(file, seconds) for file, seconds in found.items()]
        return sorted(every, key=lambda one: -one.seconds)

    def close(self) -> None:
        """Give up all calls that wait for a file, so that the process can end."""
        with self._lock:
            calls = list(self._calls)
        for one in calls:
            one.give_up(for_all=True)
            one.is_done.set()

    def _start(self, call: _Call) -> None:
        with self._lock:
            self._calls.add(call)
            while self._idle:
                hand = self._idle.pop()
                if hand.is_alive():  # in a forked process, none is
                    hand.calls.put(call)
                    return
        _Hand(call, self._over, self._leave).start()

    def _over(self, hand: _Hand, call: _Call) -> None:
        """Keep a thread for further calls, unless it was given up."""
        with self._lock:
            self._calls.discard(call)
            if not call.is_given_up:
                self._idle.append(hand)

    def _leave(self, hand: _Hand) -> bool:
        """Let a thread end that had nothing to do; not if it was given a call just now."""
        with self._lock:
            is_idle = hand in self._idle
            if is_idle:
                self._idle.remove(hand)
            return is_idle


class _GivenUpError(BaseException):
    """Ends the function of a call that nobody waits for any more."""


class _Hand(threading.Thread):
    """A thread that makes calls, one after the other, until one is given up.

    It does not keep the process from ending. To start one for each call takes 0.3 ms.
    """

    def __init__(
        self,
        first: _Call,
        when_over: Callable[[_Hand, _Call], None],
        may_leave: Callable[[_Hand], bool],
    ) -> None:
        super().__init__(name=BUSY, daemon=True)
        self.call: _Call | None = None  #: that it makes now
        self.calls: queue.Queue[_Call] = queue.Queue()
        self.calls.put(first)
        self._when_over, self._may_leave = when_over, may_leave

    def run(self) -> None:
        while (call := self._next()) is not None:
            self.name, self.call = BUSY, call
            call.make()
            self.name, self.call = RESTING, None
            self._when_over(self, call)
            call.is_done.set()
            if call.is_given_up:
                return
            del call  # and what it returned, while there is nothing to do

    def _next(self) -> _Call | None:
        while True:
            try:
                return self.calls.get(timeout=IDLE)
            except queue.Empty:
                if self._may_leave(self):
                    return None


class _Call:
    """A call, made in another thread."""

    def __init__(self, group: Hashable, function: Callable[[Touch], Any]) -> None:
        self.group = group
        self.is_done = threading.Event()
        self.is_given_up = False
        self.looks = 0  #: how many files were touched
        self.touched = ""
        self.value: Any = None
        self.error: Exception | None = None
        self._function = function
        self._since = time.monotonic()

    @property
    def quiet(self) -> float:
        """For how long nothing was heard [s]."""
        return time.monotonic() - self._since

    @property
    def file(self) -> str:
        """Folder and name of the file that was touched last."""
        return "/".join(Path(self.touched).parts[-2:]) or "a file"

    def give_up(self, for_all: bool) -> None:
        """End the function when it touches the next file."""
        self.is_given_up = True
        if not for_all:
            self.group = None

    def make(self) -> None:
        """Call the function."""
        try:
            self.value = self._function(self._touch)
        except _GivenUpError:
            pass
        except Exception as error:
            self.error = error

    def _touch(self, path: Path | str) -> None:
        if self.is_given_up:
            raise _GivenUpError
        self.touched = str(path)
        self.looks += 1
        self._since = time.monotonic()
