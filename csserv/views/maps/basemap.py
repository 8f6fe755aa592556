"""The base map of results: land, sea and borders, without network."""

from __future__ import annotations

from typing import Any

from bokeh.models import ColumnDataSource, Range1d
from bokeh.palettes import Viridis256
from bokeh.plotting import figure

from csserv.views.maps.canvas import custom_js
from csserv.views.maps.mercator import to_mercator
from csserv.views.maps.outlines import countries_near
from csserv.views.maps.places.place_layers import PlaceLayers
from csserv.views.maps.scene import FAR, Bounds
from csserv.views.parts.theme import colours

#: range of latitudes that a map shows [degrees north]
SOUTHERNMOST, NORTHERNMOST = -80.0, 83.0


def base_map(name: str, bounds: Bounds, dark: bool, height: int) -> figure:
    """Return a figure with land and sea around a box, with a margin.

    Parameters
    ----------
    name : name of the figure
    bounds : the box: west, south, east, north [degrees]
    dark : whether to use the dark colour scheme
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
        css_classes=["map"],
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
    fit = custom_js("maps/fit", f=f, place=place)
    f.js_on_change("inner_width", fit)
    f.js_on_change("inner_height", fit)
    f.axis.visible = False
    f.grid.visible = False
    f.toolbar.update(logo=None, autohide=True)
    f.quad(left=-FAR, right=FAR, bottom=-FAR, top=FAR, fill_color=c.sea, line_color=None)
    f.multi_polygons("xs", "ys", source=_land(bounds), fill_color=c.land, line_color=c.border)
    return f


def with_places(
    f: figure, bounds: Bounds, dark: bool, address: str, labels: ColumnDataSource | None = None
) -> PlaceLayers:
    """Draw lakes and rivers on a base map; names come with ``draw_names``, over what it shows.

    Parameters
    ----------
    bounds : of what the map shows [degrees]
    address : of lakes, rivers and towns, relative to the page; without it there are none
    labels : names that stand there already, which others leave room
    """
    places = PlaceLayers(f, address, labels=labels, on_colours=True)
    places.name_countries(_around(bounds))
    places.draw_water()
    return places


def draw_borders(f: figure, bounds: Bounds, dark: bool) -> None:
    """Draw the borders of countries on top."""
    c = colours(dark)
    f.multi_polygons(
        "xs", "ys", source=_land(bounds), fill_color=None, line_color=c.text, line_alpha=0.5
    )


def palette(dark: bool) -> tuple[str, ...]:
    """Return the colours of values, from low to high; high ones contrast with the background."""
    return tuple(Viridis256 if dark else reversed(Viridis256))


def colour_bar_style(dark: bool) -> dict[str, Any]:
    """Return the properties of a colour bar."""
    c = colours(dark)
    return {
        "width": 12,
        "title_text_color": c.text,
        "major_label_text_color": c.text,
        "background_fill_color": None,
    }


def _land(bounds: Bounds) -> ColumnDataSource:
    """Return the countries around a box, as far as a wide screen shows them."""
    return ColumnDataSource(countries_near(_around(bounds)))


def _around(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    wide = 2 * max(east - west, north - south, 1.0)
    return west - wide, south - wide, east + wide, north + wide
