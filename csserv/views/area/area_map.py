"""A map to choose an area on, for pages."""

from __future__ import annotations

from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

from csserv.catalog import Layers
from csserv.views.area.area_chooser import AreaChooser
from csserv.views.area.drawn_shapes import MODES
from csserv.views.parts.assets import script, style
from csserv.views.parts.html_parts import Notice


class AreaMap(AreaChooser):
    """A map on which countries, regions, polygons, boxes and points are chosen.

    Parameters
    ----------
    layers : the feature layers to pick of
    tiles : address of map tiles to show over the land, such as
        ``https://tiles.example/{z}/{x}/{y}.png``; without it nothing is asked of the network
    outlines : where a page finds the countries to draw; without it they are sent along
    """

    def __init__(
        self, layers: Layers, tiles: str | None = None, outlines: str = "", **params: Any
    ) -> None:
        super().__init__(layers, tiles, outlines, **params)
        #: below each other
        self.parts = self._parts()

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return pn.Column(*self.parts, sizing_mode="stretch_both", margin=0)

    def _parts(self) -> tuple[pn.viewable.Viewable, ...]:
        bar = MapBar(mode=self.mode, several=self.several, figure=self.canvas.figure.name)
        bar.link(self, bidirectional=True, mode="mode", several="several")
        problem = Notice(margin=(4, 8))
        self.param.watch(lambda event: problem.say("warning", event.new), "problem")
        return bar, problem, self.canvas.pane


class MapBar(JSComponent):
    """What a tap chooses, whether areas add up, and two buttons that zoom, in the browser."""

    modes = param.List(default=[[name, *texts] for name, texts in MODES.items()])
    mode = param.String()
    several = param.Boolean()
    figure = param.String(doc="name of the map")

    _esm = script("parts/dom", "area/map_bar")
    _stylesheets = style("parts/base", "area/map_bar")

    def __init__(self, **params: Any) -> None:
        super().__init__(sizing_mode="stretch_width", margin=(8, 10, 0, 10), **params)
