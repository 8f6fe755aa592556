"""The small parts of pages: papers with headings, cards for numbers, buttons."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.views.parts.assets import style
from csserv.views.parts.key_figures import KeyFigure


class FigureCard(pn.pane.HTML):
    """One number on a card; :meth:`show` puts another on it.

    Cards stand side by side, and below each other on a phone.
    """

    def __init__(self, figure: KeyFigure) -> None:
        super().__init__(
            "",
            stylesheets=style("parts/base", "parts/number"),
            styles={"flex": "1 1 150px"},
            margin=0,
        )
        self.show(figure)

    def show(self, figure: KeyFigure) -> None:
        """Put a number on it."""
        name, value, note = map(html.escape, (figure.name, figure.value, figure.note))
        self.object = f"<div><span>{name}</span><b>{value}</b><span>{note}</span></div>"


class Heading(pn.pane.HTML):
    """The heading of a paper."""

    def __init__(self, text: str) -> None:
        super().__init__(
            "",
            stylesheets=style("parts/base", "parts/cards"),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.write(text)

    def write(self, text: str) -> None:
        """Write another text."""
        self.object = f"<h2>{html.escape(text)}</h2>"


def section(over: str | Heading, *content: Any, **look: Any) -> pn.Column:
    """Return a paper with a heading over what it holds; with none where that is empty."""
    head = Heading(over) if isinstance(over, str) else over
    shown: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 8} | look
    return pn.Column(
        *([head] if over else []),
        *content,
        stylesheets=style("parts/base", "parts/sheet"),
        **shown,
    )


def button(label: str, icon: str, clicked: Callable[[Any], Any], **look: Any) -> pmui.Button:
    """Make a small button."""
    shown: dict[str, Any] = {"size": "small", "variant": "outlined", "margin": 0} | look
    return pmui.Button(label=label, icon=icon, on_click=clicked, **shown)
