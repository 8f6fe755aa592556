"""One call to a worker: what is called, how it goes, and on which workers it failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from typing import Any

from csserv.catalog.read.source import Source
from csserv.tasks.cluster.call_keys import call_key
from csserv.tasks.cluster.cluster import Cluster, Running


@dataclass(eq=False)
class Call:
    """One call to a worker; it is repeated if the worker dies."""

    name: str  #: in words, for error messages
    function: Callable[..., None]
    args: tuple[Any, ...]
    number: int = -1  #: of its block; -1 if it has none
    steps: float = 0.0  #: number of the data's steps it reads; its part of those that blocks share
    reported: float = 0.0  #: how many of these the worker has reported as done
    tries: int = 0
    worker: str = ""  #: address of the worker that it was given to last
    worker_name: str = ""
    future: Running | None = None
    sources: tuple[Source, ...] = ()  #: what it reads
    started: float = 0.0  #: when it was given to that worker [s, monotonic]
    last_sign: float = 0.0  #: when it was started, or reported [s, monotonic]
    silence: float = 0.0  #: longest time without a sign [s]
    is_late: bool = False  #: whether it is found to hang, and its worker is being replaced
    hung: int = 0  #: how often a worker hung over it
    failures: dict[str, Exception] = field(default_factory=dict)  #: name of worker → its error

    def start(self, cluster: Cluster, worker: str, name: str, attempt: str) -> tuple[str, Running]:
        """Start it on a worker with this address and name; return its dask key and its future.

        Parameters
        ----------
        attempt : id of the task, a dot, number of the attempt
        """
        self.tries += 1
        self.reported = 0
        self.worker, self.worker_name = worker, name
        self.started = time.monotonic()
        self.last_sign, self.silence, self.is_late = self.started, 0.0, False
        key = call_key(self.function.__name__, attempt)
        return key, cluster.submit(self.function, *self.args, key=key, worker=worker)

    def show_sign(self) -> None:
        """Note that it goes on."""
        now = time.monotonic()
        self.silence = max(self.silence, now - self.last_sign)
        self.last_sign = now

    def is_for(self, name: str, able: Set[str]) -> bool:
        """Whether a worker should try it; one that it failed on only if all others hung as well.

        Parameters
        ----------
        able : names of all workers that may be given calls of the dataset
        """
        if name not in self.failures:
            return True
        return self.hung > 0 and not able - self.failures.keys()

    def dead_end(self, able: Set[str]) -> Exception | None:
        """Return the error that it failed with, if no worker is left to try it."""
        if self.failures and not self.hung and able and not able - self.failures.keys():
            return next(reversed(self.failures.values()))
        return None
