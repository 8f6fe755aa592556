"""Commands about datasets: list them, show one in full, add one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from csserv.cli.group import as_json, main
from csserv.cli.printing import print_facts, print_table, size
from csserv.errors import GranuleError, InvalidRequestError
from csserv.settings import Settings

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
    from csserv.catalog import Catalog, CatalogEntry, Coverage

COLUMNS = ("number", "name", "title", "units", "from", "to", "gaps", "files")

#: fields of a row that may be given when it is added, and what they are
GIVEN = {
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
    """A group whose first word may also be the name of a dataset."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; any other word is the name of a dataset to show."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["show", *args])


@main.group(cls=_NamesToo, invoke_without_command=True, subcommand_metavar="[NAME | add …]")
@click.option("--all", "every", is_flag=True, help="Also those that have no files here.")
@as_json
@click.pass_context
def datasets(ctx: click.Context, every: bool, plain: bool) -> None:
    """List the datasets that have files here; or show the one called NAME (or number) in full.

    `csserv datasets add` puts one into the catalog.
    """
    if ctx.invoked_subcommand is not None:
        ctx.meta["plain"] = plain
        return
    catalog = _catalog(ctx.obj)
    here = [entry for entry in catalog.values() if entry.is_here]
    rows = [_row(entry, entry in here) for entry in (catalog.values() if every else here)]
    print_table(rows if plain else [_shown(row) for row in rows], plain, COLUMNS)
    for row in rows:
        if row["error"]:
            click.echo(f"{row['name']}: {row['error']}", err=True)
    if not every and len(here) < len(catalog):
        click.echo(f"{len(catalog) - len(here)} more have no files here: --all", err=True)


@datasets.command(hidden=True)
@click.argument("name")
@as_json
@click.pass_context
def show(ctx: click.Context, name: str, plain: bool) -> None:
    """Show one dataset: what it is, and what there is of it."""
    entry = _catalog(ctx.obj)[name]
    coverage = entry.coverage() if entry.is_here else None
    if plain or ctx.meta.get("plain"):
        there = coverage.to_dict() if coverage else None
        click.echo(json.dumps(_plain(entry) | {"coverage": there}, ensure_ascii=False))
        return
    print_facts(
        _plain(entry) | (_facts(coverage) if coverage else {"data": entry.unavailable_reason})
    )


def _given_options(function: Callable[..., None]) -> Callable[..., None]:
    """Make an option of each field that may be given."""
    for name, text in reversed(GIVEN.items()):
        function = click.option(f"--{name}", help=text)(function)
    return function


@datasets.command()
@click.argument("name")
@click.option("--files", "pattern", required=True, help="Such as 'rain/*.nc', below CSSERV_DATA.")
@_given_options
@click.option("--number", type=int, help="ClimateSERV's number, where it takes that one's place.")
@click.option("--over-time", help="sum, mean, max or min: how steps become longer ones.")
@click.option("--replace", is_flag=True, help="Take the place of the dataset of this name.")
@as_json
@click.pass_obj
def add(
    settings: Settings, /, name: str, pattern: str, replace: bool, plain: bool, **given: Any
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
    if plain:
        added = {"name": name} | row | {"coverage": coverage.to_dict()}
        click.echo(json.dumps(added, ensure_ascii=False))
        return
    print_facts({"added": f"{name}, in {path}"} | row | _facts(coverage))


def _catalog(settings: Settings) -> Catalog:
    from csserv.catalog import Catalog

    return Catalog.read(settings.data, settings.catalog)


def _plain(entry: CatalogEntry) -> dict[str, Any]:
    others = ("files", "over_time", "old_name", "withdrawn")
    return entry.describe() | {name: getattr(entry, name) for name in others}


def _row(entry: CatalogEntry, is_here: bool) -> dict[str, Any]:
    """Say of a dataset what a list shows; one that cannot be read does not spoil the list."""
    row = _plain(entry) | {"from": None, "to": None, "gaps": None, "files": 0, "error": None}
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
    """Say what there is of a dataset, a line each."""
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
