"""A filter for listing tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from csserv.errors import InvalidRequestError
from csserv.request.plain_text import check_text
from csserv.tasks.log.task import TaskState


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks to list; None matches any."""

    since: str | None = None  #: submitted at or after this moment or day, ISO 8601, UTC
    state: TaskState | None = None
    client: str | None = None
    dataset: str | None = None
    after: tuple[str, str] | None = None  #: older than a task of this moment and id

    def __post_init__(self) -> None:
        for name in ("state", "client", "dataset"):
            check_text(getattr(self, name), name)
        for part in self.after or ():
            check_text(part, "after")
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

    def passes(self, record: Mapping[str, Any]) -> bool:
        """Whether a task matches, given as the log stores it."""
        return (
            (self.since is None or record["submitted"] >= self.since)
            and self.state in (None, record["state"])
            and self.client in (None, record.get("client", ""))
            and self.dataset in (None, record["request"]["dataset"])
            and (self.after is None or age(record) < self.after)
        )


def age(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return by what tasks are listed: when one was submitted, and its id."""
    return record["submitted"], record["id"]
