"""Commands for datasets: list them, show one in full, add one."""

from __future__ import annotations

import json
from contextlib import nullcontext
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from csserv.cli.group import NamesToo, json_option, main
from csserv.cli.new_data.row_options import given_options, naming_options, several
from csserv.cli.printing import print_facts, print_table, size
from csserv.errors import GranuleError, InvalidRequestError
from csserv.settings import Settings
from csserv.views.parts.amounts import counted

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
    from csserv.catalog import Catalog, CatalogEntry, Coverage

COLUMNS = ("number", "name", "title", "units", "from", "to", "gaps", "files")


@main.group(cls=NamesToo, invoke_without_command=True, subcommand_metavar="[NAME | add …]")
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
    here = list(catalog.here().values())
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
    from csserv.catalog.entry import CORRECTION_FIELDS

    entry = _catalog(ctx.obj)[name]
    coverage = entry.coverage() if entry.is_here else None
    if as_json or ctx.meta.get("as_json"):
        found = {name: getattr(entry, name) for name in CORRECTION_FIELDS}
        found |= {"read_as": _reading(entry)} if coverage else {}
        found |= {"coverage": coverage.to_dict() if coverage else None}
        click.echo(json.dumps(_described(entry) | found, ensure_ascii=False))
        return
    there = _reading(entry) | _facts(coverage) if coverage else {"data": entry.unavailable_reason}
    print_facts(_described(entry) | there)


@datasets.command()
@click.argument("name")
@click.argument("where", required=False)
@click.option("--files", "pattern", help="The same as WHERE.")
@click.option("--link", is_flag=True, help="Link files from elsewhere into CSSERV_DATA.")
@given_options
@click.option("--replace", is_flag=True, help="Take the place of the dataset of this name.")
@json_option
@click.pass_obj
def add(
    settings: Settings,
    /,
    name: str,
    where: str | None,
    pattern: str | None,
    link: bool,
    replace: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Add a dataset: the files of WHERE, a folder, a pattern such as 'rain/*.nc', or a file.

    They lie below CSSERV_DATA; without WHERE, in the folder of that name there. Looks into the
    first file, says what it takes of it and why, and writes a row into CSSERV_CATALOG, or else
    into datasets.toml in CSSERV_DATA. What the table holds stays as it is. What the files leave
    open is asked in a terminal, and else refused with the option that says it. The name of a
    product of the built-in catalog brings its title, number, licence and citation.
    """
    from csserv.catalog import CatalogEntry
    from csserv.catalog.adding import check_name
    from csserv.catalog.catalog import TABLE
    from csserv.catalog.file_patterns import linked
    from csserv.catalog.finding_out.few_files import check_few_files
    from csserv.catalog.finding_out.whole_archive import remarks
    from csserv.catalog.header_store.known_headers import Headers
    from csserv.catalog.toml_table import put_rows
    from csserv.cli.new_data.conversion_first import converted
    from csserv.cli.new_data.questions import row_with_answers

    check_name(name)
    known = _known_product(settings, name, replace)
    headers = Headers(settings.cache)
    files = converted(settings.data, name, where or pattern or name)
    told, path = given | several(given), settings.catalog or settings.data / TABLE
    with linked(settings.data, name, files) if link else nullcontext(files) as meant:
        try:
            row = row_with_answers(settings.data, name, meant, told, headers, known)
        except GranuleError as error:
            raise GranuleError(naming_options(str(error))) from None
        entry = CatalogEntry.of(name, settings.data, row, headers=headers)
        warnings, coverage = check_few_files(entry) + remarks(entry), entry.coverage()
        put_rows(path, {name: row})
    if as_json:
        found = {"read_as": _reading(entry), "warnings": warnings}
        found |= {"coverage": coverage.to_dict()}
        click.echo(json.dumps({"name": name} | _without_infinity(row) | found, ensure_ascii=False))
        return
    print_facts({"added": f"{name}, in {path}"} | row | _reading(entry) | _facts(coverage))
    if entry.missing and not given["missing"]:
        warnings.append("missing was found by being far from all others; --missing says otherwise")
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


def _known_product(settings: Settings, name: str, replace: bool) -> dict[str, Any]:
    """Return what the built-in catalog says of a product; nothing of one that is not there.

    Raises
    ------
    InvalidRequestError : there is a dataset of that name, with files, or of somebody's own
    """
    from csserv.catalog.catalog import BUILT_IN
    from csserv.catalog.toml_table import read_table

    catalog = _catalog(settings)
    if name in list(catalog) and not replace:
        entry = catalog[name]
        if not entry.built_in:
            raise InvalidRequestError(
                f"there is a dataset {name} ({entry.title}); --replace takes its place, and "
                "nothing of it stays"
            )
    known = read_table(BUILT_IN).get(name, {})
    return {} if known.get("withdrawn") else known


def _without_infinity(row: dict[str, Any]) -> dict[str, Any]:
    """Replace infinite bounds of the valid range by null, as JSON has no infinity."""
    bounds = [one if isfinite(one) else None for one in row.get("valid", ())]
    return row | ({"valid": bounds} if bounds else {})


def _reading(entry: CatalogEntry) -> dict[str, str]:
    """Describe how the files are read, and how steps are aggregated to longer ones."""
    from csserv.catalog.adding import describe_reading
    from csserv.zonal.conversion import describe_over_time

    return describe_reading(entry) | {"over_time": describe_over_time(entry, entry.timeline())}


def _catalog(settings: Settings) -> Catalog:
    from csserv.catalog import Catalog

    return Catalog.read(settings.data, settings.catalog, settings.cache)


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
    gaps = [f"{gap.first} to {gap.last} ({counted(gap.steps, 'step')})" for gap in there.gaps]
    return {
        "steps": f"{there.steps}, {there.time_step}, {there.first} to {there.last}",
        "calendar": there.calendar,
        "gaps": "\n".join(gaps) or "none",
        "grid": f"{there.rows} x {there.columns} cells of {wide:g} x {high:g} degrees (lon x lat)",
        "bounds": f"longitude {west:g} to {east:g}, latitude {south:g} to {north:g}",
        **{one.name: ", ".join(one.labels) for one in there.further},
        "on disk": f"{counted(there.files, 'file')}, {size(there.bytes)}",
        "updated": there.updated,
    }
