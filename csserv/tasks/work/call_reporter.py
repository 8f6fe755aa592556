"""Says how far a call is, and ends it once its attempt was given up."""

from __future__ import annotations

import time
from typing import TypeVar

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid
from csserv.errors import TaskCancelledError
from csserv.tasks.work.attempt_context import AttemptContext
from csserv.tasks.work.parts import load_weights
from csserv.tasks.work.reporting import PROGRESS, send
from csserv.zonal.weights import Weights

Item = TypeVar("Item")


class Reporter:
    """Reports the progress of a call, at most ten times a second; stops it after a cancel."""

    def __init__(self, context: AttemptContext, number: int) -> None:
        self._context = context
        self._number = number
        self._last = time.monotonic()
        self._share = 0.0

    def report(self, share: float) -> None:
        """Report the share of the block that is done, 0 to 1; look whether it was given up."""
        self._share = share
        if time.monotonic() - self._last >= 0.1:
            self.check()
            message = {"task": self._context.task, "attempt": self._context.attempt}
            send(PROGRESS, message | {"block": self._number, "share": share})
            self._last = time.monotonic()

    def check(self) -> None:
        """Raise TaskCancelledError if the attempt was given up: its folder is gone."""
        if not self._context.work.is_dir():
            raise TaskCancelledError(f"task {self._context.task} was given up")

    def go_on(self) -> None:
        """Say that the call goes on; raise TaskCancelledError if the attempt was given up."""
        self.report(self._share)

    def load_weights(self, grid: Grid | CurvedGrid) -> Weights:
        """Read the weights, unless the attempt was given up."""
        try:
            return load_weights(self._context.weights(grid), grid)
        except FileNotFoundError:
            self.check()
            raise

    def unless_cancelled(self, item: Item) -> Item:
        """Return an item, unless the attempt was given up; says that the call goes on."""
        self.go_on()
        return item
