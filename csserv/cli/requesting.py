"""Commands for users: submit requests, follow tasks, get results, cancel."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import (
    estimate_facts,
    print_facts,
    print_table,
    show_progress,
    task_row,
)
from csserv.cli.request_options import RequestArguments, with_request_options
from csserv.machine.collection_pause import load_for_good
from csserv.machine.served_address import served_address
from csserv.notes import Note
from csserv.settings import Settings
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter

#: lines of words that are printed below a task that has ended
MOST_SAID = 5

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
    from csserv.outputs import Result
    from csserv.service import Service


@main.command()
@with_request_options
@click.option("--client", help="Who asks; each client gets its turn.  [default: your user name]")
@click.option("--priority", type=int, default=0, show_default=True, help="-10 to 10.")
@click.option("--uuid", default="", help="A task id of your own; again, it changes nothing.")
@click.option("--wait", is_flag=True, help="Run the task if nobody else does, and wait for it.")
@json_option
@click.pass_obj
def submit(
    settings: Settings,
    request: RequestArguments,
    client: str | None,
    priority: int,
    uuid: str,
    wait: bool,
    as_json: bool,
) -> None:
    """Queue a request and print its task id.

    OPERATION is one of mean, max, min, median, p90 (any percentile), range, sum, total, std,
    variance, count, coverage, geotiff, netcdf, csv. A longer time step is one of daily, pentad,
    weekly, dekad, monthly, seasonal, yearly, period.
    """
    with open_service(settings, starts_runner=wait) as service:
        task = service.submit(
            *request.for_service(service),
            options=request.options,
            client=client,
            priority=priority,
            task_id=uuid,
        )
        if wait:
            task = show_progress(service, task)
            _echo_notes(service, task)
            _echo_words(service, task)
            echo_link(settings, task)
        elif not service.has_runner():
            click.echo("no runner is active; start one with: csserv run", err=True)
        click.echo(json.dumps(task.to_dict()) if as_json else task.id)
        _exit_as(task)


@main.command()
@with_request_options
@json_option
@click.pass_obj
def estimate(settings: Settings, request: RequestArguments, as_json: bool) -> None:
    """Estimate what a request would cost, and whether it would be refused; nothing is queued."""
    with open_service(settings) as service:
        found = service.estimate(*request.for_service(service), request.options)
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    print_facts(estimate_facts(found))


@main.command()
@click.option("--since", help="Submitted since 2026-03-01 or 2026-03-01T12:00 (UTC).")
@click.option("--state", type=click.Choice([str(state) for state in TaskState]))
@click.option("--client", help="Only what this client asked.")
@click.option("--dataset", help="Only requests for this dataset.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option("--count", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
@click.pass_obj
def tasks(
    settings: Settings,
    since: str | None,
    state: str | None,
    client: str | None,
    dataset: str | None,
    page: int,
    count: int,
    as_json: bool,
) -> None:
    """List the tasks, archived ones too, newest first, a page at a time."""
    wanted = TaskFilter(since, TaskState(state) if state else None, client, dataset)
    with open_service(settings) as service:
        found = service.tasks(wanted, (page - 1) * count, count + 1)
        troubles = service.overview.troubles()
    shown = found[:count]
    rows = [task.to_dict() if as_json else task_row(task) for task in shown]
    print_table(rows, as_json, list(rows[0]) if rows else ["id"])
    for said in troubles:
        click.echo(f"warning: {said}", err=True)
    if len(found) > count:
        click.echo(f"more: --page {page + 1}", err=True)


@main.command()
@click.argument("task_id")
@json_option
@click.pass_obj
def watch(settings: Settings, task_id: str, as_json: bool) -> None:
    """Show the progress of a task until it ends."""
    with open_service(settings) as service:
        if as_json:
            for task in service.watch(task_id):
                click.echo(json.dumps(task.to_dict() | {"progress": task.progress}))
        else:
            task = show_progress(service, service.task(task_id))
            _echo_words(service, task)
        _exit_as(task)


@main.command()
@click.argument("task_id")
@click.pass_obj
def cancel(settings: Settings, task_id: str) -> None:
    """Cancel a task that has not ended."""
    with open_service(settings) as service:
        task = service.cancel(task_id)
    click.echo(f"{task.id} {task.state}")


def open_service(settings: Settings, starts_runner: bool = False) -> Service:
    """Open the service; its library is slow to import."""
    with load_for_good():
        from csserv.service import Service

    return Service(settings, starts_runner)


def there(service: Service, result: str) -> Result | str:
    """Return the result of a task as it is now, as a command waits for none; a path as given.

    Raises
    ------
    TaskNotFinishedError : the task has none yet
    """
    is_path = result.endswith(".json") or "/" in result
    return result if is_path else service.result(result, wait=False)


def _exit_as(task: Task) -> None:
    if task.state in (TaskState.FAILED, TaskState.CANCELLED):
        raise click.ClickException(f"task {task.id} {task.state}: {task.error or 'as asked'}")


def _echo_notes(service: Service, task: Task) -> None:
    """Print what was assumed or left out, where the task has a result."""
    if task.state is TaskState.SUCCEEDED:
        echo_notes(service.result(task, wait=False).notes)


def _echo_words(service: Service, task: Task) -> None:
    """Say the last step of what is compared with other years; of many zones, that of the first."""
    compared = {"against", "index"} & task.request.options.keys()
    if compared and task.state is TaskState.SUCCEEDED:
        result = service.result(task, wait=False)
        texts = [result.in_words(operation=name) for name in result.operations]
        lines = "\n".join(texts).splitlines()
        click.echo("\n".join(lines[:MOST_SAID]), err=True)
        if len(lines) > MOST_SAID:
            click.echo(f"and {len(lines) - MOST_SAID:,} more: csserv result --words", err=True)


def echo_link(settings: Settings, task: Task) -> None:
    """Print the link to the page of a task that has succeeded, where a server's address is known.

    It goes to standard error: what commands print is read by programs.
    """
    address = settings.address or served_address(settings.home)
    if address and task.state is TaskState.SUCCEEDED and task.request.has_result:
        click.echo(f"page: {address}/r/{task.id}", err=True)


def echo_notes(notes: Iterable[Note]) -> None:
    """Print what was assumed or left out."""
    for note in notes:
        click.echo(f"note: {note}", err=True)
