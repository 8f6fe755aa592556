"""Numbers under the pointer as the page's language writes them; bokeh writes English ones."""

from __future__ import annotations

import re

from bokeh.models import CustomJSHover, HoverTool

from csserv.language import ENGLISH, current_language, tr

#: a number in a tip: its column, whether a plus is written, and its decimals, as bokeh has them
NUMBER = re.compile(r"([@$]\w+)\{(\+?)0(?:,0)?(?:\.\[(0+)\])?\}")

#: what the browser calls for a number
TIP = """return value.toLocaleString(locale, {
  maximumFractionDigits: digits, signDisplay: signed ? "exceptZero" : "auto",
});"""


def name_numbers(hover: HoverTool) -> HoverTool:
    """Have the numbers of a tool's tips written in the language; in English, as bokeh does.

    Their formats are such as ``@value{0,0.[00]}``.
    """
    if current_language() == ENGLISH:
        return hover
    numbers = [found for _, tip in hover.tooltips for found in NUMBER.finditer(tip)]
    written = {found[1]: _written(bool(found[2]), len(found[3] or "")) for found in numbers}
    hover.formatters = hover.formatters | written
    hover.tooltips = [(name, NUMBER.sub(r"\1{custom}", tip)) for name, tip in hover.tooltips]
    return hover


def browser_locale() -> str:
    """Return the language as browsers call it, with Western digits."""
    return tr("en-US")


def _written(signed: bool, digits: int) -> CustomJSHover:
    args = {"locale": browser_locale(), "signed": signed, "digits": digits}
    return CustomJSHover(args=args, code=TIP)
