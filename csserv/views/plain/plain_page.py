"""The page of a task without scripts: its result, how far it is, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from csserv.errors import InvalidRequestError
from csserv.language import current_language, from_to, known_languages, local_number, tr, trn
from csserv.notes import is_synthetic
from csserv.outputs.further_dimensions import zones_of
from csserv.outputs.result import Result
from csserv.outputs.several_operations import choose_operation
from csserv.outputs.words.last_value import has_value, last_in_words, last_place
from csserv.outputs.words.provenance_text import provenance_text
from csserv.outputs.words.quantity_words import quantity_in_words
from csserv.outputs.words.sentence import step_in_words
from csserv.tasks.log.task import Task
from csserv.views.parts.key_figures import key_figures
from csserv.views.parts.series_table import SeriesTable
from csserv.views.plain.chart_data import chart_data
from csserv.views.plain.number_rows import below_normal, step_rows, zone_rows
from csserv.views.plain.plain_chart import plain_chart
from csserv.views.plain.svg_text import svg_style, to_svg
from csserv.views.tasks.task_texts import advice, sentence, steps_and_time, time_step, title

#: width and height of the chart: on wide windows and paper, on phones, in previews [pixels]
WIDE, NARROW, PREVIEW = (720.0, 400.0), (350.0, 380.0), (600.0, 315.0)

#: after how long a page of a task that has not ended loads itself again [s]
RELOAD = 5

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Chosen:
    """Which part of a result a page shows: one operation, and one series of it by its number.

    If nothing is said, the first operation, and the first series that has any value.

    Attributes
    ----------
    lang : the language that its address names; None where that is left to the browser
    """

    operation: str | None = None
    series: int | None = None
    lang: str | None = None

    def query(self, **other: Any) -> str:
        """Write it as the query of an address, perhaps with another series or language."""
        said = {"operation": self.operation, "series": self.series, "lang": self.lang} | other
        given = urlencode({name: one for name, one in said.items() if one is not None})
        return f"?{given}" if given else ""

    def take(self, result: Result) -> tuple[dict[str, Any], int]:
        """Return the JSON of the operation, and the number of the series.

        Raises
        ------
        InvalidRequestError : the result has no such operation or series; says what it has
        """
        plain = choose_operation(result.json, self.operation)
        count = len(plain["series"])
        if self.series is None:
            full = (n for n, one in enumerate(plain["series"]) if has_value(one))
            return plain, next(full, 0)
        if self.series >= count:
            raise InvalidRequestError(
                f"the result has no series {self.series}; it has 0 to {count - 1}"
            )
        return plain, self.series


@dataclass(frozen=True)
class Address:
    """Where a page is, and where it leads.

    Attributes
    ----------
    page : of the page, as a browser has it, without a query
    files : label → address of each download, relative to the page
    dashboard : of the Result page, relative; empty where there is no dashboard
    """

    page: str
    files: dict[str, str]
    dashboard: str = ""

    def beside(self, query: str) -> str:
        """Write the address of the same page with another query, as a browser reads it there."""
        return self.page.rpartition("/")[2] + query if self.page else query


def result_page(task: Task, result: Result, chosen: Chosen, address: Address) -> str:
    """Write the page of a result."""
    plain, number = chosen.take(result)
    series = plain["series"][number]
    place = last_place(series)
    table = SeriesTable.of_json({**plain, "series": [series]})
    text, data = provenance_text(result), chart_data(plain, number)
    said = last_in_words(plain, number)
    return _written(
        "plain_result.html",
        address,
        title=said.partition(tr("; ").strip())[0].strip() + _synthetic(plain),
        sentence=said,
        quantity=quantity_in_words(plain),
        period=from_to(plain["request"]["period"]),
        charts=[to_svg(plain_chart(data, *size)) for size in (WIDE, NARROW)],
        figures=key_figures(table),
        when=step_in_words(plain, place),
        zones=zone_rows(plain, place) if len(plain["series"]) > 1 else None,
        count=len(zones_of(plain)),
        rows=len(plain["series"]),
        below=below_normal(plain, place),
        steps=step_rows(plain, number),
        operations=_others(result, chosen),
        chosen=chosen,
        number=number,
        text=text,
        task=task,
        step=time_step(task),
        picture=f"{address.page}/chart.png{chosen.query()}",
    )


def task_page(task: Task, address: Address, chosen: Chosen | None = None) -> str:
    """Write the page of a task without a result: how far it is, or why there will be none."""
    return _written(
        "plain_task.html",
        address,
        chosen=chosen or Chosen(),
        title=title(task),
        task=task,
        how_far=steps_and_time(task),
        advice=advice(task),
        error=sentence(task.error) if task.error else "",
        reload=0 if task.state.is_final else RELOAD,
    )


def problem_page(heading: str, detail: str, address: Address) -> str:
    """Write a page that says why there is nothing to see."""
    return _written("plain_problem.html", address, title=heading, detail=sentence(detail))


def chart_file(result: Result, chosen: Chosen, ending: str) -> bytes:
    """Return the chart of a result as a file: ``.svg``, or ``.png`` for previews."""
    plain, number = chosen.take(result)
    data = chart_data(plain, number)
    if ending == ".png":
        from csserv.views.plain.png_picture import to_png  # Pillow is slow to import

        return to_png(plain_chart(data, *PREVIEW))
    return to_svg(plain_chart(data, *WIDE), alone=True).encode()


@lru_cache(maxsize=1)
def page_style() -> str:
    """Return the style sheet that each page has in it."""
    return (FOLDER / "plain.css").read_text(encoding="utf-8") + svg_style()


def _written(template: str, address: Address, **said: Any) -> str:
    found = _environment().get_template(template)
    chosen = {"chosen": Chosen()} | said
    language = current_language()
    return str(found.render(style=page_style(), address=address, language=language, **chosen))


def _others(result: Result, chosen: Chosen) -> Sequence[tuple[str, str]]:
    """Return name and query of the operations that are not shown."""
    names = result.operations
    shown = chosen.operation or names[0]
    return [(one, chosen.query(operation=one)) for one in names if one != shown]


def _synthetic(plain: Mapping[str, Any]) -> str:
    return tr(" (synthetic data)") if is_synthetic(plain) else ""


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"tr": tr, "trn": trn, "from_to": from_to, "languages": known_languages}
    made.filters["grouped"] = lambda number: local_number(f"{number:,}")
    made.filters["begin"] = lambda text: f"{text[:1].upper()}{text[1:]}"
    return made
