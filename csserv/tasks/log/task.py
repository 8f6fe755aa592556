"""The task: one submitted request and how far it has come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID, uuid4

from csserv.errors import GranuleError, InvalidRequestError, TaskError
from csserv.outputs.provenance import now
from csserv.request import Request


class TaskState(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"  #: waiting for a runner
    RUNNING = "running"  #: claimed by a runner
    SUCCEEDED = "succeeded"  #: the result is on disk
    FAILED = "failed"  #: ended with an error
    CANCELLED = "cancelled"  #: stopped because the user asked

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self not in NEXT_STATES


#: state → the states that may follow
NEXT_STATES = {
    TaskState.QUEUED: {TaskState.RUNNING, TaskState.CANCELLED},
    TaskState.RUNNING: {
        TaskState.SUCCEEDED,
        TaskState.FAILED,
        TaskState.CANCELLED,
        TaskState.QUEUED,  # its runner or a worker died, attempts are left
    },
}

#: higher ones are taken first
PRIORITIES = range(-10, 11)

#: longer texts are cut, so that the log stays small
LONGEST_REASON, LONGEST_CLIENT = 2000, 100


@dataclass(frozen=True)
class RequestRecord:
    """A request as the log keeps it: its area by content hash."""

    dataset: str
    operation: str
    period: str
    area: str  #: SHA-256 of the area, which is stored beside the log
    area_title: str
    zones: int
    fingerprint: str
    files: int = 0  #: how many granules held the period when it was submitted
    first_file: str = ""
    last_file: str = ""
    options: dict[str, Any] = field(default_factory=dict)  #: those that are not the default
    bytes: int = 0  #: of the chunks to be read, unpacked: what its time goes with

    @classmethod
    def of(cls, request: Request, files: Sequence[str] = (), size: int = 0) -> Self:
        """Note down a request, the names of the granules that it reads, and their size [bytes]."""
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

    def check(self, names: Sequence[str]) -> None:
        """See that no granule has vanished since the request was submitted.

        Raises
        ------
        GranuleError : one has; names it, or its neighbours
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
    client: str = ""  #: who asked
    priority: int = 0  #: higher ones are taken first, -10 to 10
    state: TaskState = TaskState.QUEUED
    done: int = 0  #: time steps processed
    total: int = 0  #: time steps to process, 0 until known
    attempt: int = 0  #: how often it was claimed
    attempts: int = 3  #: how often it may be claimed
    started: str | None = None
    finished: str | None = None
    lease_until: float | None = None  #: seconds since 1970; a runner that is silent loses the task
    error: str | None = None

    @classmethod
    def of(
        cls,
        request: RequestRecord,
        attempts: int,
        client: str = "",
        priority: int = 0,
        task_id: str = "",
    ) -> Self:
        """Make a task of a request.

        Raises
        ------
        InvalidRequestError : the id is no UUID, or the priority outside -10 to 10
        """
        if priority not in PRIORITIES:
            raise InvalidRequestError(
                f"priority {priority} is outside {PRIORITIES[0]} to {PRIORITIES[-1]}"
            )
        return cls(
            id=_uuid(task_id) if task_id else str(uuid4()),
            request=request,
            submitted=now(),
            client=client[:LONGEST_CLIENT],
            priority=priority,
            attempts=attempts,
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
        return max(0.0, seconds)  # a clock may be set back

    def move_to(self, state: TaskState, **changes: Any) -> Self:
        """Return the task in its next state.

        Raises
        ------
        TaskError : the state cannot follow on the present one
        """
        if state not in NEXT_STATES.get(self.state, ()):
            raise TaskError(f"task {self.id} cannot go from {self.state} to {state}")
        return replace(self, state=state, **changes)

    def claimed(self, lease: float) -> Self:
        """Return the task as it is at the start of its next attempt, for ``lease`` seconds."""
        return self.move_to(
            TaskState.RUNNING,
            attempt=self.attempt + 1,
            started=now(),
            lease_until=time.time() + lease,
            done=0,
            total=0,
        )

    def ended(self, state: TaskState, error: str | None = None, **outcome: Any) -> Self:
        """Return the task as it ended."""
        error = error and error[:LONGEST_REASON]
        return self.move_to(state, finished=now(), lease_until=None, error=error, **outcome)

    def given_back(self, reason: str) -> Self:
        """Return the task queued again, or failed when its attempts are used up."""
        if self.attempt < self.attempts:
            return self.move_to(TaskState.QUEUED, lease_until=None, error=reason, done=0)
        tried = f"{reason} (attempt {self.attempt} of {self.attempts})"
        return self.ended(TaskState.FAILED, tried)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as the log keeps them."""
        return asdict(self) | {"state": str(self.state)}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Self:
        """Build a task from what the log keeps."""
        typed = {"request": RequestRecord(**plain["request"]), "state": TaskState(plain["state"])}
        return cls(**{**plain, **typed})


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise InvalidRequestError(
            f"task id {text!r} is no UUID, such as 0b6f9d2e-6a0c-4f0e-9d0a-1c2b3d4e5f60"
        ) from None
