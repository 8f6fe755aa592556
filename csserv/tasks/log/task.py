"""The task: a submitted request, its state and its progress."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import uuid4

from csserv.errors import GranuleError, InvalidRequestError, TaskError, TaskLogError
from csserv.outputs.file_names import file_stem
from csserv.outputs.provenance import now
from csserv.request import Options, Request
from csserv.tasks.log.task_ids import as_uuid


class TaskState(StrEnum):
    """The state of a task."""

    QUEUED = "queued"  #: waiting for a runner
    RUNNING = "running"  #: claimed by a runner
    SUCCEEDED = "succeeded"  #: the result is on disk
    FAILED = "failed"  #: ended with an error
    CANCELLED = "cancelled"  #: stopped because the user asked

    @property
    def is_final(self) -> bool:
        """Whether the task has ended."""
        return self not in NEXT_STATES


#: state → states that may follow
NEXT_STATES = {
    TaskState.QUEUED: {TaskState.RUNNING, TaskState.CANCELLED},
    TaskState.RUNNING: {
        TaskState.SUCCEEDED,
        TaskState.FAILED,
        TaskState.CANCELLED,
        TaskState.QUEUED,  # its runner or a worker died, and attempts are left
    },
}

#: what a task prepares that makes time sums, of all cells
SUMS = "sums"

#: priorities; higher ones are claimed first
PRIORITIES = range(-10, 11)

#: texts are cut to these lengths, so that the log stays small [characters]
LONGEST_REASON, LONGEST_CLIENT = 2000, 100


@dataclass(frozen=True)
class RequestRecord:
    """A request as the log stores it, with the SHA-256 in place of the area."""

    dataset: str
    operation: str
    period: str
    area: str  #: SHA-256 of the area, which is a file beside the log
    area_title: str
    zones: int
    fingerprint: str
    files: int = 0  #: number of granules of the period at submit
    first_file: str = ""
    last_file: str = ""
    options: dict[str, Any] = field(default_factory=dict)  #: those that are not the default
    bytes: int = 0  #: uncompressed size of the chunks to read; the duration depends on it
    fetch: dict[str, Any] = field(default_factory=dict)  #: what a task fetches; empty for others
    #: "all", or "period": numbers of all data, or of the period, are only kept; or ``SUMS``
    prepare: str = ""

    @classmethod
    def of(cls, request: Request, files: Sequence[str] = (), size: int = 0) -> Self:
        """Make the record of a request.

        Parameters
        ----------
        files : names of the granules that it reads
        size : uncompressed size of the chunks that it reads [bytes]
        """
        return cls(
            **request.to_dict(),
            area_title=request.area.title,
            zones=len(request.area.zones),
            fingerprint=request.fingerprint,
            files=len(files),
            first_file=files[0] if files else "",
            last_file=files[-1] if files else "",
            bytes=size,
        )

    @property
    def has_result(self) -> bool:
        """Whether its task leaves a result when it succeeds."""
        return not (self.fetch or self.prepare)

    @property
    def what(self) -> str:
        """Its operation, as lists of tasks show it."""
        return f"prepare {self.operation}" if self.prepare else self.operation

    @property
    def file_stem(self) -> str:
        """Name of the files of its result, without ending."""
        step = Options.as_known(self.options).step_name
        return file_stem(self.dataset, self.operation, self.area_title, self.period, step)

    def check(self, names: Sequence[str]) -> None:
        """Check that no granule has vanished since the request was submitted.

        Parameters
        ----------
        names : of the granules that hold the period now

        Raises
        ------
        GranuleError : one has vanished; names it, or its neighbours
        """
        if len(names) >= self.files:
            return
        gone = [name for name in (self.first_file, self.last_file) if name not in names]
        which = f"{gone[0]} is gone" if gone else f"one between {names[0]} and {names[-1]} is gone"
        raise GranuleError(
            f"{self.dataset} had {self.files} files for {self.period} when this was submitted, "
            f"and has {len(names)} now: {which}"
        )


@dataclass(frozen=True)
class Task:
    """A submitted request: id, state, progress, attempts and outcome. Times are UTC."""

    id: str
    request: RequestRecord
    submitted: str
    client: str = ""  #: who submitted it
    priority: int = 0  #: -10 to 10; higher ones are claimed first
    state: TaskState = TaskState.QUEUED
    done: int = 0  #: time steps processed
    total: int = 0  #: time steps to process; 0 until known
    attempt: int = 0  #: number of the current attempt; 0 before the first
    attempts: int = 3  #: most attempts
    started: str | None = None
    finished: str | None = None
    lease_until: float | None = None  #: when its runner loses it, unless renewed [s since 1970]
    error: str | None = None
    request_id: str = ""  #: of the call that submitted it, as logs name it

    @classmethod
    def of(
        cls,
        request: RequestRecord,
        attempts: int,
        client: str = "",
        priority: int = 0,
        task_id: str = "",
        request_id: str = "",
    ) -> Self:
        """Make a queued task of a request.

        Parameters
        ----------
        attempts : most attempts
        task_id : a UUID; a new one if empty
        request_id : of the call that submits it

        Raises
        ------
        InvalidRequestError : the id is not a UUID, or the priority is outside -10 to 10
        """
        if priority not in PRIORITIES:
            raise InvalidRequestError(
                f"priority {priority} is outside {PRIORITIES[0]} to {PRIORITIES[-1]}"
            )
        return cls(
            id=as_uuid(task_id) if task_id else str(uuid4()),
            request=request,
            submitted=now(),
            client=client[:LONGEST_CLIENT],
            priority=priority,
            attempts=attempts,
            request_id=request_id[:LONGEST_CLIENT],
        )

    @property
    def progress(self) -> float:
        """Share of the work done [1], 0 to 1."""
        if self.state is TaskState.SUCCEEDED:
            return 1.0
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def seconds(self) -> float:
        """How long the last attempt took, or has taken so far [s]; 0 before it started."""
        if self.started is None:
            return 0.0
        end = datetime.fromisoformat(self.finished) if self.finished else datetime.now(UTC)
        seconds = (end - datetime.fromisoformat(self.started)).total_seconds()
        return max(0.0, seconds)  # clocks can be set back

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Say in a notebook what was asked, and how it stands; ``repr`` has all fields."""
        from csserv.tasks.log.progress import Progress  # it imports this module

        printer.text(f"{Progress.of(self)} ({self.id})")

    def move_to(self, state: TaskState, **changes: Any) -> Self:
        """Return the task in its next state.

        Raises
        ------
        TaskError : the state cannot follow the present one
        """
        if state not in NEXT_STATES.get(self.state, ()):
            raise TaskError(f"task {self.id} cannot go from {self.state} to {state}")
        return replace(self, state=state, **changes)

    def claimed(self, lease: float) -> Self:
        """Return the task at the start of its next attempt, with a lease of so many seconds."""
        return self.move_to(
            TaskState.RUNNING,
            attempt=self.attempt + 1,
            started=now(),
            lease_until=time.time() + lease,
            done=0,
            total=0,
        )

    def ended(self, state: TaskState, error: str | None = None, **outcome: Any) -> Self:
        """Return the task in a final state."""
        error = error and error[:LONGEST_REASON]
        return self.move_to(state, finished=now(), lease_until=None, error=error, **outcome)

    def requeued(self, reason: str) -> Self:
        """Return the task queued again, or failed if it has no attempts left."""
        if self.attempt < self.attempts:
            return self.move_to(TaskState.QUEUED, lease_until=None, error=reason, done=0)
        tried = f"{reason} (attempt {self.attempt} of {self.attempts})"
        return self.ended(TaskState.FAILED, tried)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as the log stores them."""
        # not by asdict: it copies all values deeply, 0.3 ms a task
        own = {name: getattr(self, name) for name in _TASK_NAMES}
        request = {name: getattr(self.request, name) for name in _REQUEST_NAMES}
        return own | {"request": request, "state": str(self.state)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Build a task from what the log stores; fields of newer versions are left out.

        Raises
        ------
        TaskLogError : it is no record of a task, or one that only a newer version understands
        """
        try:
            request = RequestRecord(**_known(plain["request"], _REQUEST_FIELDS))
            own = _known(plain, _TASK_FIELDS)
            return cls(**{**own, "request": request, "state": TaskState(plain["state"])})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            found = plain.get("id", "without an id")
            raise TaskLogError(
                f"the record of task {found} cannot be read ({_reason(error)}); "
                "a newer csserv may have written it, or run: csserv doctor"
            ) from None


_REQUEST_NAMES = tuple(one.name for one in fields(RequestRecord))
_TASK_NAMES = tuple(one.name for one in fields(Task))
_REQUEST_FIELDS, _TASK_FIELDS = frozenset(_REQUEST_NAMES), frozenset(_TASK_NAMES)


def _known(plain: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    if plain.keys() <= names:
        return plain
    return {name: value for name, value in plain.items() if name in names}


def _reason(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)
