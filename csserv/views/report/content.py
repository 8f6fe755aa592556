"""What a report says, whatever it is written as: its head, and its sections in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from csserv.errors import InvalidAreaError
from csserv.language import (
    Language,
    apart,
    current_language,
    from_to,
    listed,
    local_number,
    mark,
    mark_count,
    said_area,
    tr,
    trn,
)
from csserv.outputs.further_dimensions import dimensions_of
from csserv.outputs.result import Result
from csserv.outputs.words.last_value import last_in_words, last_place
from csserv.outputs.words.provenance_text import ProvenanceText, provenance_text
from csserv.outputs.words.quantity_words import quantity_and_period
from csserv.outputs.words.sentence import step_in_words
from csserv.tasks.log.task import Task
from csserv.views.plain.chart_data import chart_data
from csserv.views.plain.drawing import Drawing
from csserv.views.plain.number_rows import NumberRows, below_normal, step_rows, zone_rows
from csserv.views.plain.plain_chart import plain_chart
from csserv.views.plain.plain_page import Chosen
from csserv.views.report.logo import Logo, read_logo
from csserv.views.report.map_classes import map_classes
from csserv.views.report.template import ReportTemplate
from csserv.views.report.zone_drawing import zone_drawing
from csserv.views.tasks.task_texts import time_step, utc_time
from csserv.views.zones.period_total import total_in_words

#: width and height of the pictures [pixels]
CHART, MAP = (720.0, 380.0), (720.0, 430.0)


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A chart or a map."""

    drawing: Drawing


@dataclass(frozen=True)
class Numbers:
    """A table, whose first column is named."""

    first: str
    rows: NumberRows


Block: TypeAlias = Text | Bullets | Picture | Numbers


@dataclass(frozen=True)
class Section:
    """A part of a report under its heading."""

    name: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A report.

    Attributes
    ----------
    institute, logo : whose it is; empty and None where the template says nothing
    above : a line above the title
    title : the answer in a sentence
    about : what the values are, and of when
    foot : stands at the foot of each page
    language : that it is written in
    """

    institute: str
    logo: Logo | None
    above: str
    title: str
    about: str
    before: str
    sections: tuple[Section, ...]
    after: str
    foot: str
    language: Language


@dataclass(frozen=True)
class Source:
    """What sections are made of.

    Attributes
    ----------
    plain : the JSON of one operation
    number : of the series that the answer is of
    place : of the step that the answer is of
    """

    task: Task
    result: Result
    plain: Mapping[str, Any]
    number: int
    place: int
    text: ProvenanceText
    template: ReportTemplate


def make_report(task: Task, result: Result, template: ReportTemplate, chosen: Chosen) -> Report:
    """Make the report of a result.

    Parameters
    ----------
    chosen : the operation and the series that it is of
    """
    plain, number = chosen.take(result)
    place = last_place(plain["series"][number])
    source = Source(task, result, plain, number, place, provenance_text(result), template)
    words = {name: tr(text) for name, text in template.words.items()}
    sections = (
        Section(name, words[name], tuple(SECTION_BLOCKS[name](source)))
        for name in template.sections
    )
    total = total_in_words(plain, number)
    return Report(
        institute=template.institute,
        logo=read_logo(template.logo) if template.logo else None,
        above=words["above_title"],
        title=f"{last_in_words(plain, number)}.",
        about=" ".join(f"{one}." for one in (total, quantity_and_period(plain)) if one),
        before=words["before"],
        sections=tuple(one for one in sections if one.blocks),
        after=words["after"],
        foot=_foot(words["foot"], task),
        language=current_language(),
    )


def _foot(text: str, task: Task) -> str:
    """Write the foot; what is in braces and is no name stays."""
    known = {"task": task.id, "finished": utc_time(task.finished)}
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", apart(value))
    return text


def _chart(source: Source) -> Iterator[Block]:
    yield Picture(plain_chart(chart_data(source.plain, source.number), *CHART))


def _map(source: Source) -> Iterator[Block]:
    """Draw the zones, where there are several with one series each, and their shapes are there."""
    if len(source.plain["series"]) < 2 or dimensions_of(source.plain):
        return
    try:
        area = source.result.area
    except InvalidAreaError:
        return
    if len(area.zones) != len(source.plain["series"]):
        return
    classes = map_classes(source.plain, source.place)
    when = step_in_words(source.plain, source.place)
    title = tr(
        "{where}: {answer}", where=listed([said_area(area.title), when]), answer=classes.title
    )
    origin = " ".join(chart_data(source.plain, source.number).source)
    yield Picture(zone_drawing(area, classes, (title, origin), *MAP))


def _table(source: Source) -> Iterator[Block]:
    count = len(source.plain["series"])
    if count < 2:
        return
    below, known = below_normal(source.plain, source.place)
    when = step_in_words(source.plain, source.place)
    if known:
        numbers = {"below": local_number(f"{below:,}"), "count": local_number(f"{known:,}")}
        said = trn(
            "{below} of {count} is below normal.",
            "{below} of {count} are below normal.",
            below,
            **numbers,
        )
        first = tr("{where}: {answer}", where=when, answer=said)
        rank = tr("The rank says of how many of 100 years it is above; the lowest come first.")
        yield Text(f"{first} {rank}")
    else:
        highest = tr("The highest values come first.")
        yield Text(f"{when}. {highest}")
    rows = zone_rows(source.plain, source.place)
    first = mark("Series") if dimensions_of(source.plain) else mark("Zone")
    yield from _numbers(tr(first), rows, source.template.most_zones, MORE[first])


def _steps(source: Source) -> Iterator[Block]:
    rows = step_rows(source.plain, source.number)
    yield from _numbers(tr("Step"), rows, source.template.most_steps, MORE["Step"])


#: what rows are of → what is said of those that a report leaves out
MORE = {
    "Zone": mark_count(
        "{count} more zone is in the files of the result.",
        "{count} more zones are in the files of the result.",
    ),
    "Series": mark_count(
        "{count} more series is in the files of the result.",
        "{count} more series are in the files of the result.",
    ),
    "Step": mark_count(
        "{count} step before them is in the files of the result, too.",
        "{count} steps before them are in the files of the result, too.",
    ),
}


def _numbers(first: str, rows: NumberRows, most: int, more: tuple[str, str]) -> Iterator[Block]:
    left_out = rows.left_out + max(len(rows.rows) - most, 0)
    yield Numbers(first, replace(rows, rows=rows.rows[:most], left_out=left_out))
    if left_out:
        yield Text(trn(*more, left_out, count=local_number(f"{left_out:,}")))


def _method(source: Source) -> Iterator[Block]:
    yield Text(source.text.summary)
    request = source.plain["request"]
    yield Text(
        tr(
            "Asked for: {what} of {dataset}, {area}, {period}, time step: {step}.",
            what=tr(source.task.request.operation),
            dataset=request["dataset"],
            area=said_area(source.task.request.area_title),
            period=from_to(request["period"]),
            step=time_step(source.task),
        )
    )


def _notes(source: Source) -> Iterator[Block]:
    if source.text.notes:
        yield Bullets(source.text.notes)


def _citation(source: Source) -> Iterator[Block]:
    yield Text(source.text.citation)


#: section → its blocks
SECTION_BLOCKS: dict[str, Callable[[Source], Iterator[Block]]] = {
    "chart": _chart,
    "map": _map,
    "table": _table,
    "steps": _steps,
    "method": _method,
    "notes": _notes,
    "citation": _citation,
}
