"""The command line: the service's verbs, and ``run`` for the machine that works.

Exit codes: 0 done, 1 an error of ours in one line, 2 wrong usage.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import click

from csserv.errors import CsservError
from csserv.request import Area
from csserv.service import Service
from csserv.settings import Settings, read_settings
from csserv.show import print_table, show_progress, task_row
from csserv.tasks.task import Task, TaskState

as_json = click.option("--json", "plain", is_flag=True, help="Print JSON.")


class Group(click.Group):
    """Show our own errors as one line; anything else is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except CsservError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="csserv")
@click.pass_context
def main(ctx: click.Context) -> None:
    """How much rain fell here? Ask archives of gridded climate data.

    Settings are read from CSSERV_* variables and from csserv.toml in CSSERV_HOME.
    """
    ctx.obj = read_settings()


@main.command()
@as_json
@click.pass_obj
def datasets(settings: Settings, plain: bool) -> None:
    """List the datasets, and what of them is on this machine."""
    with _service(settings) as service:
        rows = [_dataset_row(service, name) for name in service.catalog]
    print_table(rows, plain, ["name", "title", "units", "from", "to", "files"])


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
    wait: bool,
    plain: bool,
) -> None:
    """Queue a request and print its task id.

    OPERATION is one of mean, max, min, median, range, sum, std, count, geotiff, netcdf, csv.
    """
    if sum(given is not None for given in (place, box, point)) != 1:
        raise click.UsageError("give one of --area, --box and --point")
    with _service(settings, starts_runner=wait) as service:
        if box is not None:
            area: Area | str = Area.from_box(*box)
        else:
            area = Area.from_point(*point) if point is not None else str(place)
        task = service.submit(dataset, operation, area, period)
        if wait:
            task = show_progress(service, task)
        elif not service.has_runner():
            click.echo("no runner is active; start one with: csserv run", err=True)
        click.echo(json.dumps(task.to_dict()) if plain else task.id)
        _exit_as(task)


@main.command()
@click.option("--state", type=click.Choice([str(state) for state in TaskState]))
@click.option("--all", "archived", is_flag=True, help="Archived tasks as well.")
@as_json
@click.pass_obj
def tasks(settings: Settings, state: str | None, archived: bool, plain: bool) -> None:
    """List the tasks, oldest first."""
    with _service(settings) as service:
        found = [t for t in service.tasks(archived) if state in (None, str(t.state))]
    rows = [task.to_dict() if plain else task_row(task) for task in found]
    print_table(rows, plain, list(rows[0]) if rows else ["id"])


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


@main.command()
@click.option("--scheduler", help="Address of a dask scheduler.  [CSSERV_SCHEDULER]")
@click.option("--workers", type=int, help="Workers to start here without one.  [CSSERV_WORKERS]")
@click.option("--until-empty", is_flag=True, help="Stop when no task is left.")
@click.option("--with-parent", is_flag=True, hidden=True)
@click.pass_obj
def run(
    settings: Settings,
    scheduler: str | None,
    workers: int | None,
    until_empty: bool,
    with_parent: bool,
) -> None:
    """Run the tasks of the log, on a dask scheduler or on workers of this machine."""
    from csserv.tasks.serve import run_tasks  # dask is slow to import

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("distributed").setLevel(logging.WARNING)
    given = {"scheduler": scheduler, "workers": workers}
    own = {name: value for name, value in given.items() if value is not None}
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    empty = threading.Event()
    if until_empty:
        empty.set()
    if with_parent:
        threading.Thread(target=_set_at_end_of_input, args=(empty.set,), daemon=True).start()
    run_tasks(read_settings(**settings.model_dump() | own), stop.is_set, empty.is_set, _say)


@main.command()
@click.option("--scheduler", help="Address of a dask scheduler.  [CSSERV_SCHEDULER]")
@as_json
@click.pass_obj
def workers(settings: Settings, scheduler: str | None, plain: bool) -> None:
    """List the workers of the dask scheduler."""
    from csserv.tasks.serve import list_workers  # dask is slow to import

    own = {"scheduler": scheduler} if scheduler else {}
    rows = list_workers(read_settings(**settings.model_dump() | own))
    print_table(rows, plain, ["name", "address", "threads", "running", "memory"])


@main.command("sample-data")
@click.pass_obj
def sample_data(settings: Settings) -> None:
    """Make the synthetic sample archive and copy the real samples, into CSSERV_DATA."""
    from csserv.demo import make_samples  # numpy and netCDF4 are slow to import

    make_samples(settings)


@main.command()
@click.pass_obj
def demo(settings: Settings) -> None:
    """Make the sample data, start a scheduler and two workers, and ask four questions."""
    from csserv.demo import run_demo  # dask is slow to import

    sys.exit(run_demo(settings))


def _service(settings: Settings, starts_runner: bool = False) -> Service:
    return Service(settings, starts_runner)


def _dataset_row(service: Service, name: str) -> dict[str, Any]:
    entry = service.catalog[name]
    row: dict[str, Any] = entry.describe() | {"files": len(entry.granules), "from": "", "to": ""}
    if row["files"]:
        row["from"], row["to"] = service.extent(name)
    return row


def _exit_as(task: Task) -> None:
    if task.state in (TaskState.FAILED, TaskState.CANCELLED):
        raise click.ClickException(f"task {task.id} {task.state}: {task.error or 'as asked'}")


def _set_at_end_of_input(act: Callable[[], None]) -> None:
    """Act when the process at the other end of our input ends, however it ends."""
    while sys.stdin.buffer.read(1024):
        pass
    act()


def _say(text: str) -> None:
    click.echo(text, err=True)
