"""The map for pages on which an area is chosen."""

from __future__ import annotations

from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

from csserv.catalog import FeatureLayer, Layers
from csserv.catalog.layers.whole_parts import depth_of, parts_at
from csserv.language import tr
from csserv.views.area.area_chooser import AreaChooser
from csserv.views.area.drawn_shapes import MODES
from csserv.views.parts.assets import script, style
from csserv.views.parts.html_parts import Notice


class AreaMap(AreaChooser):
    """A map on which countries, regions, polygons, boxes and points are chosen.

    For the parameters see ``AreaChooser``.

    Attributes
    ----------
    parts : bar, message and map, to be placed one below the other
    """

    def __init__(
        self,
        layers: Layers,
        tiles: str | None = None,
        outlines: str = "",
        places: str = "",
        **params: Any,
    ) -> None:
        super().__init__(layers, tiles, outlines, places, **params)
        self._names_towns = bool(places and not tiles)
        self.parts = self._parts()

    def __panel__(self) -> pn.viewable.Viewable:
        """Return bar, message and map."""
        return pn.Column(*self.parts, sizing_mode="stretch_both", margin=0)

    def _parts(self) -> tuple[pn.viewable.Viewable, ...]:
        bar = MapBar(
            mode=self.mode,
            multiple=self.multiple,
            figure=self.canvas.figure.name,
            boxed=self.extent is not None,
            towns=self._names_towns,
            layers=[row for one in self._layers.own for row in _levels(one)],
        )
        bar.link(self, bidirectional=True, mode="mode", multiple="multiple", layer="layer")
        self.param.watch(lambda event: setattr(bar, "boxed", event.new is not None), "extent")
        problem = Notice(margin=(4, 8))
        self.param.watch(lambda event: problem.say("warning", event.new), "problem")
        return bar, problem, self.canvas.pane


def _levels(layer: FeatureLayer) -> list[list[str]]:
    """Return what of a layer may be tapped: its zones, and its parts with some of their names."""
    rows = [[layer.id, layer.title]]
    for depth in range(depth_of(layer.features), 0, -1):
        parts = parts_at(layer.features, depth)
        if len(parts) > 1:
            some = ", ".join(part.name for part in parts[:2])
            rows.append([f"{layer.id}/{depth}", f"{layer.title}: {some}, …"])
    return rows


class MapBar(JSComponent):
    """The bar above the map: what a tap chooses, whether zones are added, and zoom buttons."""

    modes = param.List(doc="name, label and hint of each thing that a tap may choose")
    mode = param.String()
    layers = param.List(doc="id and title of each layer whose zones may be the regions to tap")
    layer = param.String(doc="id of the chosen one; empty for the regions of countries")
    multiple = param.Boolean()
    boxed = param.Boolean(doc="whether the map has a dashed box, the extent of the dataset")
    towns = param.Boolean(doc="whether it has towns, whose source is to be named")
    figure = param.String(doc="name of the figure of the map")

    _esm = script("parts/dom", "area/map_bar")
    _stylesheets = style("parts/base", "area/map_bar")

    def __init__(self, **params: Any) -> None:
        modes = [[name, *map(tr, texts)] for name, texts in MODES.items()]
        look = {"sizing_mode": "stretch_width", "margin": (8, 10, 0, 10)}
        super().__init__(modes=modes, **look, **params)
