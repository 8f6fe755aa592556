"""The summary of a result as text and as HTML: request, values, files, methods to call."""

from __future__ import annotations

import html
from collections.abc import Mapping
from math import isnan
from typing import Any

import numpy as np

from csserv.language import few_digits
from csserv.outputs import Result
from csserv.outputs.against import compared_with
from csserv.outputs.further_dimensions import dimensions_of, series_name, zones_of
from csserv.outputs.several_operations import choose_operation
from csserv.views.parts.amounts import counted

#: steps and zones in the table of first values
STEPS, ZONES = 5, 6

#: attributes of a result that the summary names, the most wanted first
MEMBERS = (
    "plot()",
    "plot.map()",
    "plot.season()",
    "plot.anomaly()",
    "table()",
    "best()",
    "to_dataframe()",
    "to_xarray()",
    "to_geodataframe()",
    "to_dataset()",
    "in_words()",
    "files",
    "notes",
    "why()",
    "citation()",
    "provenance",
)


def facts(result: Result, read: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return the facts of a result: request, area, series, values, files.

    Parameters
    ----------
    read : its JSON, perhaps with numbers in arrays, if it has been read
    """
    document = result.in_arrays if read is None else read
    request, series = document["request"], document["series"]
    dataset = document["provenance"]["dataset"]
    times = series[0]["time"]
    count = len(zones_of(document))
    zones = f"{count:,} zones, " if count > 1 else ""
    further = dimensions_of(document).items()
    each = "".join(f"{len(one['labels']):,} of {name}, " for name, one in further)
    spans = [_span(choose_operation(document, name)) for name in result.operations]
    if len(spans) > 1:
        spans = [f"{name} {one}" for name, one in zip(result.operations, spans, strict=True)]
    return {
        "result": f"{request['operation']} of {request['dataset']} ({dataset['title']})",
        "area": f"{request['area']}",
        "series": f"{zones}{each}{counted(len(times), 'step')}, {times[0]} to {times[-1]}",
        "values": "; ".join(spans),
        **({"against": compared} if (compared := compared_with(document)) else {}),
        "files": ", ".join(path.name for path in result.files),
        **({"notes": "; ".join(map(str, result.notes))} if result.notes else {}),
    }


def _span(document: Mapping[str, Any]) -> str:
    """Write lowest and highest value of an operation, and how many are missing."""
    series = document["series"]
    every = [np.array(one["value"], float) for one in series]
    known = [values for one in every if len(values := one[~np.isnan(one)])]
    if not known:
        return "no data"
    lacking = sum(map(len, every)) - sum(map(len, known))
    lowest, highest = min(one.min() for one in known), max(one.max() for one in known)
    span = f"{few_digits(lowest, 4)} to {few_digits(highest, 4)} {document['units']}"
    return f"{span}; {lacking:,} without data" if lacking else span


def as_text(facts: Mapping[str, str]) -> str:
    """Write facts as text, a line each, and the attributes of a result."""
    lines = [f"{name:7} {value}" for name, value in facts.items()]
    return "\n".join([*lines, f"can     {', '.join(MEMBERS)}"])


def as_html(facts: Mapping[str, str], document: Mapping[str, Any]) -> str:
    """Write facts, the attributes of a result, and its first values as HTML.

    Parameters
    ----------
    document : JSON of the result
    """
    left = "style='text-align:left;vertical-align:top'"
    rows = "".join(
        f"<tr><th {left}>{name}</th><td {left}>{html.escape(value)}</td></tr>"
        for name, value in facts.items()
    )
    calls = " ".join(f"<code>.{html.escape(call)}</code>" for call in MEMBERS)
    can = f"<tr><th {left}>can</th><td {left}>{calls}</td></tr>"
    return f"<table class='csserv-result'><tbody>{rows}{can}</tbody></table>{_first(document)}"


def _first(document: Mapping[str, Any]) -> str:
    """Write the first values of the first series."""
    series = document["series"][:ZONES]
    times = series[0]["time"][:STEPS]
    names = "".join(f"<th>{html.escape(series_name(one))}</th>" for one in series)
    body = "".join(
        f"<tr><th>{time}</th>" + "".join(f"<td>{_number(one['value'][i])}</td>" for one in series)
        for i, time in enumerate(times)
    )
    kind = ("more series", "more series") if dimensions_of(document) else ("more zone",)
    more = [
        counted(count, *words)
        for count, words in (
            (len(document["series"]) - ZONES, kind),
            (len(document["series"][0]["time"]) - STEPS, ("more step",)),
        )
        if count > 0
    ]
    said = f"<p>and {' and '.join(more)}</p>" if more else ""
    head = f"<tr><th>{html.escape(document['units'])}</th>{names}</tr>"
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>{said}"


def _number(value: float | None) -> str:
    return "no data" if value is None or isnan(value) else few_digits(value, 4)
