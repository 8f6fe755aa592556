"""Commands for datasets: list them, show one in full, add one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import print_facts, print_table, size
from csserv.errors import GranuleError, InvalidRequestError
from csserv.settings import Settings

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
    from csserv.catalog import Catalog, CatalogEntry, Coverage

COLUMNS = ("number", "name", "title", "units", "from", "to", "gaps", "files")

#: optional fields of a dataset, set when it is added, with the help text of each
OPTIONAL_FIELDS = {
    "variable": "Name in the files, group/name in a group; needed where they have several.",
    "title": "What it is, in a line.",
    "units": "Where the files do not say them.",
    "description": "What it is, in a sentence or two.",
    "resolution": "As its makers say it.",
    "region": "Where it is of.",
    "source": "Who made it.",
    "licence": "What may be done with it.",
    "citation": "How to cite it.",
}


class _NamesToo(click.Group):
    """A group of commands that also takes the name of a dataset in place of a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command; a word that is none is taken as a dataset to show."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["show", *args])


@main.group(cls=_NamesToo, invoke_without_command=True, subcommand_metavar="[NAME | add …]")
@click.option("--all", "every", is_flag=True, help="Also those that have no files here.")
@json_option
@click.pass_context
def datasets(ctx: click.Context, every: bool, as_json: bool) -> None:
    """List the datasets that have files here; or show the one called NAME (or number) in full.

    `csserv datasets add` puts one into the catalog.
    """
    if ctx.invoked_subcommand is not None:
        ctx.meta["as_json"] = as_json
        return
    catalog = _catalog(ctx.obj)
    here = [entry for entry in catalog.values() if entry.is_here]
    rows = [_row(entry, entry in here) for entry in (catalog.values() if every else here)]
    print_table(rows if as_json else [_shown(row) for row in rows], as_json, COLUMNS)
    for row in rows:
        if row["error"]:
            click.echo(f"{row['name']}: {row['error']}", err=True)
    if not every and len(here) < len(catalog):
        click.echo(f"{len(catalog) - len(here)} more have no files here: --all", err=True)


@datasets.command(hidden=True)
@click.argument("name")
@json_option
@click.pass_context
def show(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show one dataset: its fields in the catalog, and the coverage of its files."""
    entry = _catalog(ctx.obj)[name]
    coverage = entry.coverage() if entry.is_here else None
    if as_json or ctx.meta.get("as_json"):
        there = coverage.to_dict() if coverage else None
        click.echo(json.dumps(_described(entry) | {"coverage": there}, ensure_ascii=False))
        return
    print_facts(
        _described(entry) | (_facts(coverage) if coverage else {"data": entry.unavailable_reason})
    )


def _given_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each optional field."""
    for name, text in reversed(OPTIONAL_FIELDS.items()):
        function = click.option(f"--{name}", help=text)(function)
    return function


@datasets.command()
@click.argument("name")
@click.option("--files", "pattern", required=True, help="Such as 'rain/*.nc', below CSSERV_DATA.")
@_given_options
@click.option("--number", type=int, help="ClimateSERV's number, where it takes that one's place.")
@click.option("--over-time", help="sum, mean, max or min: how steps become longer ones.")
@click.option("--replace", is_flag=True, help="Take the place of the dataset of this name.")
@json_option
@click.pass_obj
def add(
    settings: Settings, /, name: str, pattern: str, replace: bool, as_json: bool, **given: Any
) -> None:
    """Add a dataset: its files lie below CSSERV_DATA.

    Looks into the first file, and writes a row into CSSERV_CATALOG, or else into datasets.toml in
    CSSERV_DATA. What the table holds stays as it is.
    """
    from csserv.catalog import CatalogEntry
    from csserv.catalog.adding import make_row
    from csserv.catalog.catalog import TABLE
    from csserv.catalog.toml_table import check_row, put_rows

    catalog = _catalog(settings)
    if name in list(catalog) and not replace:
        raise InvalidRequestError(
            f"there is a dataset {name} ({catalog[name].title}); --replace takes its place, and "
            "nothing of it stays"
        )
    row = make_row(settings.data, name, pattern, given)
    check_row(name, row)
    coverage = CatalogEntry(name=name, data=settings.data, **row).coverage()
    path = settings.catalog or settings.data / TABLE
    put_rows(path, {name: row})
    if as_json:
        added = {"name": name} | row | {"coverage": coverage.to_dict()}
        click.echo(json.dumps(added, ensure_ascii=False))
        return
    print_facts({"added": f"{name}, in {path}"} | row | _facts(coverage))


def _catalog(settings: Settings) -> Catalog:
    from csserv.catalog import Catalog

    return Catalog.read(settings.data, settings.catalog)


def _described(entry: CatalogEntry) -> dict[str, Any]:
    others = ("files", "over_time", "old_name", "withdrawn")
    return entry.describe() | {name: getattr(entry, name) for name in others}


def _row(entry: CatalogEntry, is_here: bool) -> dict[str, Any]:
    """Write the row of a dataset; one that cannot be read has an error in its row."""
    row = _described(entry) | {"from": None, "to": None, "gaps": None, "files": 0, "error": None}
    if not is_here:
        return row
    try:
        there = entry.coverage()
    except GranuleError as error:
        return row | {"files": len(entry.granules), "error": str(error)}
    found = {"from": there.first, "to": there.last, "gaps": len(there.gaps), "files": there.files}
    return row | found


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "" if value is None else value for name, value in row.items()}


def _facts(there: Coverage) -> dict[str, Any]:
    """Write the coverage of a dataset as named facts."""
    west, south, east, north = there.bounds
    wide, high = there.resolution
    gaps = [f"{gap.first} to {gap.last} ({gap.steps} steps)" for gap in there.gaps]
    return {
        "steps": f"{there.steps}, {there.time_step}, {there.first} to {there.last}",
        "calendar": there.calendar,
        "gaps": "\n".join(gaps) or "none",
        "grid": f"{there.rows} x {there.columns} cells of {wide:g} x {high:g} degrees (lon x lat)",
        "bounds": f"longitude {west:g} to {east:g}, latitude {south:g} to {north:g}",
        **{one.name: ", ".join(one.labels) for one in there.further},
        "missing value": "" if there.fill is None else f"{there.fill:g}",
        "on disk": f"{there.files} files, {size(there.bytes)}",
        "updated": there.updated,
    }
