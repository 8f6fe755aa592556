"""Commands for those who ask: what there is, submit, watch, result, cancel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from csserv.cli.group import as_json, main
from csserv.request import Area
from csserv.request.options import WEIGHTINGS
from csserv.settings import Settings
from csserv.show import print_table, show_progress, task_row
from csserv.tasks.filter import TaskFilter
from csserv.tasks.task import Task, TaskState

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
    from csserv.service import Service


@main.command()
@click.argument("layer", required=False)
@click.option("--search", default="", help="Only features whose name, id or code holds this text.")
@as_json
@click.pass_obj
def layers(settings: Settings, layer: str | None, search: str, plain: bool) -> None:
    """List the feature layers, or the features of one LAYER."""
    with _service(settings) as service:
        if layer is None:
            rows = [
                {"id": one.id, "title": one.title, "features": len(one)}
                for one in service.layers.values()
            ]
        else:
            rows = [
                {"id": one.id, "name": one.name, "iso": one.iso}
                for one in service.layers[layer].features
                if search.casefold() in f"{one.id} {one.name} {one.iso}".casefold()
            ]
    print_table(rows, plain, list(rows[0]) if rows else ["id", "name"])


@main.command()
@click.argument("dataset")
@click.argument("operation", metavar="OPERATION")
@click.option("--area", "place", help='A name ("Kenya", "Kenya/*") or a file of polygons.')
@click.option("--box", nargs=4, type=float, help="West south east north [degrees].")
@click.option("--point", nargs=2, type=float, help="Longitude latitude [degrees].")
@click.option("--period", required=True, help="2019, 2019-03 or 2019-01-01/2019-12-31.")
@click.option("--time-step", help="native, daily, pentad, weekly, dekad, monthly, seasonal, …")
@click.option("--least-valid", type=float, help="% of a longer step with data.  [default: 80]")
@click.option("--units", help="Units of the series, such as degC.")
@click.option("--weighting", type=click.Choice(WEIGHTINGS), help="[default: area]")
@click.option("--select", "chosen", multiple=True, metavar="NAME=VALUE", help="Of a dimension.")
@click.option("--client", help="Who asks; each client gets its turn.  [default: your user name]")
@click.option("--priority", type=int, default=0, show_default=True, help="-10 to 10.")
@click.option("--uuid", default="", help="A task id of your own; again, it changes nothing.")
@click.option("--wait", is_flag=True, help="Run the task if nobody else does, and wait for it.")
@as_json
@click.pass_obj
def submit(
    settings: Settings,
    dataset: str,
    operation: str,
    place: str | None,
    box: tuple[float, float, float, float] | None,
    point: tuple[float, float] | None,
    period: str,
    time_step: str | None,
    least_valid: float | None,
    units: str | None,
    weighting: str | None,
    chosen: tuple[str, ...],
    client: str | None,
    priority: int,
    uuid: str,
    wait: bool,
    plain: bool,
) -> None:
    """Queue a request and print its task id.

    OPERATION is one of mean, max, min, median, p90 (any percentile), range, sum, total, std,
    variance, count, coverage, geotiff, netcdf, csv. A longer time step is one of daily, pentad,
    weekly, dekad, monthly, seasonal, yearly, period.
    """
    if sum(given is not None for given in (place, box, point)) != 1:
        raise click.UsageError("give one of --area, --box and --point")
    with _service(settings, starts_runner=wait) as service:
        if box is not None:
            area: Area | str = Area.from_box(*box)
        else:
            area = Area.from_point(*point) if point is not None else str(place)
        task = service.submit(
            dataset,
            operation,
            area,
            period,
            time_step=time_step,
            least_valid=least_valid,
            units=units,
            weighting=weighting,
            select=dict(_pair(text) for text in chosen),
            client=client,
            priority=priority,
            task_id=uuid,
        )
        if wait:
            task = show_progress(service, task)
        elif not service.has_runner():
            click.echo("no runner is active; start one with: csserv run", err=True)
        click.echo(json.dumps(task.to_dict()) if plain else task.id)
        _exit_as(task)


@main.command()
@click.option("--since", help="Submitted since 2026-03-01 or 2026-03-01T12:00 (UTC).")
@click.option("--state", type=click.Choice([str(state) for state in TaskState]))
@click.option("--client", help="Only what this client asked.")
@click.option("--dataset", help="Only requests for this dataset.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option("--count", type=click.IntRange(1, 1000), default=50, show_default=True)
@as_json
@click.pass_obj
def tasks(
    settings: Settings,
    since: str | None,
    state: str | None,
    client: str | None,
    dataset: str | None,
    page: int,
    count: int,
    plain: bool,
) -> None:
    """List the tasks, archived ones too, newest first, a page at a time."""
    wanted = TaskFilter(since, TaskState(state) if state else None, client, dataset)
    with _service(settings) as service:
        found = service.tasks(wanted, (page - 1) * count, count + 1)
    shown = found[:count]
    rows = [task.to_dict() if plain else task_row(task) for task in shown]
    print_table(rows, plain, list(rows[0]) if rows else ["id"])
    if len(found) > count:
        click.echo(f"more: --page {page + 1}", err=True)


@main.command()
@click.argument("task_id")
@as_json
@click.pass_obj
def watch(settings: Settings, task_id: str, plain: bool) -> None:
    """Show the progress of a task until it ends."""
    with _service(settings) as service:
        if plain:
            for task in service.watch(task_id):
                click.echo(json.dumps(task.to_dict() | {"progress": task.progress}))
        else:
            task = show_progress(service, service.task(task_id))
        _exit_as(task)


@main.command()
@click.argument("task_id")
@as_json
@click.pass_obj
def result(settings: Settings, task_id: str, plain: bool) -> None:
    """Print where the files of a finished task are, or its JSON."""
    with _service(settings) as service:
        found = service.result(task_id, wait=False)
    if plain:
        click.echo(found.path.read_text(encoding="utf-8"))
    else:
        for path in found.files:
            click.echo(path)


@main.command()
@click.argument("task_id")
@click.pass_obj
def cancel(settings: Settings, task_id: str) -> None:
    """Cancel a task that has not ended."""
    with _service(settings) as service:
        task = service.cancel(task_id)
    click.echo(f"{task.id} {task.state}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise click.UsageError(f"--select {text}: write NAME=VALUE, such as member=3")
    return name, value


def _service(settings: Settings, starts_runner: bool = False) -> Service:
    from csserv.service import Service

    return Service(settings, starts_runner)


def _exit_as(task: Task) -> None:
    if task.state in (TaskState.FAILED, TaskState.CANCELLED):
        raise click.ClickException(f"task {task.id} {task.state}: {task.error or 'as asked'}")
