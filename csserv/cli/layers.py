"""Commands for feature layers: list them, show the zones of one, add and remove one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csserv.cli.file_options import take_choices, with_file_options
from csserv.cli.group import NamesToo, json_option, main
from csserv.cli.printing import print_facts, print_table
from csserv.settings import Settings

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
    from csserv.service import Service

COLUMNS = ("id", "title", "features", "source", "licence", "as_of")

search_option = click.option(
    "--search", default="", help="Only zones whose name, id or code holds this text."
)


@main.group(cls=NamesToo, invoke_without_command=True, subcommand_metavar="[LAYER | add | remove]")
@search_option
@json_option
@click.pass_context
def layers(ctx: click.Context, search: str, as_json: bool) -> None:
    """List the feature layers, or the zones of one LAYER.

    Some come with csserv; `csserv layers add` adds one of your own.
    """
    if ctx.invoked_subcommand is not None:
        ctx.meta["listing"] = (search, as_json)
        return
    with _service(ctx.obj) as service:
        print_table(service.layers("", search).rows, as_json, COLUMNS)


@layers.command(hidden=True)
@click.argument("layer")
@search_option
@json_option
@click.pass_context
def show(ctx: click.Context, layer: str, search: str, as_json: bool) -> None:
    """List the zones of a layer."""
    before = ctx.meta["listing"]
    with _service(ctx.obj) as service:
        found = service.layers(layer.lower(), search or before[0]).rows
    as_json = as_json or before[1]
    rows = [dict(row) if as_json else _flat(row) for row in found]
    print_table(rows, as_json, list(rows[0]) if rows else ["id", "name"])


@layers.command()
@click.argument("name")
@click.argument("file")
@click.option("--title", default="", help="What it is, in a few words.")
@click.option("--source", default="", help="Who made it; results say it.")
@click.option("--licence", default="", help="What may be done with it; results say it.")
@click.option("--valid-from", default="", help="Since when its zones are so: 2013-03-04 or 2013.")
@click.option("--layer", help="Layer, folder or file of a ZIP; also FILE.gpkg:LAYER.")
@with_file_options
@click.option("--replace", is_flag=True, help="Take the place of the layer of this name.")
@json_option
@click.pass_obj
def add(
    settings: Settings, /, name: str, file: str, replace: bool, as_json: bool, **given: Any
) -> None:
    """Add a layer of your own from a FILE of polygons or points.

    Its zones are then areas: `--area NAME/Turkana`, or `--area 'NAME/*'` for each of them. NAME has
    small letters, digits, _ and -. The layer is stored in CSSERV_DATA; the file is needed no more.
    """
    choices = take_choices(given)
    with _service(settings) as service:
        found = service.add_layer(name, Path(file), choices, replace=replace, **given)
        first = found.features[0]
    if as_json:
        click.echo(json.dumps(found.row | {"notes": list(found.remarks)}, ensure_ascii=False))
        return
    shown = "/".join((*first.parents, first.name))
    print_facts({"added": found.id} | found.row | {"first_zone": f"{shown} ({first.id})"})
    for remark in found.remarks:
        click.echo(f"note: {remark}", err=True)


@layers.command()
@click.argument("name")
@click.pass_obj
def remove(settings: Settings, name: str) -> None:
    """Remove a layer of your own; results that were made with it stay."""
    with _service(settings) as service:
        service.remove_layer(name)
    click.echo(f"{name} removed")


def _flat(row: Any) -> dict[str, Any]:
    return {key: "/".join(one) if key == "parents" else one for key, one in row.items()}


def _service(settings: Settings) -> Service:
    from csserv.service import Service

    return Service(settings, starts_runner=False)
