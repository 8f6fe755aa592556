"""The pool of workers, for administrators: list, start, drain, stop and recycle workers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from csserv.errors import InvalidRequestError, SettingsError, UnknownWorkerError
from csserv.settings import Settings
from csserv.tasks.cluster.worker_info import WorkerInfo

if TYPE_CHECKING:  # dask is slow to import
    from csserv.tasks.cluster.cluster import Cluster
    from csserv.tasks.cluster.dask_pages import WebPages

#: most workers for each core of a machine; more would only wait for each other
MOST_A_CORE = 4

#: a started worker is late after the first time, and given up after the second [s]
LATE_AFTER, GIVEN_UP_AFTER = 90.0, 900.0


class ClusterSource(Protocol):
    """A connection to the cluster, opened at the first use."""

    def cluster(self) -> Cluster:
        """Return the cluster; raises SettingsError if there is none."""

    def close(self) -> None:
        """Close the connection."""


class WorkerPool:
    """The workers of the settings' scheduler, or else of the runner's cluster.

    All methods may be called from several threads.

    Raises
    ------
    SettingsError : by all methods: no scheduler is set and no runner works, it has no workers
        yet, or no scheduler answers
    UnknownWorkerError : by those that take a uuid: no worker has it
    """

    def __init__(self, settings: Settings, source: ClusterSource) -> None:
        self._settings = settings
        self._source = source
        self._starting: dict[str, float] = {}  # uuid → start time [s]

    def list(self) -> list[WorkerInfo]:
        """List the workers, sorted by their uuids."""
        with _scheduler_errors():
            found = self._cluster().workers()
        for one in found:
            self._starting.pop(one.uuid, None)
        return found

    def starting(self) -> tuple[set[str], set[str]]:
        """Return the uuids of started workers that are still expected, and of the late ones."""
        now = time.monotonic()
        ages = {name: now - then for name, then in list(self._starting.items())}
        late = {name for name, age in ages.items() if LATE_AFTER < age <= GIVEN_UP_AFTER}
        return {name for name, age in ages.items() if age <= LATE_AFTER}, late

    def start(self, count: int = 1) -> Sequence[str]:
        """Start workers on this machine and return their uuids; they appear after some seconds.

        Raises
        ------
        InvalidRequestError : there would be more than four for each core of this machine
        SettingsError : the scheduler is on another machine, and there is no TLS
        """
        from csserv.tasks.cluster.worker_processes import is_here

        address = self._cluster().address
        here = sum(is_here(one.host, address) for one in self.list())
        check_count(count, here + len(self.starting()[0]), os.cpu_count() or 1)
        return self._start(count)

    def stop(self, uuid: str, now: bool = False) -> WorkerInfo:
        """Let a worker finish its call, take no new one, and leave.

        Parameters
        ----------
        now : leave at once; another worker repeats the call
        """
        return self._dismiss(lambda known: [_find(uuid, known)], now)[0]

    def stop_all(self, now: bool = False) -> Sequence[WorkerInfo]:
        """Let all workers leave, as :meth:`stop` does."""
        return self._dismiss(lambda known: known, now)

    def recycle(self, uuid: str) -> WorkerInfo:
        """Replace a worker: start another one, and let this one leave as :meth:`stop` does.

        Raises
        ------
        InvalidRequestError : it runs on another machine, where none can be started from here
        """
        from csserv.tasks.cluster.worker_processes import is_here

        cluster = self._cluster()
        old = _find(uuid, self.list())
        if not old.is_kept:  # else the runner starts one
            if not is_here(old.host, cluster.address):
                raise InvalidRequestError(
                    f"worker {uuid} runs on {old.host}: start another one there, then drain this"
                )
            self._start(1)
        with _scheduler_errors():
            cluster.drain([old.address])
        return old

    def web_pages(self) -> WebPages:
        """Switch dask's own dashboard on, if it is off, and return its address."""
        with _scheduler_errors():
            return self._cluster().web_pages()

    def close(self) -> None:
        """Close the connection."""
        self._source.close()

    def _start(self, count: int) -> Sequence[str]:
        from csserv.tasks.cluster.worker_processes import start_workers

        names = [str(uuid4()) for _ in range(count)]
        start_workers(self._settings, self._cluster().address, names)
        self._starting |= dict.fromkeys(names, time.monotonic())
        return names

    def _dismiss(
        self, choose: Callable[[Sequence[WorkerInfo]], Iterable[WorkerInfo]], now: bool
    ) -> Sequence[WorkerInfo]:
        cluster = self._cluster()
        chosen = list(choose(self.list()))
        with _scheduler_errors():
            (cluster.close if now else cluster.drain)([one.address for one in chosen])
        return chosen

    def _cluster(self) -> Cluster:
        with _scheduler_errors():
            return self._source.cluster()


def check_count(count: int, here: int, cores: int) -> None:
    """Check that this machine can take more workers.

    Parameters
    ----------
    count : how many to start
    here : how many run here already
    cores : of this machine

    Raises
    ------
    InvalidRequestError : there would be more than ``MOST_A_CORE`` for each core, or ``count`` < 1

    >>> check_count(2, 6, 2)
    >>> check_count(3, 6, 2)
    Traceback (most recent call last):
    csserv.errors.InvalidRequestError: 3 more workers are too many: this machine has 2 cores, ...
    """
    most = MOST_A_CORE * cores
    if count < 1:
        raise InvalidRequestError(f"{count} workers cannot be started; start 1 or more")
    if here + count > most:
        raise InvalidRequestError(
            f"{count} more workers are too many: this machine has {cores} cores, so {most} may "
            f"run here, and {here} do"
        )


@contextmanager
def _scheduler_errors() -> Iterator[None]:
    """Raise SettingsError if the scheduler closes now, or is another program."""
    try:
        yield
    except (OSError, ImportError) as error:
        why = str(error) or "they do not answer"
        raise SettingsError(f"the workers and their scheduler cannot be asked now: {why}") from None


def _find(uuid: str, known: Iterable[WorkerInfo]) -> WorkerInfo:
    by_uuid = {one.uuid: one for one in known}
    if uuid not in by_uuid:
        raise UnknownWorkerError(uuid, by_uuid)
    return by_uuid[uuid]
