"""A runner in the background of a notebook or script: a process of its own, that ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from csserv.settings import Settings, as_variables

#: after a start, give the runner so long to lead before another is tried [s]
GRACE = 20.0


class BackgroundRunner:
    """Starts ``csserv run`` when no runner leads.

    The child holds a pipe of this process: when this process ends, however it ends, the pipe
    closes, and the child stops once its queue is empty.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._started = -GRACE

    def ensure(self, is_led: Callable[[], bool]) -> None:
        """Start a runner unless one leads or has just been started."""
        alive = self._child is not None and self._child.poll() is None
        if alive or time.monotonic() - self._started < GRACE or is_led():
            return
        self._child = self._start()
        self._started = time.monotonic()

    def close(self, wait: bool = True) -> None:
        """End the child and wait for its end.

        Parameters
        ----------
        wait : until its queue is empty; else, what it has in hand is queued again
        """
        if self._child is None:
            return
        if self._child.stdin:
            self._child.stdin.close()
        if not wait:
            self._child.terminate()
        self._child.wait()
        self._child = None

    def _start(self) -> subprocess.Popen[bytes]:
        log = self._settings.home / "runner.log"
        with log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "csserv", "run", "--with-parent"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=os.environ | as_variables(self._settings),
                start_new_session=True,
            )
