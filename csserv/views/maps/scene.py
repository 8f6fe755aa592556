"""The layers of the canvas, bottom to top: from sea and land to names and what is drawn."""

from __future__ import annotations

from typing import Any

from bokeh.models import (
    ColumnDataSource,
    Glyph,
    HoverTool,
    Label,
    Line,
    MultiPolygons,
    Quad,
    Scatter,
    WMTSTileSource,
)
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

from csserv.views.maps.mercator import to_mercator
from csserv.views.maps.outlines import Outlines, world_columns
from csserv.views.maps.places.place_layers import PlaceLayers
from csserv.views.parts.theme import colours

Bounds = tuple[float, float, float, float]

#: a coordinate beyond the map, for the endless sea [m]
FAR = 9e7

NOTHING = Outlines((), (), ())


class Scene:
    """The glyphs of the canvas and their data sources.

    Parameters
    ----------
    f : the figure
    tiles, outlines, places : see ``Canvas``

    Attributes
    ----------
    extent, admin_units, zones, points, zone_names : sources that the server changes
    sketch : source of the vertices drawn so far; changed by the browser only
    rubber_band : source of the line from there to the pointer; changed by the browser only
    label : position of the pointer; changed by the browser only
    """

    def __init__(self, f: figure, tiles: str | None, outlines: str, places: str) -> None:
        self.extent = ColumnDataSource(extent_columns(None))
        self.admin_units = ColumnDataSource(NOTHING.columns)
        self.zones = ColumnDataSource(NOTHING.columns)
        self.points = ColumnDataSource({"x": [], "y": [], "name": []})
        self.sketch = ColumnDataSource({"x": [], "y": []}, syncable=False)
        self.rubber_band = ColumnDataSource({"x": [], "y": []}, syncable=False)
        self.label = Label(x=6, y=6, x_units="screen", y_units="screen", text="", syncable=False)
        self.label.text_font_size = "12px"
        self._figure = f
        # tiles have names of their own
        self._places = PlaceLayers(f, "" if tiles else places, outlines)
        self.zone_names = self._places.zone_names
        self._draw_land(tiles, outlines)
        self._draw_what_is_chosen()
        f.add_layout(self.label)
        for side, named in (
            ("above", [self._chosen, self._dots]),
            ("right", [self._lines]),
            ("below", [self._land]),
        ):  # on one side, the name of a country would hide that of a zone
            hover = HoverTool(renderers=named, tooltips="@name", point_policy="follow_mouse")
            hover.attachment = side
            f.add_tools(hover)

    def set_colours(self, dark: bool) -> None:
        """Change to the dark or the light colour scheme."""
        c = colours(dark)
        self._sea.glyph.update(fill_color=c.sea)
        self._land.glyph.update(fill_color=c.land, line_color=c.border)
        self._shade.glyph.update(fill_color=c.extent, line_color=c.extent)
        self._lines.glyph.update(line_color=c.accent)
        self._chosen.glyph.update(fill_color=c.accent, line_color=c.accent)
        self._dots.glyph.update(fill_color=c.accent)
        for one in self._pen:
            one.glyph.update(line_color=c.accent)
        self._places.set_colours(c)
        self.label.update(
            text_color=c.text, background_fill_color=c.background, background_fill_alpha=0.8
        )

    def _draw_land(self, tiles: str | None, outlines: str) -> None:
        f = self._figure
        # a glyph, as themes of pages change the background of figures
        sea = Quad(left=-FAR, right=FAR, bottom=-FAR, top=FAR, line_color=None)
        self._sea = _drawn(f, ColumnDataSource({"": [0]}), sea)
        # in the document, their 20,000 corners would cost the server 0.4 s for each visitor
        land = self._places.land if outlines else ColumnDataSource(world_columns())
        self._land = _drawn(f, land, MultiPolygons(line_width=0.7))
        for one in (self._sea, self._land, *self._places.draw_water()):
            one.level = "image"  # below tiles
        if tiles:
            f.add_tile(WMTSTileSource(url=tiles)).level = "underlay"
        self._shade = _drawn(f, self.extent, Quad(line_dash="dashed", fill_alpha=0.1))

    def _draw_what_is_chosen(self) -> None:
        f = self._figure
        self._lines = _drawn(f, self.admin_units, MultiPolygons(fill_alpha=0.0))
        self._chosen = _drawn(f, self.zones, MultiPolygons(fill_alpha=0.3, line_width=2))
        self._dots = _drawn(f, self.points, Scatter(size=13, line_color="white"))
        self._places.draw_names()
        self._pen = [
            _drawn(f, self.sketch, Line(line_width=2)),
            _drawn(f, self.sketch, Scatter(size=9, fill_color="white", line_width=2)),
            _drawn(f, self.rubber_band, Line(line_dash="dashed")),
        ]


def _drawn(f: figure, source: ColumnDataSource, glyph: Glyph) -> GlyphRenderer:
    """Add a glyph without variants for selection and hover, which are further models to send."""
    looks = dict.fromkeys(("selection_glyph", "nonselection_glyph", "hover_glyph", "muted_glyph"))
    return f.add_glyph(source, glyph, **looks)


def extent_columns(bounds: Bounds | None) -> dict[str, list[Any]]:
    """Return a box [degrees] as columns for bokeh; in two parts if it crosses 180 degrees east."""
    boxes = [] if bounds is None else [bounds]
    if bounds and bounds[2] > 180:
        west, south, east, north = bounds
        boxes = [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
    left, bottom = to_mercator([box[0] for box in boxes], [box[1] for box in boxes])
    right, top = to_mercator([box[2] for box in boxes], [box[3] for box in boxes])
    edges = {"left": left, "right": right, "bottom": bottom, "top": top}
    return {name: values.tolist() for name, values in edges.items()}
