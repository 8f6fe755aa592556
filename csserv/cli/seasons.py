"""The command that says how a season stands, and how it may end."""

from __future__ import annotations

import json
from functools import partial

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import show_progress
from csserv.cli.request_options import given_area, read_pair
from csserv.request.files.file_choices import NO_CHOICES
from csserv.settings import Settings


@main.command()
@click.argument("dataset")
@click.option("--area", "place", help='A name ("Kenya", "Kenya/*") or a file of polygons.')
@click.option("--box", nargs=4, type=float, help="West south east north [degrees].")
@click.option("--point", nargs=2, type=float, help="Longitude latitude [degrees].")
@click.option("--season", required=True, help="First and last month or day: 2024-03/2024-05.")
@click.option("--against", metavar="YEARS", default="default", help="What is normal: 1991/2020.")
@click.option("--forecast", default="", help="Dataset that goes on where the data end.")
@click.option("--select", multiple=True, metavar="NAME=VALUE", help="Of the forecast: member='*'.")
@click.option("--operation", default="mean", show_default=True, help="Over each zone.")
@json_option
@click.pass_obj
def outlook(
    settings: Settings,
    dataset: str,
    place: str | None,
    box: tuple[float, float, float, float] | None,
    point: tuple[float, float] | None,
    season: str,
    against: str,
    forecast: str,
    select: tuple[str, ...],
    operation: str,
    as_json: bool,
) -> None:
    """Say how a season stands against what is normal, and how it may end.

    What fell so far goes on as the forecast says, and then as in each year of the reference.
    """
    from csserv.outlooks.ask_season import SeasonQuestion, ask_season
    from csserv.service import Service

    area = given_area(place, box, point, NO_CHOICES)
    chosen = dict(read_pair(text) for text in select)
    question = SeasonQuestion(dataset, area, season, against, forecast, chosen, operation)
    with Service(settings) as service:
        found = ask_season(service, question, on_tasks=partial(show_progress, service))
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False))
        return
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(str(found))
