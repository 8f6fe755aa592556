"""Commands that explain: what is behind a number of a result, and which indices there are."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

import click

from csserv.cli.group import json_option, main
from csserv.cli.printing import print_facts, print_table
from csserv.cli.requesting import open_service
from csserv.settings import Settings

#: columns of the list of indices
COLUMNS = ("name", "title", "needs", "time_steps", "units", "library")

#: what is printed as a table, below the sentence
TABLES = ("cells", "series", "sample")

#: what is no text
NO_TEXT = ("shape", "cell_size", "files")


@main.command()
@click.argument("task_id")
@click.argument("date")
@click.option("--zone", help="Name or id; needed only if there are several.")
@click.option("--operation", help="Of several, the first if not given.")
@json_option
@click.pass_obj
def explain(
    settings: Settings,
    task_id: str,
    date: str,
    zone: str | None,
    operation: str | None,
    as_json: bool,
) -> None:
    """Explain a number of a task's result: the cells behind it, or the record behind an index.

    DATE is a step, such as 2019-03, or a day in one. What is behind the number is read again from
    the files here.
    """
    from csserv.checking import Explanation, IndexExplanation

    with open_service(settings) as service:
        found = service.explain(service.result(task_id, wait=False), date, zone, operation)
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False))
        return
    click.echo(str(found))
    rows = found.sample if isinstance(found, IndexExplanation) else found.cells
    print_table(_rows(rows), False, list(rows.columns))
    if isinstance(found, Explanation) and found.normal:
        click.echo()
        sample = found.normal.sample
        print_table(_rows(sample), False, list(sample.columns))


@main.command()
@click.argument("name", required=False)
@json_option
def indices(name: str | None, as_json: bool) -> None:
    """List the indices that `submit --index` knows; or show the one called NAME in full."""
    from csserv.climatology.index_descriptions import describe_index, describe_indices

    if name is None:
        rows = describe_indices()
        shown = [{key: row[key] for key in COLUMNS} for row in rows]
        print_table(rows if as_json else [_listed(row) for row in shown], as_json, COLUMNS)
        return
    row = describe_index(name.lower())
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    print_facts(_listed({key: value for key, value in row.items() if key != "parameters"}))
    print_table(row["parameters"], False, ("name", "default", "allowed", "means"))


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    """Write lists of words as texts, a definition as in a page, without marks of code."""
    return {
        key: ", ".join(value) if isinstance(value, list) else str(value).replace("``", "")
        for key, value in row.items()
    }


def _rows(table: Any) -> list[dict[str, str]]:
    """Write the rows of a table; what is missing is empty."""
    return [{name: _text(value) for name, value in row.items()} for row in table.to_dict("records")]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    return str(value).removesuffix(" 00:00:00")


def _plain(found: Any) -> dict[str, Any]:
    """Return an explanation as JSON has it; of its tables, the rows."""
    plain: dict[str, Any] = {"words": str(found)}
    for field in fields(found):
        value = getattr(found, field.name)
        if field.name in TABLES:
            rows = value.to_json(orient="records", date_format="iso", double_precision=15)
            plain[field.name] = json.loads(rows)
        elif is_dataclass(value):
            plain[field.name] = _plain(value)
        elif field.name not in NO_TEXT:
            plain[field.name] = value
    return plain
