"""Cards, headings and buttons of pages."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.views.parts.assets import style
from csserv.views.parts.key_figures import KeyFigure


class FigureCard(pn.pane.HTML):
    """A card with one key figure.

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
        """Show another key figure."""
        name, value, note = map(html.escape, (figure.name, figure.value, figure.note))
        self.object = f"<div><span>{name}</span><b>{value}</b><span>{note}</span></div>"


class Heading(pn.pane.HTML):
    """The heading of a section."""

    def __init__(self, text: str) -> None:
        super().__init__(
            "",
            stylesheets=style("parts/base", "parts/cards"),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show another text."""
        self.object = f"<h2>{html.escape(text)}</h2>"


def section(title: str | Heading, *content: Any, **look: Any) -> pn.Column:
    """Return a card with a heading and content; an empty title leaves the heading out."""
    head = Heading(title) if isinstance(title, str) else title
    shown: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 8} | look
    return pn.Column(
        *([head] if title else []),
        *content,
        stylesheets=style("parts/base", "parts/sheet"),
        **shown,
    )


def button(label: str, icon: str, clicked: Callable[[Any], Any], **look: Any) -> pmui.Button:
    """Return a small button that calls ``clicked`` with the event."""
    shown: dict[str, Any] = {"size": "small", "variant": "outlined", "margin": 0} | look
    return pmui.Button(label=label, icon=icon, on_click=clicked, **shown)
