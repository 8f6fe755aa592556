"""A runner for a notebook or script: a child process that ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from csserv.settings import Settings, as_variables
from csserv.tasks.log.leader import read_leader

#: time that a started runner has to take the lead before another one is started [s]
GRACE = 20.0

#: time that a runner has to end before it is killed [s]
LONGEST_END = 25.0


class BackgroundRunner:
    """Starts ``csserv run`` if no runner leads the log.

    The child holds one end of a pipe. When this process ends, for whatever reason, the pipe
    closes, and the child stops as soon as its queue is empty.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._started = -GRACE

    def ensure(self, is_led: Callable[[], bool]) -> None:
        """Start a runner, unless one leads or has just been started; one that hangs is ended."""
        self._end_hung()
        alive = self._child is not None and self._child.poll() is None
        if alive or time.monotonic() - self._started < GRACE or is_led():
            return
        if self._child is not None and self._child.stdin:
            self._child.stdin.close()
        self._child = self._start()
        self._started = time.monotonic()

    def _end_hung(self) -> None:
        leader = read_leader(self._settings.home) if self._child else None
        if self._child and leader and leader.is_silent and leader.pid == self._child.pid:
            self._child.kill()
            self._started = -GRACE
            with suppress(subprocess.TimeoutExpired):  # it may wait for a disk in the kernel
                self._child.wait(1.0)

    def close(self, wait: bool = True) -> None:
        """Stop the child, and wait until it has ended.

        Parameters
        ----------
        wait : first finish all tasks; if False, running tasks are queued again
        """
        if self._child is None:
            return
        if self._child.stdin:
            self._child.stdin.close()
        if not wait:
            self._child.terminate()
        self._await_end(None if wait else LONGEST_END)
        self._child = None

    def _await_end(self, seconds: float | None) -> None:
        """Wait for the child's end; one that hangs is killed, and left if even that is in vain."""
        end = None if seconds is None else time.monotonic() + seconds
        while self._child and (end is None or time.monotonic() < end + GRACE):
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(1.0)
                return
            self._end_hung()
            if end is not None and time.monotonic() > end:
                self._child.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        log = self._settings.home / "runner.log"
        variables = os.environ | {"CSSERV_LOG_FILE": str(log)} | as_variables(self._settings)
        variables.pop("NOTIFY_SOCKET", None)  # it is for this process
        with log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "csserv", "run", "--with-parent"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=variables,
                start_new_session=True,
            )
