"""Time sums of files of rain; and requests done at once, with the sums and without them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from csserv import Service, Settings
from csserv.catalog import Catalog
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.plan.sums.sums_jobs import SumsPlan, plan_sums
from csserv.tasks.run.attempt_plan import plan_attempt
from csserv.tasks.sums.sums_folder import FOLDER
from csserv.tasks.sums.sums_making import make_sums
from tests.halfway import run


def planned_sums(own: Settings, kind: str = "monthly", dataset: str = "rain") -> SumsPlan:
    return plan_sums(Catalog.read(own.data, own.catalog)[dataset], kind)


def make(own: Settings, kind: str = "monthly", dataset: str = "rain") -> SumsPlan:
    """Make all files of sums, as workers do."""
    plan = planned_sums(own, kind, dataset)
    for job in plan.jobs:
        make_sums(job, lambda share: None)
    return plan


def answer(own: Settings, dataset: str = "rain", **asked: Any) -> tuple[dict[str, Any], int]:
    """Compute a request as a runner and its workers do.

    Returns
    -------
    whole : the result, but for what tells one computation from the next
    summed : how many of its steps were made of sums
    """
    with Service(own, starts_runner=False) as service:
        service.submit(dataset, **asked)
    log = TaskLog(own.home)
    task = log.claim(60.0)
    assert task is not None
    attempt = plan_attempt(
        task, log.area(task.request), Catalog.read(own.data, own.catalog), own.home
    )
    for calls in (attempt.waiting, *attempt.later):
        for call in calls:
            run(call)
    log.succeed(task, steps=attempt.total)
    whole = json.loads((own.home / "results" / task.id / f"{task.id}.json").read_text())
    told = whole.pop("provenance")
    del whole["id"], whole["checksum"]
    return whole, int(told.get("summed", {}).get("steps", 0))


def without_sums(own: Settings, dataset: str = "rain", **asked: Any) -> dict[str, Any]:
    """Compute a request while there are no sums."""
    folder = own.data / FOLDER
    aside = folder.with_name("aside")
    if folder.is_dir():
        folder.rename(aside)
    try:
        whole, summed = answer(own, dataset, **asked)
    finally:
        if aside.is_dir():
            aside.rename(folder)
    assert summed == 0
    return whole


def files(own: Settings) -> list[Path]:
    return sorted((own.data / FOLDER).rglob("*.h5"))
