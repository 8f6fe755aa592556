"""Queues tasks that make time sums: after data have come, and after a first request for months."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from csserv.catalog import Catalog, CatalogEntry
from csserv.errors import CsservError
from csserv.logs.request_ids import new_request_id
from csserv.request import Options
from csserv.settings import Settings
from csserv.tasks.log.task import SUMS, Task
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.plan.sums.sums_jobs import plan_sums
from csserv.tasks.sums.sum_kinds import KINDS, MADE_OF
from csserv.tasks.sums.sums_folder import SumsFolder

logger = logging.getLogger(__name__)

#: who submits what is made by itself
RUNNER = "runner"

#: a request that unpacks less gains nothing by sums [bytes]
LEAST = 64 * 2**20

#: latest tasks of a dataset that are looked through
MOST = 1_000


def queue_sums(settings: Settings, log: TaskLog, catalog: Catalog, task: Task) -> list[Task]:
    """Queue what a task that has ended gives reason for, unless it is queued already.

    After a fetch, sums that there are become those of the new data, too. After a request for
    months that read days, all its months get sums, where the setting ``sums`` is "auto": once, so
    that one who removes them is not defied.
    """
    entry = catalog[task.request.dataset]
    queued = []
    for kind in _kinds(settings, log, entry, task):
        try:
            plan = plan_sums(entry, kind)
        except CsservError as error:
            logger.warning("no time sums of %s: %s", entry.name, error)
            continue
        if plan.jobs or plan.fresh:
            named = task.request_id or new_request_id()
            new = Task.of(plan.record, settings.attempts, RUNNER, request_id=named)
            queued.append(log.add(new, plan.area, is_new=True))
    return queued


def _kinds(settings: Settings, log: TaskLog, entry: CatalogEntry, task: Task) -> Iterator[str]:
    """Yield the kinds that are to be made."""
    record = task.request
    if record.fetch:
        unfinished = list(_of_sums(log, entry.name, unfinished=True))
        for kind in KINDS:
            if SumsFolder(entry.data, entry.name, kind).files() and kind not in unfinished:
                yield kind
        return
    wanted = MADE_OF.get(Options.as_known(record.options).time_step)
    if not wanted or settings.sums != "auto" or record.bytes < LEAST or not record.has_result:
        return
    is_there = bool(SumsFolder(entry.data, entry.name, wanted).files())
    if not is_there and wanted not in _of_sums(log, entry.name):
        yield wanted


def _of_sums(log: TaskLog, dataset: str, unfinished: bool = False) -> Iterator[str]:
    """Yield the kinds that tasks were about."""
    for one in log.find(TaskFilter(dataset=dataset), 0, MOST):
        if one.request.prepare == SUMS and not (unfinished and one.state.is_final):
            yield Options.as_known(one.request.options).time_step
