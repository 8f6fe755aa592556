"""A map with a field as an image over it, a colour bar, and values under the pointer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    CustomJS,
    CustomJSHover,
    HoverTool,
    LinearColorMapper,
)
from bokeh.plotting import figure

from csserv.language import tr
from csserv.request import Area
from csserv.units import shown_units
from csserv.views.maps.basemap import base_map, colour_bar_style, draw_borders, palette
from csserv.views.maps.mercator import LAST_LATITUDE, to_mercator
from csserv.views.maps.outlines import area_outlines
from csserv.views.maps.raster import MISSING, SHADES, Shades
from csserv.views.maps.scene import Bounds
from csserv.views.parts.local_tips import browser_locale
from csserv.views.parts.served_changes import change_served, is_served
from csserv.views.parts.theme import colours

#: longest wait for the browser to confirm a step, before the next one is sent [s]
ARRIVAL_TIMEOUT = 3.0

#: text under the pointer; "about", as a shade stands for a range of values
HOVER_TEXT = """
const {low, high} = mapper;
const shown = (v) => `${Number(v.toPrecision(3)).toLocaleString(locale)} ${units}`.trim();
if (value == missing) return none;
if (value == 0) return most.replace("{value}", shown(low));
if (value == last) return least.replace("{value}", shown(high));
return about.replace("{value}", shown(low + (high - low) * value / last));
"""


class RasterMap:
    """A map with one field over it.

    Parameters
    ----------
    bounds : west, south, east, north edges of the field [degrees]
    units : units of its values
    dark : whether to use the dark colour scheme
    height : [pixels]
    area : drawn over the field by its zones, if given
    """

    def __init__(
        self, bounds: Bounds, units: str, dark: bool, height: int, area: Area | None = None
    ) -> None:
        self._place = _place(bounds)
        self._arrived = asyncio.Event()
        nothing = np.full((1, 1), MISSING, np.uint8)
        self._source = ColumnDataSource(self._place | {"image": [nothing], "step": [-1]})
        self._scale = LinearColorMapper(palette=palette(dark)[:SHADES], low=0.0, high=1.0)
        self.figure = base_map("raster_map", bounds, dark, height)
        self._draw(units, dark)
        draw_borders(self.figure, bounds, dark)
        if area is not None:
            _draw_zones(self.figure, area, dark)
        self._listen()

    def set_range(self, low: float, high: float) -> None:
        """Set the values of the lowest and the highest shade [units]."""
        self._change(lambda: self._scale.update(low=low, high=high))

    async def show(self, shades: Shades, step: int) -> None:
        """Show the image of a step, and wait until the browser has it.

        So a slow connection shows fewer steps, but none late.
        """
        self._arrived.clear()
        columns = self._place | {"image": [shades], "step": [step]}
        self._change(lambda: setattr(self._source, "data", columns))
        if self._is_served:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), ARRIVAL_TIMEOUT)

    @property
    def _is_served(self) -> bool:
        return is_served(self.figure.document)

    def _change(self, change: Callable[[], None]) -> None:
        change_served(self.figure.document, change)

    def _draw(self, units: str, dark: bool) -> None:
        clear = "#00000000"
        mapper = LinearColorMapper(
            palette=palette(dark)[:SHADES], low=0, high=SHADES - 1, high_color=clear
        )
        names = {key: key for key in ("image", "x", "y", "dw", "dh")}
        field = self.figure.image(**names, source=self._source, color_mapper=mapper)
        known: dict[str, Any] = {"mapper": self._scale, "units": shown_units(units)}
        known |= {"missing": MISSING, "last": SHADES - 1, "locale": browser_locale()}
        known |= {"none": tr("no data"), "about": tr("about {value}")}
        known |= {"most": tr("at most {value}"), "least": tr("at least {value}")}
        hover = HoverTool(
            renderers=[field],
            tooltips=[("", "@image{custom}")],
            formatters={"@image": CustomJSHover(args=known, code=HOVER_TEXT)},
        )
        self.figure.add_tools(hover)
        bar = ColorBar(color_mapper=self._scale, title=shown_units(units), **colour_bar_style(dark))
        self.figure.add_layout(bar, "right")

    def _listen(self) -> None:
        """Let the browser confirm that a step has arrived."""
        seen = ColumnDataSource({"step": [-1]})
        confirm = CustomJS(args={"seen": seen}, code="seen.data = {step: [...cb_obj.data.step]};")
        self._source.js_on_change("data", confirm)
        seen.on_change("data", lambda attribute, old, new: self._arrived.set())


def _place(bounds: Bounds) -> dict[str, list[float]]:
    west, south, east, north = bounds
    edges = np.clip([south, north], -LAST_LATITUDE, LAST_LATITUDE)
    (x0, x1), (y0, y1) = to_mercator([west, east], edges)
    return {"x": [x0], "y": [y0], "dw": [x1 - x0], "dh": [y1 - y0]}


def _draw_zones(f: figure, area: Area, dark: bool) -> None:
    source = ColumnDataSource(area_outlines(area).columns)
    colour = colours(dark).extent
    f.multi_polygons("xs", "ys", source=source, fill_color=None, line_color=colour, line_width=1.5)
