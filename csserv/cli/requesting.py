"""Commands for users: submit requests, follow tasks, get results, cancel."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import (
    estimate_facts,
    print_facts,
    print_moved,
    print_table,
    show_progress,
    task_row,
)
from csserv.cli.request_options import RequestArguments, with_request_options
from csserv.cli.series_rows import series_columns, series_rows
from csserv.collection_pause import load_for_good
from csserv.notes import Note
from csserv.settings import Settings
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter

#: lines of words that are printed below a task that has ended
MOST_SAID = 5

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
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
    with _service(settings, starts_runner=wait) as service:
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
    with _service(settings) as service:
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
    with _service(settings) as service:
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
    with _service(settings) as service:
        if as_json:
            for task in service.watch(task_id):
                click.echo(json.dumps(task.to_dict() | {"progress": task.progress}))
        else:
            task = show_progress(service, service.task(task_id))
            _echo_words(service, task)
        _exit_as(task)


@main.command()
@click.argument("task_id")
@json_option
@click.option("--words", is_flag=True, help="Say the last step in words, a line each zone.")
@click.option("--table", is_flag=True, help="Print the series, with what is normal if asked for.")
@click.pass_obj
def result(settings: Settings, task_id: str, as_json: bool, words: bool, table: bool) -> None:
    """Print where the files of a finished task are, its JSON, its series, or its last step."""
    if as_json + words + table > 1:
        raise click.UsageError("--json, --words and --table: one of these, please")
    with _service(settings) as service:
        found = service.result(task_id, wait=False)
    if as_json:
        click.echo(found.path.read_text(encoding="utf-8"))
    elif words:
        click.echo(found.in_words())
    elif table:
        print_table([*series_rows(found.json)], False, series_columns(found.json))
    else:
        for path in found.files:
            click.echo(path)
        _echo(found.notes)


@main.command()
@click.argument("result")
@json_option
@click.option("--whole", is_flag=True, help="Also compare each byte of the files with last time.")
@click.pass_obj
def verify(settings: Settings, result: str, as_json: bool, whole: bool) -> None:
    """Compute a result again and say what differs; RESULT is a task's id, a folder or a JSON file.

    The exit code is 1 if a number differs. With --whole, the SHA-256 of the files are kept beside
    the JSON the first time, in <id>.sha256, and compared from then on.
    """
    with _service(settings) as service:
        found = service.verify(result, whole, _echo_files)
    click.echo(json.dumps(asdict(found)) if as_json else str(found))
    if not found.is_identical:
        raise SystemExit(1)


@main.command()
@click.argument("result")
@json_option
@click.pass_obj
def moved(settings: Settings, result: str, as_json: bool) -> None:
    """Say which numbers of a result have changed since, by how much, and why.

    RESULT is a task's id, a folder or a JSON file. The exit code is 1 if a number has changed, or
    if it cannot be told. Of many changes the first 20 are shown; --json prints all.
    """
    with _service(settings) as service:
        found = service.moved(result)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        print_moved(found)
    if not found.is_still:
        raise SystemExit(1)


@main.command()
@click.argument("task_id")
@click.pass_obj
def cancel(settings: Settings, task_id: str) -> None:
    """Cancel a task that has not ended."""
    with _service(settings) as service:
        task = service.cancel(task_id)
    click.echo(f"{task.id} {task.state}")


def _echo_files(done: int, total: int) -> None:
    """Print how many files are read, on a line that is written anew; for people alone."""
    if sys.stderr.isatty():
        click.echo(f"\rread {done:,} of {total:,} files", err=True, nl=done == total)


def _service(settings: Settings, starts_runner: bool = False) -> Service:
    with load_for_good():
        from csserv.service import Service

    return Service(settings, starts_runner)


def _exit_as(task: Task) -> None:
    if task.state in (TaskState.FAILED, TaskState.CANCELLED):
        raise click.ClickException(f"task {task.id} {task.state}: {task.error or 'as asked'}")


def _echo_notes(service: Service, task: Task) -> None:
    """Print what was assumed or left out, where the task has a result."""
    if task.state is TaskState.SUCCEEDED:
        _echo(service.result(task, wait=False).notes)


def _echo_words(service: Service, task: Task) -> None:
    """Say the last step of what is compared with other years; of many zones, that of the first."""
    compared = {"against", "index"} & task.request.options.keys()
    if compared and task.state is TaskState.SUCCEEDED:
        lines = service.result(task, wait=False).in_words().splitlines()
        click.echo("\n".join(lines[:MOST_SAID]), err=True)
        if len(lines) > MOST_SAID:
            click.echo(f"and {len(lines) - MOST_SAID:,} more: csserv result --words", err=True)


def _echo(notes: Iterable[Note]) -> None:
    for note in notes:
        click.echo(f"note: {note}", err=True)
