"""What a result says of itself in a cell: what was asked, what came out, what can be done."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from csserv.outputs import Result

#: steps and zones of the table in a notebook
STEPS, ZONES = 5, 6

#: what a result can do, in the order in which people want it
CALLS = (
    "plot()",
    "plot.map()",
    "to_dataframe()",
    "to_xarray()",
    "to_geodataframe()",
    "files",
    "citation()",
    "provenance",
)


def facts(result: Result) -> dict[str, str]:
    """Say what a result is: dataset, area, period, units, numbers, files."""
    plain = result.json
    asked, series = plain["request"], plain["series"]
    dataset = plain["provenance"]["dataset"]
    times = series[0]["time"]
    values = [value for one in series for value in one["value"] if value is not None]
    zones = f"{len(series):,} zones, " if len(series) > 1 else ""
    lacking = len(series) * len(times) - len(values)
    span = f"{min(values):.4g} to {max(values):.4g} {plain['units']}" if values else "no data"
    return {
        "result": f"{asked['operation']} of {asked['dataset']} ({dataset['title']})",
        "area": f"{asked['area']}",
        "series": f"{zones}{len(times):,} steps, {times[0]} to {times[-1]}",
        "values": f"{span}{f'; {lacking:,} without data' if lacking and values else ''}",
        "files": ", ".join(path.name for path in result.files),
    }


def as_text(told: Mapping[str, str]) -> str:
    """Write facts for a terminal, a line each."""
    lines = [f"{name:7} {value}" for name, value in told.items()]
    return "\n".join([*lines, f"can     {', '.join(CALLS)}"])


def as_html(told: Mapping[str, str], plain: Mapping[str, Any]) -> str:
    """Write facts, the first values, and what a result can do, for a notebook."""
    left = "style='text-align:left;vertical-align:top'"
    rows = "".join(
        f"<tr><th {left}>{name}</th><td {left}>{html.escape(value)}</td></tr>"
        for name, value in told.items()
    )
    calls = " ".join(f"<code>.{html.escape(call)}</code>" for call in CALLS)
    can = f"<tr><th {left}>can</th><td {left}>{calls}</td></tr>"
    return f"<table class='csserv-result'><tbody>{rows}{can}</tbody></table>{_first(plain)}"


def _first(plain: Mapping[str, Any]) -> str:
    """Write the first values of the first zones."""
    series = plain["series"][:ZONES]
    times = series[0]["time"][:STEPS]
    names = "".join(f"<th>{html.escape(one['zone']['name'])}</th>" for one in series)
    body = "".join(
        f"<tr><th>{time}</th>" + "".join(f"<td>{_number(one['value'][i])}</td>" for one in series)
        for i, time in enumerate(times)
    )
    more = [
        f"{count:,} more {what}"
        for count, what in (
            (len(plain["series"]) - ZONES, "zones"),
            (len(plain["series"][0]["time"]) - STEPS, "steps"),
        )
        if count > 0
    ]
    said = f"<p>and {' and '.join(more)}</p>" if more else ""
    head = f"<tr><th>{html.escape(plain['units'])}</th>{names}</tr>"
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>{said}"


def _number(value: float | None) -> str:
    return "no data" if value is None else f"{value:.4g}"
