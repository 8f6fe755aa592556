"""Queues tasks that fetch what is new of the products of a data folder."""

from __future__ import annotations

import logging
from datetime import datetime

from csserv.catalog import Catalog
from csserv.errors import CsservError
from csserv.ingest.open_fetch import Asked, fetched_before
from csserv.ingest.products.product_table import Products
from csserv.logs.request_ids import new_request_id
from csserv.settings import Settings
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.plan.fetch_task import FETCH, fetch_record

logger = logging.getLogger(__name__)

#: who submits what the clock has fetched
CLOCK = "clock"


def queue_fetches(
    settings: Settings, log: TaskLog, catalog: Catalog, failed_since: datetime | None = None
) -> list[Task]:
    """Queue a task for each product that was fetched before and has no such task open.

    A product that cannot be fetched does not keep the others.

    Parameters
    ----------
    failed_since : only for products whose last such task since then has failed
    """
    products = Products.read(settings.provider_base)
    unfinished = (log.get(one).request for one in log.open_ids())
    open_ones = {one.dataset for one in unfinished if one.operation == FETCH}
    queued = []
    for name in fetched_before(catalog, products):
        if name in open_ones or (failed_since and not _has_failed(log, name, failed_since)):
            continue
        try:
            record, area = fetch_record(catalog, products[name], Asked())
        except CsservError as error:
            logger.error("%s is not fetched: %s", name, error)
            continue
        task = Task.of(record, settings.attempts, CLOCK, request_id=new_request_id())
        queued.append(log.add(task, area, is_new=True))
    return queued


def _has_failed(log: TaskLog, name: str, since: datetime) -> bool:
    """Whether the clock's last task that fetches a product has failed."""
    own = TaskFilter(since=f"{since:%Y-%m-%dT%H:%M}", client=CLOCK, dataset=name)
    return [one.state for one in log.find(own, 0, 1)] == [TaskState.FAILED]
