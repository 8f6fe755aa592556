"""Papers and cards that numbers stand on, side by side, and below each other on a phone."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.views.figures import KeyFigure

SMALL: dict[str, Any] = {"variant": "caption", "color": "text.secondary"}


class FigureCard(pn.viewable.Viewer):
    """One number on a card; :meth:`show` puts another on it."""

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


def paper(heading: str, *content: Any) -> pn.viewable.Viewable:
    """Return a paper with a heading."""
    return pmui.Paper(
        pmui.Typography(heading, variant="h6", margin=(10, 14, 2, 14)),
        *content,
        elevation=1,
        sizing_mode="stretch_width",
        margin=8,
    )
