"""The command that computes an index of the results of several tasks."""

from __future__ import annotations

import json

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import print_table
from csserv.cli.request_options import read_pair
from csserv.cli.series_rows import series_columns, series_rows
from csserv.settings import Settings


@main.command("index-of")
@click.argument("index")
@click.option("--rain", "precipitation", metavar="TASK", help="Task of the rain.")
@click.option("--pet", metavar="TASK", help="Of potential evapotranspiration.")
@click.option("--temperature", metavar="TASK", help="Of the mean temperature.")
@click.option("--temperature-min", metavar="TASK", help="Of the lowest temperature.")
@click.option("--temperature-max", metavar="TASK", help="Of the highest temperature.")
@click.option("--accumulate", type=int, default=1, show_default=True, help="Steps added up.")
@click.option("--against", metavar="YEARS", help="Its reference: 1991/2020.")
@click.option("--index-option", "options", multiple=True, metavar="NAME=VALUE")
@click.option("--date", help="Say this step in words, and not the last one.")
@click.option("--table", is_flag=True, help="Print the series.")
@json_option
@click.pass_obj
def index_of(
    settings: Settings,
    /,
    index: str,
    accumulate: int,
    against: str | None,
    options: tuple[str, ...],
    date: str | None,
    table: bool,
    as_json: bool,
    **tasks: str | None,
) -> None:
    """Compute an index of the results of several tasks: spei of rain and evaporation.

    The tasks are of the same area, period and time step, of the whole record. Prints the last step
    in words, a line each zone.
    """
    from csserv.service import Service

    if as_json + table + (date is not None) > 1:
        raise click.UsageError("--json, --table and --date: one of these, please")
    chosen = dict(read_pair(text, "index-option") for text in options)
    given = {kind: task for kind, task in tasks.items() if task}
    with Service(settings) as service:
        found = service.index_of(
            given, index.lower(), accumulate=accumulate, against=against, **chosen
        )
    if as_json:
        click.echo(json.dumps(found.json, ensure_ascii=False))
    elif table:
        print_table([*series_rows(found.json)], False, series_columns(found.json))
    else:
        for note in found.notes:
            click.echo(f"note: {note}", err=True)
        click.echo(found.in_words(date))
