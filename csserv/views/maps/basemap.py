"""A map to look at: land and sea without a network, fitted to a part of the world."""

from __future__ import annotations

from typing import Any

from bokeh.models import ColumnDataSource, Range1d
from bokeh.palettes import Viridis256
from bokeh.plotting import figure

from csserv.views.maps.canvas import script
from csserv.views.maps.mercator import to_mercator
from csserv.views.maps.outlines import countries_near
from csserv.views.maps.scene import FAR, Bounds
from csserv.views.parts.theme import colours

#: latitudes that a map shows [degrees]
SOUTHERNMOST, NORTHERNMOST = -80.0, 83.0


def base_map(name: str, bounds: Bounds, dark: bool, height: int) -> figure:
    """Draw land and sea around a box [degrees], with some room.

    Parameters
    ----------
    name : of the figure
    height : [pixels]; the width is that of the page
    """
    c = colours(dark)
    west, south, east, north = bounds
    room = max(0.1 * max(east - west, north - south), 0.3)
    (x0, x1), (y0, y1) = to_mercator(
        [west - room, east + room],
        [max(south - room, SOUTHERNMOST), min(north + room, NORTHERNMOST)],
    )
    f = figure(
        name=name,
        x_axis_type="mercator",
        y_axis_type="mercator",
        x_range=Range1d(x0, x1, syncable=False),
        y_range=Range1d(y0, y1, syncable=False),
        height=height,
        sizing_mode="stretch_width",
        tools="pan,wheel_zoom,reset",
        active_scroll=None,
        toolbar_location="above",
        outline_line_color=None,
        border_fill_alpha=0.0,
    )
    place = ColumnDataSource({"x0": [x0], "x1": [x1], "y0": [y0], "y1": [y1]})
    fit = script("maps/fit", f=f, place=place)
    f.js_on_change("inner_width", fit)
    f.js_on_change("inner_height", fit)
    f.axis.visible = False
    f.grid.visible = False
    f.toolbar.update(logo=None, autohide=True)
    f.quad(left=-FAR, right=FAR, bottom=-FAR, top=FAR, fill_color=c.sea, line_color=None)
    f.multi_polygons("xs", "ys", source=_land(bounds), fill_color=c.land, line_color=c.border)
    return f


def draw_borders(f: figure, bounds: Bounds, dark: bool) -> None:
    """Draw the borders of countries over what is there."""
    c = colours(dark)
    f.multi_polygons(
        "xs", "ys", source=_land(bounds), fill_color=None, line_color=c.text, line_alpha=0.5
    )


def palette(dark: bool) -> tuple[str, ...]:
    """Choose the colours of values: what is high stands out of the paper."""
    return tuple(Viridis256 if dark else reversed(Viridis256))


def dress_bar(dark: bool) -> dict[str, Any]:
    """Say how a colour bar looks."""
    c = colours(dark)
    return {
        "width": 12,
        "title_text_color": c.text,
        "major_label_text_color": c.text,
        "background_fill_color": None,
    }


def _land(bounds: Bounds) -> ColumnDataSource:
    """Countries as far as a wide screen shows them, to the left and to the right."""
    west, south, east, north = bounds
    wide = 2 * max(east - west, north - south, 1.0)
    return ColumnDataSource(countries_near((west - wide, south - wide, east + wide, north + wide)))
