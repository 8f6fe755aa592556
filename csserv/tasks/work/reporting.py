"""How a worker tells the runner how far it is: messages by topic, which dask carries."""

from __future__ import annotations

from typing import Any

from distributed import get_worker

#: blocks of tasks; merges of files
PROGRESS, MERGES = "csserv-progress", "csserv-optimise"


def tell(topic: str, message: dict[str, Any]) -> None:
    """Send a message to those who listen to a topic; nobody does outside a dask worker."""
    try:
        worker = get_worker()
    except ValueError:
        return
    worker.log_event(topic, message)
