"""Widgets of plain HTML in the colours of the page: choice, text field, fold, notice.

When a page is opened, a component of panel-material-ui takes the browser 15 to 45 ms and the server
12 to 40 ms; one of these takes 5 to 9 ms and 4 to 9 ms.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

import panel as pn
import param
from panel.custom import Child, JSComponent

from csserv.language import tr
from csserv.views.parts.assets import script, style


class Choice(JSComponent):
    """A choice of one option; none is chosen if the value is "" or not among them."""

    label = param.String(default="")
    help = param.String(default="", doc="what it means, behind a question mark; empty for none")
    rows = param.List(default=[], doc="text and value of each option")
    value = param.String(default="")

    _esm = script("parts/dom", "parts/choice")
    _stylesheets = style("parts/base")

    def __init__(self, label: str, options: Mapping[str, str], **params: Any) -> None:
        first = next(iter(options.values()), "")
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (2, 0)} | params
        super().__init__(label=label, rows=_rows(options), value=first, **look)

    @property
    def text(self) -> str:
        """The text of the chosen option; its value if it has none."""
        return next((str(text) for text, one in self.rows if one == self.value), self.value)

    def set_options(self, options: Mapping[str, str], value: str) -> None:
        """Replace the options, text → value, and choose one."""
        self.param.update(rows=_rows(options), value=value)

    def choose(self, value: str) -> None:
        """Choose a value, which is added to the options if it is not among them."""
        if value not in (one for _, one in self.rows):
            self.rows = [*self.rows, [value, value]]
        self.value = value


class TextField(JSComponent):
    """A line of text, whose value changes when the user has finished it."""

    label = param.String(default="")
    help = param.String(default="", doc="what it means, behind a question mark; empty for none")
    placeholder = param.String(default="", doc="an example, shown while the field is empty")
    value = param.String(default="")

    _esm = script("parts/dom", "parts/text_field")
    _stylesheets = style("parts/base")

    def __init__(self, label: str, placeholder: str = "", **params: Any) -> None:
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (2, 0)} | params
        super().__init__(label=label, placeholder=placeholder, **look)


class Fold(JSComponent):
    """Content that unfolds below a title; it is sent to the browser when first unfolded."""

    title = param.String(default="")
    unfolded = param.Boolean(default=False)
    content = Child()

    _esm = script("parts/dom", "parts/fold")
    _stylesheets = style("parts/base", "parts/fold")

    def __init__(self, title: str, *parts: Any, **params: Any) -> None:
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (8, 0)} | params
        super().__init__(title=title, **look)

        def unfold(event: Any) -> None:
            if event.new and self.content is None:
                self.content = inner = pn.Column(sizing_mode="stretch_width", margin=(0, 12))
                inner[:] = list(parts)  # Panel 1.9 links scripts of buttons in what columns get

        self.param.watch(unfold, "unfolded")


class Notice(pn.pane.HTML):
    """A message, hidden while it is empty."""

    def __init__(self, severity: str = "info", text: str = "", **params: Any) -> None:
        look: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (8, 0)} | params
        super().__init__("", stylesheets=style("parts/base", "parts/notice"), **look)
        self.say(severity, text)

    def say(self, severity: str, text: str) -> None:
        """Show a message; ``severity`` is "info", "success", "warning" or "error"."""
        inner = f'<div class="{severity}" role="status">{text_to_html(text)}</div>'
        self.param.update(object=inner if text else "", visible=bool(text))


def text_to_html(text: str) -> str:
    r"""Write a text as HTML, with line breaks, and with bold for what stands between ``**``.

    >>> text_to_html("**Refused:** 3 < 4\nnext")
    '<b>Refused:</b> 3 &lt; 4<br>next'
    """
    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text, quote=False))
    return bold.replace("\n", "<br>")


def said_options(options: Mapping[str, str]) -> dict[str, str]:
    """Say the texts of options, text → value, in the language of the page."""
    return {tr(text): value for text, value in options.items()}


def paragraph(text: str, small: bool = False, **look: Any) -> pn.pane.HTML:
    """Return a text as a pane, with ``**bold**`` and line breaks."""
    looks = f"font-size: {13 if small else 14}px; line-height: 1.45"
    # a line of English among Arabic ones runs from the left
    sheet = f":host {{ {looks} }} div {{ unicode-bidi: plaintext }}"
    shown: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (2, 4)} | look
    return pn.pane.HTML(text_to_html(text), stylesheets=[sheet], **shown)


def _rows(options: Mapping[str, str]) -> list[list[str]]:
    return [[title, value] for title, value in options.items()]
