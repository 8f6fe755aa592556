"""A map to choose an area on, for pages."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.catalog import Layers
from csserv.views.canvas import Canvas
from csserv.views.choosing import AreaChooser
from csserv.views.picking import MODES

ZOOM = """
for (const range of [f.x_range, f.y_range]) {
  const middle = (range.start + range.end) / 2, half = factor * (range.end - range.start) / 2;
  range.setv({start: middle - half, end: middle + half});
}
"""


class AreaMap(AreaChooser):
    """A map on which countries, regions, polygons, boxes and points are chosen.

    Parameters
    ----------
    layers : the feature layers to pick of
    tiles : address of map tiles to show over the land, such as
        ``https://tiles.example/{z}/{x}/{y}.png``; without it nothing is asked of the network
    """

    def __init__(self, layers: Layers, tiles: str | None = None, **params: Any) -> None:
        super().__init__(layers, tiles, **params)
        self._view = self._layout()

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return self._view

    def _layout(self) -> pn.viewable.Viewable:
        modes = pmui.RadioButtonGroup.from_param(
            self.param.mode,
            label="",
            description="",
            options={title: name for name, (title, _) in MODES.items()},
            size="small",
            color="primary",
            margin=(6, 8),
            sx={"& button": {"whiteSpace": "nowrap", "px": 1.25, "py": 0.5}},
        )
        several = pmui.Switch.from_param(
            self.param.several, label="Several zones", description="", margin=(8, 4), size="small"
        )
        hint = pmui.Typography(
            pn.bind(lambda mode: MODES[mode][1], self.param.mode),
            variant="caption",
            color="text.secondary",
            margin=(0, 10),
        )
        problem = pmui.Alert(
            object=self.param.problem,
            severity="warning",
            visible=self.param.problem.rx().rx.bool(),
            margin=(4, 8),
            sizing_mode="stretch_width",
        )
        bar = pmui.FlexBox(
            modes,
            several,
            _zoom_button(self.canvas, "Zoom in", "zoom_in", 0.5),
            _zoom_button(self.canvas, "Zoom out", "zoom_out", 2.0),
            align_items="center",
            sizing_mode="stretch_width",
            margin=0,
        )
        return pn.Column(bar, hint, problem, self.canvas.pane, sizing_mode="stretch_both", margin=0)


def _zoom_button(canvas: Canvas, label: str, icon: str, factor: float) -> pmui.IconButton:
    """Return a button that shows more of the world, or less; it acts in the browser."""
    button = pmui.IconButton(icon=icon, description=label, size="small", margin=(8, 2))
    button.js_on_click(args={"f": canvas.figure, "factor": factor}, code=ZOOM)
    return button
