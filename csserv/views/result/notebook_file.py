"""A notebook that repeats the request of a result, plots the series and cites the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from csserv.catalog import Layers
from csserv.request import Area
from csserv.request.options import PAIRS
from csserv.views.charts.chart_lines import MOST_LINES
from csserv.views.request.request_code import area_in_python
from csserv.views.result.loaded_result import LoadedResult

#: longest area written into the notebook; a longer one is read from the task [characters]
LONGEST_AREA = 200_000

SETUP = """\
import csserv
import holoviews as hv

hv.extension("bokeh", inline=True, logo=False)

SERVER = {server}  # None: the data of this machine
service = csserv.connect(SERVER)"""

CALL = """\
task = service.submit(
    {dataset!r},
    {operation!r},
    area={area},
    period={period!r},{options}
)
result = service.result(task)"""

TABLE = """\
table = result.to_dataframe()
table"""

PLOT = """\
shown = result.select(result.operations[0])  # of several operations, one at a time
wide = shown.to_dataframe(wide=True)
units = {{"1": "value"}}.get(shown.json["units"], shown.json["units"])
lines = [
    hv.Curve((wide.index, wide[zone]), "time", ("value", units), label={label})
    for zone in wide.columns[:{most}]
]
hv.Overlay(lines).opts(
    hv.opts.Curve(tools=["hover"], responsive=True, height=360),
    hv.opts.Overlay(legend_position="bottom", title={title!r}),
)"""

#: in its place, of one series against what is normal
PLOT_NORMAL = """\
result.plot()"""

WORDS = """\
print(result.in_words())"""

CITE = """\
citation = result.citation()
print(citation)
print()
print(citation.bibtex)"""


def notebook_of(loaded: LoadedResult, layers: Layers, server: str = "") -> bytes:
    """Return the notebook of a result as JSON.

    Parameters
    ----------
    server : address of the server for its requests; empty for the machine that it runs on
    """
    request, task = loaded.task.request, loaded.task
    area, before = _area(loaded.area, layers, task.id)
    options = dict(request.options)
    options |= {name: dict(options[name]) for name in PAIRS if name in options}
    lines = "".join(f"\n    {name}={value!r}," for name, value in options.items())
    title = f"{request.operation} of {request.dataset}, {request.area_title}"
    call = CALL.format(
        dataset=request.dataset,
        operation=request.operation,
        area=area,
        period=request.period.replace(" ", ""),
        options=lines,
    )
    period = request.period.replace("/", " to ")
    intro = (
        f"# {title}\n\n{period}, UTC. Made from task `{task.id}`.\n\n{loaded.provenance.summary}"
    )
    cells = [
        _text(intro),
        _code(SETUP.format(server=repr(server) if server else "None")),
        _text(
            "Ask again. The same request gives the same numbers as long as the data are the same."
        ),
        _code(before + call),
        _text("One row a zone and time; a step without data has no value."),
        _code(TABLE),
        *_against_normal(loaded),
        _code(_plot(loaded, title)),
        _text("## How to cite"),
        _code(CITE),
    ]
    return orjson.dumps(_notebook(cells), option=orjson.OPT_INDENT_2)


def _against_normal(loaded: LoadedResult) -> list[dict[str, Any]]:
    """Return the cells of a result that is compared with what is normal, or of an index."""
    if loaded.table.normals is None and "index" not in loaded.result.about:
        return []
    return [_text("The last step in words."), _code(WORDS)]


def _plot(loaded: LoadedResult, title: str) -> str:
    if loaded.table.normals and len(loaded.table.zones) == 1:
        return PLOT_NORMAL
    return PLOT.format(most=MOST_LINES, title=title, label=_label(loaded))


def _label(loaded: LoadedResult) -> str:
    """Return the label of a line: its zone, and what else names its column."""
    return '", ".join(map(str, zone))' if loaded.table.selections else "str(zone)"


def _area(area: Area, layers: Layers, task_id: str) -> tuple[str, str]:
    """Return an area as Python, and the lines before it; a large one is read from the task."""
    written, before = area_in_python(area, layers)
    if len(written) + len(before) > LONGEST_AREA:
        return f"service.task_area({task_id!r})", ""
    return written, f"{before.strip()}\n\n" if before else ""


def _notebook(cells: Sequence[dict[str, Any]]) -> dict[str, Any]:
    named = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": named,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _text(words: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": words}


def _code(lines: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": lines,
    }
