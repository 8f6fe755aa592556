"""Command that computes numbers for later requests, and keeps them: `csserv prepare`."""

from __future__ import annotations

import json

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import show_progress
from csserv.cli.request_options import read_pair
from csserv.cli.requesting import open_service
from csserv.request import Options
from csserv.request.options import OVER_TIME, WEIGHTINGS
from csserv.settings import Settings
from csserv.tasks.log.task import TaskState


@main.command()
@click.argument("dataset")
@click.argument("area")
@click.option(
    "--operation", default="mean", show_default=True, help="One or several: mean,max,p90."
)
@click.option("--period", help="As of submit.  [default: all of the data]")
@click.option("--time-step", default="native", show_default=True, help="As requests will have it.")
@click.option("--least-valid", type=float, default=80.0, show_default=True, help="As of submit.")
@click.option("--over-time", type=click.Choice(OVER_TIME), help="As of submit.")
@click.option("--accumulate", type=int, default=1, show_default=True, help="As of submit.")
@click.option("--weighting", type=click.Choice(WEIGHTINGS), default="area", show_default=True)
@click.option("--select", multiple=True, metavar="DIMENSION=COORDINATE", help="As of submit.")
@click.option("--wait", is_flag=True, help="Run the task if nobody else does, and wait for it.")
@json_option
@click.pass_obj
def prepare(
    settings: Settings,
    dataset: str,
    area: str,
    operation: str,
    period: str | None,
    time_step: str,
    least_valid: float,
    over_time: str | None,
    accumulate: int,
    weighting: str,
    select: tuple[str, ...],
    wait: bool,
    as_json: bool,
) -> None:
    """Compute numbers of all zones of AREA for later requests, and keep them.

    AREA is as in requests, such as "Kenya/*". A request for one of these zones, or for all, reads
    no data file then. What is kept already is not computed again: prepare anew when data have come,
    or after it was stopped, and it goes on. After `csserv fetch` that is done by itself.
    """
    options = Options(
        time_step=time_step,
        least_valid=least_valid,
        over_time=over_time or "",
        accumulate=accumulate,
        weighting=weighting,
        select=tuple(read_pair(text) for text in select),
    )
    with open_service(settings, starts_runner=wait) as service:
        task = service.prepare(dataset, area, operation, period, options=options)
        if wait:
            task = show_progress(service, task)
        elif not service.has_runner():
            click.echo("no runner is active; start one with: csserv run", err=True)
        click.echo(json.dumps(task.to_dict()) if as_json else task.id)
    if task.state in (TaskState.FAILED, TaskState.CANCELLED):
        raise click.ClickException(f"task {task.id} {task.state}: {task.error or 'as asked'}")
