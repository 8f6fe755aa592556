"""The dask cluster, as the runner and administrators use it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from distributed import Client, Future, KilledWorker
from distributed.comm.core import CommClosedError

from csserv.tasks.cluster.dask_pages import WebPages, open_web_pages
from csserv.tasks.cluster.presence import (
    CallCounter,
    describe,
    drain,
    leave_by_nanny,
    leave_now,
    unusable_folders,
    versions,
)
from csserv.tasks.cluster.worker_info import WorkerInfo

#: a call that runs or waits on a worker
Running = Future[Any]


def has_succeeded(call: Running) -> bool:
    """Whether a call has done its work, of which we are told once.

    If its worker leaves just then, dask calls it lost, as its answer went along, and computes it
    again: who asks for its error waits for that. What it wrote is there, and of its answer nothing
    is needed.
    """
    return call.status in ("finished", "lost")


#: longest time that the list of workers is cached [s]
LIST_MAX_AGE = 0.5

#: longest time to wait for a worker's answer [s]
ANSWER_TIMEOUT = 5.0

#: longest time to wait until a worker has been replaced [s]
REPLACE_TIMEOUT = 30.0

#: where the scheduler keeps name → reason of the workers that are set aside
ASIDE = "csserv-set-aside"

#: dask resource of workers that the runner started, and replaces when they leave
KEPT = "kept"


@dataclass(frozen=True)
class WorkerDifference:
    """What differs between a worker and this process; empty texts if nothing does."""

    versions: str  #: packages of another version
    folders: str  #: folders that the worker cannot use


class Cluster:
    """A dask scheduler and its workers."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._over_memory: set[str] = set()
        self.memory: dict[str, int] = {}  #: name of worker → what it uses, as last seen [bytes]
        self._is_counting = False
        #: the last two lists of workers: time [s], address → status and name
        self._looks: deque[tuple[float, dict[str, tuple[str, str]]]] = deque(maxlen=2)

    @property
    def address(self) -> str:
        """Address of the scheduler."""
        return str(self._client.scheduler_info(n_workers=0)["address"])

    @property
    def is_connected(self) -> bool:
        """Whether the scheduler is there; if not, calls in progress are lost."""
        return bool(self._client.status == "running")

    def addresses(self) -> list[str]:
        """List the addresses of the workers that take new calls."""
        return list(self.names())

    def names(self) -> dict[str, str]:
        """Return address → name of the workers that take new calls.

        A worker that is started anew by its nanny keeps its name, and has another address.
        """
        found = self._seen().items()
        return {address: name for address, (status, name) in found if status == "running"}

    def missing(self, addresses: Iterable[str]) -> set[str]:
        """Return those addresses whose workers have left.

        A worker must be missing from two lists: news of its death may arrive separately.
        """
        self._seen()
        return {one for one in addresses if not any(one in look for _, look in self._looks)}

    def submit(self, function: Callable[..., Any], *args: Any, key: str, worker: str) -> Running:
        """Start a call on one worker."""
        # without allow_other_workers: with it, a call that found no worker waited for ever,
        # even when new ones came (distributed 2026.8)
        return self._client.submit(
            function, *args, key=key, workers=[worker], pure=False, retries=0
        )

    def watch(self, handler: Callable[[dict[str, Any]], None], topic: str) -> None:
        """Pass each message of a topic to ``handler``, on dask's event loop: only enqueue there."""
        self._count_calls()
        self._client.subscribe_topic(topic, lambda event: handler(event[1]))
        self._client.subscribe_topic(
            "worker-restart-memory", lambda event: self._over_memory.add(str(event[1]["worker"]))
        )

    def describe_death(self, error: BaseException) -> str | None:
        """Say in words how a worker died during a call; None if the error is another one."""
        if not isinstance(error, KilledWorker):
            return None
        if error.last_worker.address in self._over_memory:
            limit = error.last_worker.memory_limit / 2**20
            return f"a worker went over its memory limit ({limit:.0f} MiB)"
        return "a worker died"

    def workers(self) -> list[WorkerInfo]:
        """List the workers, sorted by their names."""
        self._count_calls()
        known = self._workers()
        answers = self._ask(describe, list(known))
        aside = self.set_aside()
        found = [
            _info(address, info, answers.get(address), aside.get(str(info.get("name")), ""))
            for address, info in known.items()
        ]
        return sorted(found, key=lambda one: one.uuid)

    def set_aside(self) -> dict[str, str]:
        """Return name → reason of the workers that the runner gives nothing, or not everything."""
        return dict(self._client.get_metadata([ASIDE], {}))

    def publish_set_aside(self, reasons: Mapping[str, str]) -> None:
        """Let all who look at the cluster see which workers are set aside, and why."""
        with suppress(OSError, TimeoutError):  # the scheduler is lost: the next one is told
            self._client.set_metadata([ASIDE], dict(reasons))

    def read_by(self, address: str) -> str:
        """Return the name of the file that a worker is about to read; empty if it does not say."""
        return str(self._ask(describe, [address]).get(address, {}).get("file", ""))

    def replace(self, address: str) -> None:
        """End a worker's process, whatever it does, and have its nanny start another one.

        One whose nanny does not answer is no longer listed; one without a nanny stays as it is.
        """
        with suppress(OSError, TimeoutError, ValueError):  # ValueError: it left just then
            self._client.restart_workers([address], timeout=REPLACE_TIMEOUT, raise_for_error=False)

    def inspect(
        self, readable: Sequence[Path], writable: Sequence[Path]
    ) -> dict[str, WorkerDifference]:
        """Compare each worker with this process: other versions, and folders it cannot use.

        Returns
        -------
        address of each worker → what differs
        """
        known = self._workers()
        own = versions()
        theirs = self._ask(versions, list(known))
        folders = self._ask(unusable_folders, list(known), readable, writable)
        return {
            address: WorkerDifference(
                ", ".join(
                    f"{name} {found} (here {own[name]})"
                    for name, found in theirs.get(address, {"csserv": "no answer"}).items()
                    if own[name] != found
                ),
                ", ".join(folders.get(address, [])),
            )
            for address in known
        }

    def drain(self, addresses: Sequence[str]) -> None:
        """Let workers finish their calls, take no new ones, and leave."""
        self._count_calls()
        self._ask(drain, addresses)

    def close(self, addresses: Sequence[str]) -> None:
        """Let workers leave at once; dask gives their calls to others.

        Those that do not answer are ended by their nannies.
        """
        self._count_calls()
        answers = self._ask(leave_now, addresses)
        silent = [one for one in addresses if one not in answers]
        self._ask(leave_by_nanny, silent, nanny=True)

    def web_pages(self) -> WebPages:
        """Switch dask's own dashboard on, if it is off, and return its address."""
        return WebPages.of(self.address, self._client.run_on_scheduler(open_web_pages))

    def _seen(self) -> dict[str, tuple[str, str]]:
        """Return address → status and name of all workers, at most half a second old."""
        if not self._looks or time.monotonic() - self._looks[-1][0] >= LIST_MAX_AGE:
            known = self._workers() if self.is_connected else {}
            seen = {
                address: (str(info.get("status")), str(info.get("name") or address))
                for address, info in known.items()
            }
            self._looks.append((time.monotonic(), seen))
            self.memory = {
                str(info.get("name") or address): int(info.get("metrics", {}).get("memory", 0))
                for address, info in known.items()
            }
        return self._looks[-1][1]

    def _workers(self) -> dict[str, dict[str, Any]]:
        return dict(self._client.scheduler_info(n_workers=-1)["workers"])

    def _count_calls(self) -> None:
        """Install the call counter on all workers, present and future ones."""
        if not self._is_counting:
            try:
                self._client.register_plugin(CallCounter())
            except CommClosedError:  # a worker ended just then; the scheduler knows it soon
                time.sleep(0.5)
                self._client.register_plugin(CallCounter())
            self._is_counting = True

    def _ask(
        self,
        function: Callable[..., Any],
        addresses: Sequence[str],
        *args: Any,
        nanny: bool = False,
    ) -> dict[str, Any]:
        """Run a function on the event loops of workers; those that do not answer are left out.

        Parameters
        ----------
        nanny : run it on those of their nannies
        """

        async def ask(address: str) -> dict[str, Any]:
            """Return the answer of one worker, or an empty dict."""
            question = self._client.run(
                function, *args, workers=[address], nanny=nanny, on_error="ignore"
            )
            try:
                return dict(await asyncio.wait_for(question, ANSWER_TIMEOUT))
            except (OSError, TimeoutError, ValueError):
                return {}

        async def ask_all() -> dict[str, Any]:
            # one by one, so that a worker that hangs does not hide the others
            """Return the answers of all workers by address."""
            answers = await asyncio.gather(*map(ask, addresses))
            return {address: answer for one in answers for address, answer in one.items()}

        return dict(self._client.sync(ask_all))


def _info(
    address: str, info: dict[str, Any], answer: dict[str, Any] | None, aside: str
) -> WorkerInfo:
    answer = answer or {"task": "", "done": 0, "since": 0.0, "state": "silent"}
    since = datetime.fromtimestamp(answer["since"], UTC).isoformat(timespec="seconds")
    return WorkerInfo(
        uuid=str(info.get("name", "")),
        host=str(info.get("host", "")),
        state="aside" if aside and answer["state"] == "idle" else answer["state"],
        task=answer["task"],
        done=answer["done"],
        memory=int(info.get("metrics", {}).get("memory", 0)),
        memory_limit=int(info.get("memory_limit") or 0),
        since=since.replace("+00:00", "Z") if answer["since"] else "",
        address=address,
        is_kept=KEPT in info.get("resources", {}),
        set_aside=aside,
    )
