"""Messages from workers to the runner about their progress, sent by dask's event topics."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from distributed import get_worker

#: topics: progress of blocks; progress of merges
PROGRESS, MERGES = "csserv-progress", "csserv-optimise"


def note_file(name: str) -> None:
    """Note which file is about to be read, for who asks the worker while its thread hangs."""
    with suppress(ValueError):  # outside a dask worker
        worker: Any = get_worker()
        worker.csserv_file = name


def send(topic: str, message: dict[str, Any]) -> None:
    """Send a message on a topic; outside a dask worker, nothing is sent."""
    sender(topic)(message)


def sender(topic: str) -> Callable[[dict[str, Any]], object]:
    """Return what sends messages on a topic, from any thread; nothing outside a dask worker.

    To be asked for by the thread that runs the call: others have no worker, as dask sees it.
    """
    try:
        return partial(get_worker().log_event, topic)
    except ValueError:
        return lambda _: None
