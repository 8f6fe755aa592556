"""A map for pages: the zones of a result, coloured by class, named, and to be tapped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from bokeh.models import ColumnDataSource, CustomJSHover, HoverTool, LinearColorMapper, TapTool
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure
from shapely.geometry.base import BaseGeometry

from csserv.language import tr
from csserv.request import Area
from csserv.views.maps.basemap import base_map
from csserv.views.maps.canvas import custom_js
from csserv.views.maps.mercator import rings_of, to_mercator
from csserv.views.maps.outlines import are_simpler, simplified
from csserv.views.parts.local_tips import browser_locale, name_numbers
from csserv.views.parts.normals_table import Floats
from csserv.views.parts.served_changes import change_served
from csserv.views.parts.theme import Colours, colours
from csserv.views.zones.shades import Shades

#: name of the figure, by which the browser finds it
FIGURE_NAME = "zone_map"

#: [pixels]
HEIGHT = 420

#: colour of the outline of marked zones, which is told from those of all classes
MARK = "#e6007e"

#: writes a number under the pointer
NUMBER = """return isNaN(value) ? none
  : value.toLocaleString(locale, {maximumSignificantDigits: 4});"""

#: numbers of zones and the source that draws them
Part = tuple[list[int], ColumnDataSource]


class ZoneMap:
    """Zones coloured by class, with their names where these have room.

    Parameters
    ----------
    tapped : called with the number of the zone that somebody taps
    """

    def __init__(
        self, area: Area, dark: bool = False, tapped: Callable[[int], None] = lambda zone: None
    ) -> None:
        flat = [zone.geometry for zone in area.zones if not zone.is_point]
        drawn = simplified(flat)
        self.is_simpler = are_simpler(drawn, flat)
        self._tapped, self._marked = tapped, [0]
        self._parts = _parts(area, drawn)
        self.figure = base_map(FIGURE_NAME, area.bounds, dark, height=HEIGHT)
        c = colours(dark)
        self._mapper = LinearColorMapper(palette=[c.missing], low=0, high=1, nan_color=c.missing)
        self._drawn = _draw(self.figure, self._parts, self._mapper, c)
        self._hover = HoverTool(renderers=self._drawn, point_policy="follow_mouse")
        said = {"none": tr("no data"), "locale": browser_locale()}
        self._hover.formatters = {"@number": CustomJSHover(args=said, code=NUMBER)}
        self.figure.add_tools(self._hover, TapTool(renderers=self._drawn))
        _name(self.figure, self._parts)
        for places, source in self._parts:
            source.selected.on_change("indices", self._listen(places))

    def colour(self, shades: Shades, numbers: Floats, percent: Floats) -> None:
        """Colour the zones.

        Parameters
        ----------
        numbers : (zone,) what is shown; NaN where there is none
        percent : (zone,) share of data [%]
        """
        classes = shades.places(numbers)
        lacks = bool(np.isnan(classes).any())
        tips = [
            ("", "@name"),
            (shades.title, "@number{custom}"),
            (tr("With data"), "@percent{0.[0]} %"),
        ]

        def change() -> None:
            self._mapper.update(
                palette=list(shades.colours), low=-0.5, high=len(shades.colours) - 0.5
            )
            self._hover.tooltips = tips
            name_numbers(self._hover)
            for (places, source), drawn in zip(self._parts, self._drawn, strict=True):
                # a pattern is told from any colour; where no zone needs it, it would cost time
                drawn.glyph.hatch_pattern = "/" if lacks else None
                # these columns alone: the outlines, most of the data, are in the browser
                source.data.update(
                    {
                        "shade": classes[places],
                        "number": numbers[places],
                        "percent": percent[places],
                        "lacks": np.isnan(classes[places]).astype(float),
                    }
                )

        change_served(self.figure.document, change)

    def mark(self, zones: Sequence[int]) -> None:
        """Mark zones by a thick outline."""
        self._marked = list(zones)
        change_served(self.figure.document, self._show_marks)

    def _show_marks(self) -> None:
        for places, source in self._parts:
            at = {zone: place for place, zone in enumerate(places)}
            source.selected.indices = [at[zone] for zone in self._marked if zone in at]

    def _listen(self, places: list[int]) -> Callable[[str, Any, list[int]], None]:
        def heard(name: str, old: Any, new: list[int]) -> None:
            zones = [places[place] for place in new]
            if set(zones) == set(self._marked) & set(places):
                return
            if others := [zone for zone in zones if zone not in self._marked] or zones:
                self._tapped(others[-1])
            else:  # the map beside all zones was tapped
                self._show_marks()

        return heard


def _parts(area: Area, polygons: list[BaseGeometry]) -> tuple[Part, Part]:
    """Return the sources of polygons and of points, each with the numbers of its zones.

    Parameters
    ----------
    polygons : the shapes of those that are no points, as they are drawn
    """
    flat = [i for i, zone in enumerate(area.zones) if not zone.is_point]
    dots = [i for i, zone in enumerate(area.zones) if zone.is_point]
    names = [zone.name for zone in area.zones]
    rings = rings_of(polygons)
    shapes = {"xs": [xs for xs, _ in rings], "ys": [ys for _, ys in rings]}
    centres = [shapely.centroid(area.zones[i].geometry) for i in dots]
    x, y = to_mercator([p.x for p in centres], [p.y for p in centres])
    return (
        (flat, ColumnDataSource(shapes | _rooms(polygons) | _empty([names[i] for i in flat]))),
        (dots, ColumnDataSource({"x": x, "y": y} | _empty([names[i] for i in dots]))),
    )


def _rooms(polygons: list[BaseGeometry]) -> dict[str, Floats]:
    """Return where the names of polygons stand, and how much room they have [m]."""
    if not polygons:
        return {name: np.array([]) for name in ("label_x", "label_y", "room")}
    largest = [_largest(one) for one in polygons]
    points = shapely.get_coordinates(shapely.point_on_surface(largest))
    x, y = to_mercator(*points.T)
    west, _, east, _ = shapely.bounds(largest).T
    (left, right), _ = to_mercator(np.array([west, east]), np.zeros((2, len(west))))
    return {"label_x": x, "label_y": y, "room": right - left}


def _largest(shape: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shape)
    return parts[int(np.argmax(shapely.area(parts)))] if len(parts) > 1 else shape


def _empty(names: list[str]) -> dict[str, Any]:
    nothing = {name: np.full(len(names), np.nan) for name in ("shade", "number", "percent")}
    return {"name": names, "lacks": np.zeros(len(names))} | nothing


def _draw(
    f: figure, parts: tuple[Part, Part], mapper: LinearColorMapper, c: Colours
) -> list[GlyphRenderer]:
    look = {
        "fill_color": {"field": "shade", "transform": mapper},
        "line_color": c.border,
        "hatch_alpha": {"field": "lacks"},
        "hatch_color": c.text,
        "hatch_scale": 8,
        "hatch_weight": 0.5,
        "hatch_pattern": None,
    }
    (_, flat), (_, dots) = parts
    drawn = [
        f.multi_polygons("xs", "ys", source=flat, line_width=0.6, **look),
        f.scatter("x", "y", source=dots, size=13, **look),
    ]
    for one in drawn:  # the others stay as they are
        one.nonselection_glyph = None
        one.selection_glyph = one.glyph.clone(line_color=MARK, line_width=3.5)
    return drawn


def _name(f: figure, parts: tuple[Part, Part]) -> None:
    """Write the names of points, and of zones that have room for them, anew after a zoom."""
    (_, zones), (_, dots) = parts
    names = ColumnDataSource({"x": [], "y": [], "text": []}, syncable=False)
    f.text(
        "x",
        "y",
        "text",
        source=names,
        level="overlay",
        text_font_size="11px",
        text_align="center",
        text_baseline="middle",
        text_color="#10171e",
        background_fill_color="#ffffff",  # an outline of the letters would have spikes
        background_fill_alpha=0.75,
        padding=1,
        border_radius=3,
    )
    write = custom_js("zones/names", f=f, zones=zones, dots=dots, names=names)
    for span in (f.x_range, f.y_range):
        span.js_on_change("start", write)
    f.js_on_change("inner_width", write)
