"""Plans an attempt at a task that makes time sums: a call for each year that lacks some."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

from csserv.catalog import Catalog
from csserv.catalog.signature import JUST_NOW
from csserv.request import Options
from csserv.tasks.log.task import SUMS, Task
from csserv.tasks.plan.sums.sums_jobs import SumsPlan, plan_sums
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.one_call import Call
from csserv.tasks.work.archives.sums_call import make_sums_file
from csserv.tasks.work.attempt_context import AttemptContext
from csserv.tasks.work.proof import Proof, prove


def plan_sums_attempt(task: Task, catalog: Catalog, home: Path) -> Attempt:
    """Plan an attempt, and create its work folder; what earlier attempts made is not made again.

    Raises
    ------
    CsservError : nothing can be summed up, or a file is unreadable
    """
    plan = _plan_of(task, catalog)
    context = AttemptContext.without_result(task, SUMS, home)
    calls = [
        Call(
            job.target.name,
            make_sums_file,
            (context, number, job),
            number,
            steps=len(job.places),
            sources=job.sources,
        )
        for number, job in enumerate(plan.jobs)
    ]
    first = plan.jobs[0].sources[0] if plan.jobs else None
    proof = Call("the work folder", prove, (Proof(first, context.work),))
    nothing = Call("the work folder", prove, (Proof(None, context.work),))
    total = sum(len(job.places) for job in plan.jobs)
    return Attempt(task, context, deque(calls or [nothing]), deque(), total=total, proof=proof)


def _plan_of(task: Task, catalog: Catalog) -> SumsPlan:
    """Plan it once a change of each file would be seen: fetched files are fresh."""
    record = task.request
    kind = Options.from_dict(record.options).time_step
    plan = plan_sums(catalog[record.dataset], kind)
    if plan.fresh:
        time.sleep(JUST_NOW)
        plan = plan_sums(catalog[record.dataset], kind)
    return plan
