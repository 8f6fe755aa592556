"""Messages from workers to the runner about their progress, sent by dask's event topics."""

from __future__ import annotations

from typing import Any

from distributed import get_worker

#: topics: progress of blocks; progress of merges
PROGRESS, MERGES = "csserv-progress", "csserv-optimise"


def send(topic: str, message: dict[str, Any]) -> None:
    """Send a message on a topic; outside a dask worker, nothing is sent."""
    try:
        worker = get_worker()
    except ValueError:
        return
    worker.log_event(topic, message)
