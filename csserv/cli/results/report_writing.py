"""The command that writes a result as a report to hand out."""

from __future__ import annotations

from pathlib import Path

import click

from csserv.cli.group import main
from csserv.cli.requesting import open_service
from csserv.errors import InvalidRequestError, SettingsError
from csserv.language import Language, asked_language, known_languages, speaking
from csserv.settings import Settings

#: formats of reports; their module is slow to import
ENDINGS = (".pdf", ".docx", ".html")


@main.command()
@click.argument("task_id", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file to write: its ending, .pdf, .docx or .html, says as what; or a folder, for PDF.",
)
@click.option("--zone", help="Name or id of the zone that the answer is of.")
@click.option("--operation", help="Of several, the one that the report is of.")
@click.option(
    "--language", help="Code of the language: en, fr, es, pt, ar, sw; else as the settings say."
)
@click.option(
    "--template",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a template of your own, before that of CSSERV_REPORT_TEMPLATE.",
)
@click.option(
    "--new-template",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write our template into a folder, to be changed, and do nothing else.",
)
@click.pass_obj
def report(
    settings: Settings,
    task_id: str | None,
    out: Path | None,
    zone: str | None,
    operation: str | None,
    language: str | None,
    template: Path | None,
    new_template: Path | None,
) -> None:
    """Write a result as a report: answer, chart, map, tables, method, notes, citation.

    A PDF, unless --out ends in .docx or .html. The words, the logo and the order are those of a
    template, which --new-template writes for you to change.
    """
    if new_template:
        _write_template(new_template)
        return
    if not task_id:
        raise click.UsageError("say of which task, or --new-template FOLDER")
    ending = out.suffix.lower() if out and not out.is_dir() else ".pdf"
    if ending not in ENDINGS:
        raise click.UsageError(f"--out ends in {ending or 'nothing'}; one of {', '.join(ENDINGS)}")
    spoken = _language_of(language or settings.language)
    with speaking(spoken):
        content, stem = _written(settings, task_id, ending, (zone, operation), template)
    path = out if out and not out.is_dir() else (out or Path()) / f"{stem}{ending}"
    try:
        path.write_bytes(content)
    except OSError as error:
        raise SettingsError(f"cannot write {path}: {error.strerror or error}") from None
    click.echo(path)


def _written(
    settings: Settings,
    task_id: str,
    ending: str,
    chosen: tuple[str | None, str | None],
    template: Path | None,
) -> tuple[bytes, str]:
    """Return the report, and the name of its file without an ending."""
    from csserv.views.plain.plain_page import Chosen  # slow to import
    from csserv.views.report.report_formats import write_report

    zone, operation = chosen
    with open_service(settings) as service:
        task, result = service.task(task_id), service.result(task_id, wait=False)
        number = None if zone is None else _series_of(result.json["series"], zone)
        folder = template or settings.report_template
        content = write_report(task, result, ending[1:], folder, Chosen(operation, number))
    return content, task.request.file_stem


def _language_of(code: str) -> Language:
    if found := asked_language(code):
        return found
    raise InvalidRequestError(
        f"there is no language {code[:20]!r}; there are {', '.join(known_languages())}"
    )


def _series_of(series: list[dict[str, dict[str, str]]], zone: str) -> int:
    """Return the number of the first series of a zone, by its id or name."""
    for key in ("id", "name"):
        for number, one in enumerate(series):
            if one["zone"][key].casefold() == zone.casefold():
                return number
    names = list(dict.fromkeys(one["zone"]["name"] for one in series))
    more = ", …" if len(names) > 10 else ""
    raise InvalidRequestError(f"no zone {zone!r}; the result has {', '.join(names[:10])}{more}")


def _write_template(folder: Path) -> None:
    from csserv.views.report.template import write_template

    for path in write_template(folder):
        click.echo(path)
    click.echo(f"Change them, then: csserv report TASK --template {folder}", err=True)
