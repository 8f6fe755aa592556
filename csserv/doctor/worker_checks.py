"""Checks of the scheduler and its workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from csserv.doctor.finding import Finding, ok, problem
from csserv.errors import SettingsError
from csserv.settings import Settings
from csserv.tasks.cluster.cluster import Cluster, WorkerDifference
from csserv.tasks.run.process import find_cluster


def check_workers(settings: Settings) -> Iterator[Finding]:
    """Check that the scheduler answers, that its workers have our versions, and get work."""
    if not settings.scheduler:
        yield ok("workers", "no scheduler is set: workers start on this machine when needed")
        with suppress(SettingsError), find_cluster(settings) as cluster:  # if a runner works
            yield from _set_aside(cluster)
        return
    work = settings.home / "work"
    try:
        with find_cluster(settings) as cluster:
            yield ok("workers", f"a scheduler answers at {cluster.address}")
            writable = [settings.home, *([work] if work.exists() else [])]
            seen = cluster.inspect([settings.data], writable)
            yield from (aside := list(_set_aside(cluster)))
    except SettingsError as error:
        mend = "start one there: csserv start-scheduler; or set CSSERV_SCHEDULER to where it is"
        yield problem("workers", str(error), mend)
        return
    if not seen:
        yield problem("workers", "it has no workers", "start some: csserv start-worker")
    for address, one in seen.items():
        yield from _worker(address, one)
    if seen and not aside and not any(one.versions or one.folders for one in seen.values()):
        yield ok("workers", f"{len(seen)} workers, same versions, same folders")


def _set_aside(cluster: Cluster) -> Iterator[Finding]:
    """Name the workers that the runner gives no work, and tell when no other is left."""
    aside, names = cluster.set_aside(), set(cluster.names().values())
    there = {name: reason for name, reason in aside.items() if name in names}
    mend = "mend that on its machine: the runner tries it again by itself; or stop it"
    for name, reason in there.items():
        yield problem("workers", f"{name} is set aside: {reason}", mend)
    if there and not names - there.keys():
        said = f"all workers are set aside ({len(there)}): tasks may wait"
        yield problem("workers", said, "mend one of them, or start another: csserv start-worker")


def _worker(address: str, one: WorkerDifference) -> Iterator[Finding]:
    if "no answer" in one.versions:
        mend = "see its log and its machine; if it stays so, kill it and start another"
        yield problem("workers", f"{address} does not answer", mend)
    elif one.versions:
        mend = "install the same versions everywhere: constraints.txt"
        yield problem("workers", f"{address} has {one.versions}", mend)
    if one.folders:
        mend = "mount them under the same paths on each machine, for the same user"
        yield problem("workers", f"{address} cannot use {one.folders}", mend)
