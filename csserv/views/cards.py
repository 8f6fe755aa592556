"""The small parts of pages: papers with headings, folds, cards for numbers, buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.views.figures import KeyFigure

SMALL: dict[str, Any] = {"variant": "caption", "color": "text.secondary"}


class FigureCard(pn.viewable.Viewer):
    """One number on a card; :meth:`show` puts another on it.

    Cards stand side by side, and below each other on a phone.
    """

    def __init__(self, figure: KeyFigure) -> None:
        super().__init__()
        self._name = pmui.Typography(figure.name, margin=(8, 14, 0, 14), **SMALL)
        self._value = pmui.Typography(figure.value, variant="h6", margin=(0, 14))
        self._note = pmui.Typography(figure.note, margin=(0, 14, 8, 14), **SMALL)

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return pmui.Paper(
            self._name,
            self._value,
            self._note,
            elevation=1,
            styles={"flex": "1 1 150px"},
            margin=0,
        )

    def show(self, figure: KeyFigure) -> None:
        """Put a number on it."""
        self._name.object = figure.name
        self._value.object = figure.value
        self._note.object = figure.note


def heading(text: str) -> pmui.Typography:
    """Return the heading of a paper."""
    return pmui.Typography(text, variant="h6", margin=(10, 14, 2, 14))


def paper(over: str | pmui.Typography, *content: Any) -> pmui.Paper:
    """Return a paper with a heading over what it holds."""
    head = heading(over) if isinstance(over, str) else over
    return pmui.Paper(head, *content, elevation=1, sizing_mode="stretch_width", margin=8)


def folded(title: str, *content: Any, **look: Any) -> pmui.Accordion:
    """Fold something away below a title; the browser gets it when it is first unfolded."""
    inside = pn.Column(sizing_mode="stretch_width", margin=0)
    shown: dict[str, Any] = {"title_variant": "body1", "sizing_mode": "stretch_width"} | look
    fold = pmui.Accordion((title, inside), active=[], **shown)

    def unfold(event: Any) -> None:
        if event.new and not inside.objects:
            inside[:] = list(content)

    fold.param.watch(unfold, "active")
    return fold


def button(label: str, icon: str, clicked: Callable[[Any], Any], **look: Any) -> pmui.Button:
    """Make a small button."""
    shown: dict[str, Any] = {"size": "small", "variant": "outlined", "margin": 0} | look
    return pmui.Button(label=label, icon=icon, on_click=clicked, **shown)
