"""A scheduler that forgets the tasks that are done: dask keeps a span of each for ever."""

from __future__ import annotations

from typing import Any

from distributed.spans import SpansSchedulerExtension


class NoSpans(SpansSchedulerExtension):
    """Keeps nothing of the calls that a scheduler was given, nor of what workers say of them.

    A span has the groups of its tasks, and these theirs; each submission makes one, and none is
    ever dropped (distributed 2026.8). Without it, heartbeats of workers would fail.
    """

    def observe_tasks(self, *seen: Any, **facts: Any) -> dict[Any, dict[str, Any]]:
        """Put nothing down."""
        return {}

    def heartbeat(self, *said: Any) -> None:
        """Put nothing down."""
