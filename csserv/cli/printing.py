"""Printing for commands: tables, facts, and progress of tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from csserv.cli.watches import scheduler_watch, stall_watch

if TYPE_CHECKING:  # slow to import
    from csserv.checking import Moved
    from csserv.service import Service
    from csserv.tasks.cluster.worker_info import WorkerInfo
    from csserv.tasks.log.task import Task
    from csserv.tasks.plan.estimate import Estimate


def print_table(rows: Sequence[Mapping[str, Any]], as_json: bool, columns: Sequence[str]) -> None:
    """Print rows as JSON if wanted, else as a table in a terminal, or as tab-separated lines."""
    if as_json:
        click.echo(json.dumps(list(rows), ensure_ascii=False))
        return
    from rich.console import Console  # slow to import, and JSON needs none of it
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(str(row.get(column, "")) for column in columns))
        return
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "id")
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    console.print(table)


def print_facts(facts: Mapping[str, Any]) -> None:
    """Print named values, a line each; empty ones are left out."""
    wide = max(map(len, facts), default=0)
    for name, value in facts.items():
        if value not in (None, "", 0):
            text = str(value).replace("\n", "\n" + " " * (wide + 2))
            click.echo(f"{name.replace('_', ' '):{wide}}  {text}")


def print_moved(found: Moved) -> None:
    """Print what has moved: the line that says it, then tables of maps and of numbers."""
    click.echo(found.headline)
    for rows, left in found.tables():
        print_table(rows, False, list(rows[0]))
        if left:
            click.echo(f"and {left:,} more: --json prints all", err=True)
    for said in found.besides:
        click.echo(f"note: {said}", err=True)


def size(count: float) -> str:
    """Write a size [bytes] with three digits.

    >>> size(2_345_678), size(999_700)
    ('2.35 MB', '1 MB')
    """
    power = next((n for n in range(4) if count < 999.5 * 1000**n), 4)
    return f"{count / 1000**power:.3g} {('B', 'kB', 'MB', 'GB', 'TB')[power]}"


def estimate_facts(found: Estimate) -> dict[str, Any]:
    """Write an estimate as named facts."""
    runs = [f"{run.first} to {run.last}" for run in found.missing[:3]]
    more = " …" if len(found.missing) > len(runs) else ""
    series = f", {found.zones * found.selections:,} series" if found.selections > 1 else ""
    years = found.against and found.against.replace("/", " to ")
    return {
        "area": f"{found.zones:,} zones, {found.cells:,} cells{series}",
        "steps": f"{found.steps:,}, of {found.steps_read:,} of the data",
        "against": years and f"{years}, {found.reference_years} years of these have data",
        "files": f"{found.granules:,}, {size(found.bytes)} to read",
        "missing": found.missing_steps and f"{found.missing_steps:,}: {', '.join(runs)}{more}",
        "answer": found.result_bytes and f"at most about {size(found.result_bytes)}",
        "takes": f"{found.takes}, behind {found.queued:,} open tasks",
        "refused": found.refused,
    }


def task_row(task: Task) -> dict[str, Any]:
    """Write the row of a task in a list of tasks."""
    return {
        "id": task.id,
        "state": str(task.state),
        "done": f"{task.progress:.0%}",
        "dataset": task.request.dataset,
        "operation": task.request.what,
        "area": task.request.area_title,
        "period": task.request.period,
        "client": task.client,
        "submitted": task.submitted[:16].replace("T", " "),
        "error": task.error or "",
    }


def worker_row(worker: WorkerInfo) -> dict[str, Any]:
    """Write the row of a worker in a list of workers."""
    limit = f" of {worker.memory_limit / 2**20:.0f}" if worker.memory_limit else ""
    return asdict(worker) | {"memory": f"{worker.memory / 2**20:.0f}{limit} MiB"}


def show_progress(service: Service, *tasks: Task) -> Task:
    """Show the progress of tasks until they end: bars in a terminal, else a line at each change.

    Returns
    -------
    the last of the tasks, as it ended
    """
    from rich.console import Console  # slow to import
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    last = tasks[-1]
    scheduler = service.settings.scheduler
    if not console.is_terminal:
        say = partial(click.echo, err=True)
        with scheduler_watch(scheduler, say), stall_watch(service.runner_state, say):
            for task in tasks:
                for last in service.watch(task):
                    steps = f"{last.done} of {last.total} steps" if last.total else ""
                    said = f"{last.id} {last.state} {last.progress:.0%} {steps}".strip()
                    click.echo(said + _why_not(last), err=True)
        return last
    parts = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()
    with (
        Progress(*parts, TimeRemainingColumn(), console=console) as bars,
        scheduler_watch(scheduler, bars.console.print),
        stall_watch(service.runner_state, bars.console.print),
    ):
        lines = {task.id: bars.add_task(_label(task), total=1.0) for task in tasks}
        for task in tasks:
            for last in service.watch(task):
                text = f"{_label(last)}  {last.state}{_why_not(last)}"
                bars.update(lines[last.id], completed=last.progress, description=text)
    return last


def _why_not(task: Task) -> str:
    """Say why a task that has not ended waits, or begins again; what ended it is told elsewhere."""
    return f" ({task.error})" if task.error and not task.state.is_final else ""


def _label(task: Task) -> str:
    asked = task.request
    return f"{asked.operation} of {asked.dataset}, {asked.area_title}"
