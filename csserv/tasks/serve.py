"""The runner's process: wait to lead, open the cluster, run until told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csserv.catalog import Catalog
from csserv.errors import SettingsError
from csserv.settings import Settings
from csserv.tasks.cluster import open_cluster
from csserv.tasks.log import TaskLog
from csserv.tasks.runner import Runner, lead


def run_tasks(
    settings: Settings,
    should_stop: Callable[[], bool],
    stops_when_empty: Callable[[], bool],
    say: Callable[[str], None],
) -> None:
    """Lead the log and run its tasks.

    Parameters
    ----------
    should_stop : stop now; tasks in hand are queued again
    stops_when_empty : stop as soon as no task is queued or in hand
    """
    log = TaskLog(settings.home)

    def over(busy: bool) -> bool:
        return should_stop() or (stops_when_empty() and not busy and log.is_idle())

    def wait() -> None:
        say(f"another runner leads {log.path}; standing by")

    lock = lead(log, lambda: over(False), wait)
    if lock is None:
        return
    try:
        with open_cluster(settings.scheduler, settings.workers, settings.memory_limit) as cluster:
            say(f"running the tasks of {log.path} on {cluster.address} ({cluster.slots} workers)")
            catalog = Catalog.read(settings.data, settings.catalog)
            Runner(catalog, log, cluster, settings.lease_seconds).run(over)
    finally:
        lock.close()


def list_workers(settings: Settings) -> list[dict[str, Any]]:
    """List the workers of the scheduler in the settings.

    Raises
    ------
    SettingsError : no scheduler is set, or none answers
    """
    if not settings.scheduler:
        raise SettingsError(
            "no scheduler is set: workers started by `csserv run` itself end with it; "
            "give --scheduler or CSSERV_SCHEDULER, e.g. tcp://127.0.0.1:8786"
        )
    with open_cluster(settings.scheduler, 1, settings.memory_limit) as cluster:
        return cluster.workers()
