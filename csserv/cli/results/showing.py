"""Commands that show a result, write it as a file, compute it again, or say what has moved."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import print_moved, print_table
from csserv.cli.requesting import echo_link, echo_notes, open_service, there
from csserv.cli.series_rows import series_columns, series_rows
from csserv.errors import SettingsError
from csserv.settings import Settings

#: formats of files; their module is slow to import
FORMATS = ("csv", "xlsx", "netcdf", "parquet", "geojson")

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
    from csserv.outputs.result import Result


@main.command()
@click.argument("task_id")
@json_option
@click.option("--words", is_flag=True, help="Say the last step in words, a line each zone.")
@click.option("--table", is_flag=True, help="Print the series, with what is normal if asked for.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS, case_sensitive=False),
    help="Write a file, named after the request, and print its path.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The file to write, or a folder.")
@click.pass_obj
def result(
    settings: Settings,
    task_id: str,
    as_json: bool,
    words: bool,
    table: bool,
    form: str | None,
    out: Path | None,
) -> None:
    """Print where the files of a finished task are, its JSON, its series, or its last step.

    With --format, write it as CSV, Excel workbook, NetCDF, Parquet, or GeoJSON: a feature each
    zone with a field each step.

    Where a server of this machine runs, or CSSERV_ADDRESS says its address, the link to the page
    that people can be sent, /r/TASK, is printed as well, besides the output.
    """
    if as_json + words + table + bool(form) > 1:
        raise click.UsageError("--json, --words, --table and --format: one of these, please")
    if out and not form:
        raise click.UsageError(f"--out needs --format, one of {', '.join(FORMATS)}")
    with open_service(settings) as service:
        found = service.result(task_id, wait=False)
        task = service.task(task_id)
        stem = task.request.file_stem
        if form:
            click.echo(_write(found, form, out or Path(), stem))
            return
    if as_json:
        click.echo(found.path.read_text(encoding="utf-8"))
    elif words:
        click.echo("\n".join(found.in_words(operation=name) for name in found.operations))
    elif table:
        print_table([*series_rows(found.json)], False, series_columns(found.json))
    else:
        for path in found.files:
            click.echo(path)
        echo_notes(found.notes)
        echo_link(settings, task)


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
    with open_service(settings) as service:
        found = service.verify(there(service, result), whole, _echo_files)
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
    with open_service(settings) as service:
        found = service.moved(there(service, result))
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        print_moved(found)
    if not found.is_still:
        raise SystemExit(1)


def _write(found: Result, form: str, out: Path, stem: str) -> Path:
    """Write a result to a file, or into a folder under a name of its own; return the path."""
    from csserv.outputs.formats.file_formats import FILE_FORMATS  # slow to import

    known = FILE_FORMATS[form]
    if out.suffix.lower() in {one.ending for one in FILE_FORMATS.values()} - {known.ending}:
        raise click.UsageError(f"--out ends in {out.suffix}, and --format is {form}")
    path = out / f"{stem}{known.ending}" if out.is_dir() else out
    try:
        known.write(found, path)
    except OSError as error:
        raise SettingsError(f"cannot write {path}: {error.strerror or error}") from None
    return path


def _echo_files(done: int, total: int) -> None:
    """Print how many files are read, on a line that is written anew; for people alone."""
    if sys.stderr.isatty():
        click.echo(f"\rread {done:,} of {total:,} files", err=True, nl=done == total)
