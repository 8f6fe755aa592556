"""Gives calls to workers, and judges whether the data or the worker is at fault if one fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from itertools import takewhile

from csserv.catalog.read.source import Source
from csserv.errors import (
    GranuleError,
    StaleGranuleError,
    TaskCancelledError,
    TaskFailedError,
    UnfitWorkerError,
)
from csserv.machine.patience import Patience
from csserv.tasks.cluster.cluster import Cluster, Running, has_succeeded
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.blame import in_words, look_at, may_be_of_worker
from csserv.tasks.run.deadlines import Deadlines
from csserv.tasks.run.one_call import Call
from csserv.tasks.run.worker_trust import EVERYTHING, WorkerTrust

logger = logging.getLogger(__name__)

#: on so many workers a call must fail, or hang, before it is the data's fault
ENOUGH = 2

#: does something on the runner's loop for an attempt, if it is still there
Later = Callable[[Attempt, Callable[[], None]], None]


class Dispatch:
    """Chooses who does what; a failure that only one worker has costs the task no attempt.

    Parameters
    ----------
    floor : each call may take so long without a sign of progress [s]
    patience : for files that the runner looks at itself
    later : does something on the runner's loop
    """

    def __init__(self, cluster: Cluster, floor: float, patience: Patience, later: Later) -> None:
        self._cluster = cluster
        self._patience = patience
        self._later = later
        self._trust = WorkerTrust()
        self._deadlines = Deadlines(floor)
        self._names: Mapping[str, str] = {}  # address → name of workers that take calls
        self._replaced: set[str] = set()  # addresses of workers that are being replaced
        self._proofs: dict[str, tuple[Attempt, Call]] = {}  # dask key → in progress
        self._published: dict[str, str] = {"": ""}  # none, so that the first one is published

    def look(self) -> Sequence[str]:
        """Look which workers there are; return the addresses of those that take calls."""
        self._names = self._cluster.names()
        self._trust.see(self._names)
        self._replaced &= self._names.keys()
        reasons = self._trust.reasons()
        reasons |= {self._names[one]: "hangs, and is to be replaced" for one in self._replaced}
        if reasons != self._published:
            self._cluster.publish_set_aside(reasons)
            self._published = reasons
        return [one for one in self._names if one not in self._replaced]

    def start_next(self, address: str, attempts: Iterable[Attempt]) -> Running | None:
        """Give an idle worker a call, from the attempt with the fewest in progress."""
        name = self._names[address]
        chosen = self._choose(address, name, attempts)
        if chosen is None:
            return None
        attempt, call = chosen
        if call is not attempt.proof:
            return attempt.start(call, self._cluster, address, name)
        call = replace(call)  # several workers may be at it; how it failed is shared
        key, call.future = call.start(self._cluster, address, name, attempt.key)
        self._proofs[key] = (attempt, call)
        return call.future

    @property
    def set_aside(self) -> dict[str, str]:
        """Name of each worker that is given no calls, or none of a dataset → why."""
        return {name: why for name, why in self._published.items() if name}

    @property
    def proving(self) -> set[str]:
        """The addresses of workers that are about to prove themselves."""
        return {call.worker for _, call in self._proofs.values()}

    def workers_left(self, workers: Container[str]) -> None:
        """Forget the proofs of workers that have left."""
        for key, (_, call) in list(self._proofs.items()):
            if call.worker in workers:
                self._drop_proof(key)

    def handle_proof(self, future: Running) -> bool:
        """Handle the end of a proof; False if it is another call that has ended."""
        if str(future.key) not in self._proofs:
            return False
        attempt, call = self._proofs.pop(str(future.key))
        self._later(attempt, partial(self._judge_proof, attempt, call, future))
        return True

    def dead_end(self, attempt: Attempt) -> Exception | None:
        """Return the error of a waiting call that no other worker can try."""
        if not attempt.waiting:
            return None
        failed = takewhile(lambda call: call.failures, attempt.waiting)  # these are the first ones
        able = self._able(attempt.dataset)
        return next(filter(None, (one.dead_end(able) for one in (attempt.proof, *failed))), None)

    def why_waiting(self, attempt: Attempt) -> str:
        """Say why a task waits though there are workers; empty if it does not."""
        said = self._trust.reasons_for(attempt.dataset, self._names)
        if attempt.in_progress or not said or len(said) < len(self._names):
            return ""
        return f"waits, as all workers are set aside: {'; '.join(said)}"

    def finished(self, attempt: Attempt, call: Call) -> None:
        """Note that a worker has done a call: those that failed on it are set aside."""
        self._deadlines.measure(attempt.dataset, call)
        self._blame_others(attempt, call, call.worker_name)
        if any(one in call.sources for one in attempt.proof.sources):
            self._blame_others(attempt, attempt.proof, call.worker_name)

    def failed(self, attempt: Attempt, key: str, error: Exception) -> None:
        """Judge the failure of a call: have another worker try it, or raise the error.

        Raises
        ------
        Exception : the error, if it is a refusal in words, or other workers failed as well
        """
        if not may_be_of_worker(error, attempt):
            raise error
        self._judge(attempt, attempt.take_back(key), error)

    def late_calls(self, attempts: Iterable[Attempt]) -> None:
        """Look for calls that show no progress; their workers are replaced."""
        late = [
            (attempt, key, call)
            for attempt in attempts
            for key, call in attempt.in_progress.items()
            if self._deadlines.is_late(attempt.dataset, call)
        ]
        late += [
            (attempt, key, call)
            for key, (attempt, call) in self._proofs.items()
            if self._deadlines.is_late(attempt.dataset, call, is_proof=True)
        ]
        for attempt, key, call in late:
            if not call.is_late:
                call.is_late = True
                _in_thread(partial(self._ask_where, attempt, key, call))

    def _judge_proof(self, attempt: Attempt, call: Call, future: Running) -> None:
        """Trust a worker that has proved itself; judge why another has not."""
        if future.status == "cancelled":
            return
        if has_succeeded(future):
            self._trust.prove(call.worker, call.worker_name, attempt.dataset)
            self._blame_others(attempt, call, call.worker_name)
            return
        if not attempt.context.work.is_dir():  # given up meanwhile: it could not succeed
            return
        error = future.exception(timeout=10) or ConnectionError("the call was lost")
        if how := self._cluster.describe_death(error):
            attempt.proof.tries += 1
            if attempt.proof.tries >= attempt.task.attempts:
                raise TaskFailedError(f"{how} while it read {call.name}")
            return
        if not may_be_of_worker(error, attempt):
            raise error
        self._judge(attempt, call, error)

    def _judge(self, attempt: Attempt, call: Call, error: Exception) -> None:
        name = call.worker_name
        logger.warning("task %s: %s on worker %s: %s", attempt.task.id, call.name, name, error)
        if isinstance(error, UnfitWorkerError):
            self._set_aside(name, EVERYTHING, str(error))
        elif isinstance(error, TaskCancelledError):  # the folder is there, see below
            self._set_aside(name, EVERYTHING, f"does not see the folder {attempt.context.work}")
        elif isinstance(error, StaleGranuleError):
            self._set_aside(name, attempt.dataset, f"does not see the data: {error}")
            self._see_for_itself(attempt, call.sources, name)
        else:
            call.failures[name] = error
            if len(call.failures) >= ENOUGH:
                raise error

    def _choose(
        self, address: str, name: str, attempts: Iterable[Attempt]
    ) -> tuple[Attempt, Call] | None:
        found: tuple[Attempt, Call] | None = None
        for attempt in attempts:
            if found and len(attempt.in_progress) >= len(found[0].in_progress):
                continue
            if call := self._call_for(address, name, attempt):
                found = attempt, call
        return found

    def _call_for(self, address: str, name: str, attempt: Attempt) -> Call | None:
        if not attempt.waiting or not self._trust.may_serve(name, attempt.dataset):
            return None
        able = self._able(attempt.dataset)
        call = attempt.next_call(name, able)
        if call is None or not self._trust.needs_proof(address, attempt.dataset):
            return call
        return attempt.proof if attempt.proof.is_for(name, able) else None

    def _able(self, dataset: str) -> Set[str]:
        """Return the names of the workers that may be given calls of a dataset."""
        return {name for name in self._names.values() if self._trust.may_serve(name, dataset)}

    def _blame_others(self, attempt: Attempt, call: Call, name: str) -> None:
        """Set those aside that failed with what another worker has done."""
        for other, error in call.failures.items():
            if other != name:
                self._set_aside(other, attempt.dataset, in_words(error))
        call.failures.clear()

    def _drop_proof(self, key: str) -> Call:
        _, call = self._proofs.pop(key)
        if call.future is not None:
            call.future.cancel()
        return call

    def _see_for_itself(self, attempt: Attempt, sources: Sequence[Source], name: str) -> None:
        """Look, in a thread, at files that a worker does not find as they were planned."""

        def judge(error: GranuleError | None) -> None:
            """Take the worker's side, if the files are not as planned."""
            if error is not None:
                self._trust.clear(name, attempt.dataset)
                raise error

        def look() -> None:
            """Look at the files, and judge on the runner's loop."""
            error = look_at(sources, self._patience)
            self._later(attempt, partial(judge, error))

        _in_thread(look)

    def _ask_where(self, attempt: Attempt, key: str, call: Call) -> None:
        """Ask a worker that hangs which file it reads; runs in a thread, as it may not answer."""
        file = ""
        try:
            file = self._cluster.read_by(call.worker) if call.sources else ""
        finally:  # whatever befalls the question, the worker is replaced
            self._later(attempt, partial(self._give_to_another, attempt, key, file or call.name))

    def _give_to_another(self, attempt: Attempt, key: str, file: str) -> None:
        """Take a call from a worker that hangs.

        Raises
        ------
        TaskFailedError : it hung on another one as well
        """
        if is_proof := key in self._proofs:
            call, counted = self._drop_proof(key), attempt.proof
        elif key in attempt.in_progress:
            call = counted = attempt.take_back(key)
        else:  # it was done meanwhile
            return
        self._replaced.add(call.worker)
        _in_thread(partial(self._cluster.replace, call.worker))
        seconds = self._deadlines.longest(attempt.dataset, is_proof)
        counted.hung += 1
        said = f"{file} hangs: no progress for {seconds:.0f} s"
        name = call.worker_name
        logger.warning("task %s: worker %s: %s", attempt.task.id, name, said)
        counted.failures[name] = TaskFailedError(said)
        if attempt.is_done:  # another worker has read it
            self._blame_others(attempt, counted, "")
        if counted.hung >= ENOUGH:
            raise TaskFailedError(f"{said}, {counted.hung} times")

    def _set_aside(self, name: str, dataset: str, reason: str) -> None:
        self._trust.set_aside(name, dataset, reason)
        logger.warning("worker %s is set aside: %s", name, reason)


def _in_thread(act: Callable[[], None]) -> None:
    threading.Thread(target=act, daemon=True).start()
