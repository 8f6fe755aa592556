"""Merges the files of a dataset on the workers, and replaces the old files."""

from __future__ import annotations

import os
import queue
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from csserv.catalog.rewrite.merging import Merge, Optimisation
from csserv.errors import GranuleError, SettingsError, TaskFailedError
from csserv.machine.written_whole import sync
from csserv.tasks.cluster.cluster import Cluster, Running, has_succeeded
from csserv.tasks.work.archives.merge_call import rewrite_merge
from csserv.tasks.work.reporting import MERGES

#: most tries of a merge whose worker dies
TRIES = 3


def make_files(plan: Optimisation, cluster: Cluster, on_progress: Callable[[float], None]) -> None:
    """Make the new files beside the old ones, on the workers; those already made are kept.

    Parameters
    ----------
    on_progress : called with the share of all merges that is done, 0 to 1

    Raises
    ------
    GranuleError : files cannot be merged, or a new file differs from its sources
    SettingsError : there are no workers
    TaskFailedError : workers died over the same merge again and again
    """
    if not cluster.addresses():
        raise SettingsError(f"no worker listens to {cluster.address}; start one")
    _Merging(plan, cluster, on_progress).run()


def replace_files(plan: Optimisation, backup: Path | None) -> None:
    """Replace the old files by the new ones.

    Each new file replaces its old ones in one step: readers see either the old files or the new
    one. Tasks that read the old ones at this moment are planned again.

    Parameters
    ----------
    backup : folder to move the old files to, outside the data folder; None deletes them

    Raises
    ------
    GranuleError : an old file has changed since; nothing was replaced
    """
    if changed := [m for m in plan.merges if not m.is_ready(plan.recipe)]:
        raise GranuleError(
            f"the files of {changed[0].target.name} have changed meanwhile; run it again"
        )
    old = [granule.path for merge in plan.merges for granule in merge.granules]
    if backup:
        for path in old:
            _back_up(path, backup / path.relative_to(plan.entry.data))
    for merge in plan.merges:
        merge.ready.replace(merge.target)
        sync(merge.target.parent)
    new = {merge.target for merge in plan.merges}
    for path in (*old, *plan.leftovers):
        if path not in new:
            path.unlink(missing_ok=True)


@dataclass
class _Merging:
    """The merges of a plan, while workers make them."""

    plan: Optimisation
    cluster: Cluster
    on_progress: Callable[[float], None]
    waiting: list[Merge] = field(default_factory=list)
    in_progress: dict[Running, tuple[Merge, str]] = field(default_factory=dict)
    news: queue.Queue[Any] = field(default_factory=queue.Queue)
    shares: dict[str, float] = field(default_factory=dict)
    tries: dict[Path, int] = field(default_factory=dict)

    def run(self) -> None:
        """Have the workers make all files that are not ready."""
        plan, cluster = self.plan, self.cluster
        self.waiting = [one for one in plan.merges if not one.is_ready(plan.recipe)]
        self.shares = {str(m.target): 1.0 for m in plan.merges if m not in self.waiting}
        cluster.watch(self.news.put, MERGES)
        while self.waiting or self.in_progress:
            busy = {worker for _, worker in self.in_progress.values()}
            free = [one for one in cluster.addresses() if one not in busy]
            while self.waiting and free:
                self._start(self.waiting.pop(0), free.pop())
            with suppress(queue.Empty):
                self._handle(self.news.get(timeout=1.0))
            self._requeue_departed()
            self._report()

    def _start(self, merge: Merge, worker: str) -> None:
        key = f"optimise-{merge.target.name}-{uuid4().hex[:8]}"
        future = self.cluster.submit(rewrite_merge, merge, self.plan.recipe, key=key, worker=worker)
        self.in_progress[future] = (merge, worker)
        future.add_done_callback(self.news.put)

    def _handle(self, news: Any) -> None:
        if isinstance(news, dict):
            self.shares[news["file"]] = news["share"]
        elif news in self.in_progress:
            merge, _ = self.in_progress.pop(news)
            try:
                if not has_succeeded(news):
                    news.result()
                self.shares[str(merge.target)] = 1.0
            except Exception as error:
                self._worker_died(merge, error)
                self.waiting.append(merge)

    def _requeue_departed(self) -> None:
        """Queue the merges of workers again that left in good order."""
        gone = self.cluster.missing({worker for _, worker in self.in_progress.values()})
        for future, (merge, worker) in list(self.in_progress.items()):
            if worker in gone and not future.done():
                del self.in_progress[future]
                future.cancel()
                self.waiting.append(merge)

    def _report(self) -> None:
        total = sum(merge.raw for merge in self.plan.merges)
        done = sum(m.raw * self.shares.get(str(m.target), 0.0) for m in self.plan.merges)
        self.on_progress(done / total)

    def _worker_died(self, merge: Merge, error: Exception) -> None:
        how = self.cluster.describe_death(error)
        self.tries[merge.target] = self.tries.get(merge.target, 0) + 1
        if how is None:
            raise error
        if self.tries[merge.target] >= TRIES:
            raise TaskFailedError(f"{how} while it made {merge.target.name}, {TRIES} times")


def _back_up(path: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    try:
        os.link(path, copy)
    except OSError:  # on another disk
        shutil.copy2(path, copy)
