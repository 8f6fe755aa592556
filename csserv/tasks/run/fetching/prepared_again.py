"""Queues what was prepared of a dataset once more, after data have come: what is new is added."""

from __future__ import annotations

import logging

from csserv.catalog import Catalog
from csserv.errors import CsservError
from csserv.logs.request_ids import new_request_id
from csserv.request import Options, Request
from csserv.settings import Settings
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.plan.checked_request import CheckedRequest
from csserv.tasks.plan.preparation import ALL, preparation_record, whole_period
from csserv.zonal.operations import operations

logger = logging.getLogger(__name__)

#: latest tasks of a dataset that are looked through for preparations
MOST = 10_000


def queue_preparations(
    settings: Settings, log: TaskLog, catalog: Catalog, dataset: str, request_id: str = ""
) -> list[Task]:
    """Queue all that was prepared of a whole dataset, each once, unless it is queued already.

    One that is refused now, as the store has become too small, does not keep the others.
    """
    found: dict[str, Task] = {}
    for task in log.find(TaskFilter(dataset=dataset), 0, MOST):
        if task.request.prepare == ALL:
            found.setdefault(_what(task.request), task)  # the latest one
    queued = []
    for task in found.values():
        if task.state is not TaskState.SUCCEEDED:
            continue
        try:
            record = _of_all(settings, log, catalog, task.request)
        except CsservError as error:
            logger.error("%s of %s is not prepared: %s", task.request.what, dataset, error)
            continue
        named = request_id or new_request_id()
        new = Task.of(record, settings.attempts, task.client, request_id=named)
        queued.append(log.add(new, log.area(task.request), is_new=True))
    return queued


def _what(record: RequestRecord) -> str:
    return repr((record.operation, record.area, sorted(record.options.items())))


def _of_all(
    settings: Settings, log: TaskLog, catalog: Catalog, record: RequestRecord
) -> RequestRecord:
    """Make the record of the same preparation, of all data that there are now."""
    entry = catalog[record.dataset]
    period = whole_period(entry.coverage())
    options = Options.from_dict(record.options)
    request = Request(entry.name, record.operation, log.area(record), period, options)
    checked = CheckedRequest.of(request, entry, tuple(operations(record.operation).values()))
    return preparation_record(checked, settings.store_max, ALL)
