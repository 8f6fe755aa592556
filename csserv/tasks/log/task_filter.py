"""A filter for listing tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from csserv.errors import InvalidRequestError
from csserv.tasks.log.task import Task, TaskState


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks to list; None matches any."""

    since: str | None = None  #: submitted at or after this moment or day, ISO 8601, UTC
    state: TaskState | None = None
    client: str | None = None
    dataset: str | None = None
    after: tuple[str, str] | None = None  #: older than a task of this moment and id

    def __post_init__(self) -> None:
        if self.since is None:
            return
        try:
            moment = datetime.fromisoformat(self.since)
        except ValueError:
            raise InvalidRequestError(
                f"since {self.since!r} is no moment; write 2026-03-01 or 2026-03-01T12:00"
            ) from None
        utc = moment.astimezone(UTC) if moment.tzinfo else moment
        object.__setattr__(self, "since", utc.replace(tzinfo=None).isoformat())

    def passes(self, task: Task) -> bool:
        """Whether a task matches."""
        return (
            (self.since is None or task.submitted >= self.since)
            and self.state in (None, task.state)
            and self.client in (None, task.client)
            and self.dataset in (None, task.request.dataset)
            and (self.after is None or (task.submitted, task.id) < self.after)
        )
