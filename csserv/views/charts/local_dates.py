"""Dates of charts as the page's language writes them: labels of axes, texts under the pointer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bokeh.models import CustomJSHover, CustomJSTickFormatter, HoverTool
from bokeh.plotting import figure

from csserv.language import ENGLISH, current_language, date_patterns, mark, tr

SCRIPT = (Path(__file__).parent / "local_dates.js").read_text()

#: what the browser calls for a label of an axis, and for a text under the pointer
TICK = f"{SCRIPT}\nreturn tick_label(tick, index, ticks, known, with_year, from_right);"
HOVER = f"{SCRIPT}\nreturn date_in_words(value, known, said);"

#: labels of a table that are no times, and of steps that are not whole
NO_DATA, IN_PART = mark("no data"), mark("{time} (in part)")


def name_times(f: figure, with_year: bool = True) -> None:
    """Name days and months of a time axis; in English, as bokeh does.

    Parameters
    ----------
    with_year : whether the axis is of certain years, and not of any
    """
    language = current_language()
    if language == ENGLISH:
        return
    args: dict[str, Any] = {"known": date_patterns().plain, "with_year": with_year}
    args["from_right"] = language.direction == "rtl"
    f.xaxis.formatter = CustomJSTickFormatter(args=args, code=TICK)


def name_pointed_time(hover: HoverTool, column: str) -> None:
    """Write a column of times, or of labels of steps, in words; in English, as it is.

    The column stands in the tool's tips, with or without a format, as ``@time{%F}``.
    """
    if current_language() == ENGLISH:
        return
    said = {text: tr(text) for text in (NO_DATA, IN_PART)}
    known = {"known": date_patterns().plain, "said": said}
    hover.formatters = hover.formatters | {f"@{column}": CustomJSHover(args=known, code=HOVER)}
    hover.tooltips = [(name, _custom(tip, column)) for name, tip in hover.tooltips]


def _custom(tip: str, column: str) -> str:
    before, found, after = tip.partition(f"@{column}")
    if not found or after[:1].isalnum():
        return tip
    if after.startswith("{"):
        after = after.partition("}")[2]
    return f"{before}@{column}{{custom}}{after}"
