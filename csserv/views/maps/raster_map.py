"""One field over a map, in shades, with a colour bar; what the pointer is on is told."""

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

from csserv.request import Area
from csserv.views.maps.basemap import base_map, draw_borders, dress_bar, palette
from csserv.views.maps.mercator import LAST_LATITUDE, to_mercator
from csserv.views.maps.outlines import area_outlines
from csserv.views.maps.raster import MISSING, SHADES, Shades
from csserv.views.maps.scene import Bounds
from csserv.views.parts.theme import colours

#: a browser that does not say that it has a field gets the next one after so long [s]
PATIENCE = 3.0

#: shades are not as fine as numbers
SAID = """
const {low, high} = mapper;
const shown = (v) => Number(v.toPrecision(3)).toLocaleString("en") + " " + units;
if (value == missing) return "no data";
if (value == 0) return "at most " + shown(low);
if (value == last) return "at least " + shown(high);
return "about " + shown(low + (high - low) * value / last);
"""


class RasterMap:
    """A map with a field of cells over it.

    Parameters
    ----------
    bounds : west, south, east, north: edges of the field [degrees]
    units : of its values
    dark : whether the paper is dark
    height : [pixels]
    area : its zones are drawn over the field
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
        """Say which values the outermost shades stand for."""
        self._change(lambda: self._scale.update(low=low, high=high))

    async def show(self, shades: Shades, step: int) -> None:
        """Show the shades of a step, and wait until the browser has it.

        Through a slow link fewer steps come, and each in time.
        """
        self._arrived.clear()
        columns = self._place | {"image": [shades], "step": [step]}
        self._change(lambda: setattr(self._source, "data", columns))
        if self._is_served:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), PATIENCE)

    @property
    def _is_served(self) -> bool:
        document = self.figure.document
        return document is not None and document.session_context is not None

    def _change(self, change: Callable[[], None]) -> None:
        """Change raw bokeh models, which wants the document's lock."""
        if self._is_served:
            self.figure.document.add_next_tick_callback(change)
        else:
            change()

    def _draw(self, units: str, dark: bool) -> None:
        clear = "#00000000"
        mapper = LinearColorMapper(
            palette=palette(dark)[:SHADES], low=0, high=SHADES - 1, high_color=clear
        )
        names = {key: key for key in ("image", "x", "y", "dw", "dh")}
        field = self.figure.image(**names, source=self._source, color_mapper=mapper)
        known: dict[str, Any] = {"mapper": self._scale, "units": units}
        known |= {"missing": MISSING, "last": SHADES - 1}
        hover = HoverTool(
            renderers=[field],
            tooltips=[("", "@image{custom}")],
            formatters={"@image": CustomJSHover(args=known, code=SAID)},
        )
        self.figure.add_tools(hover)
        bar = ColorBar(color_mapper=self._scale, title=units, **dress_bar(dark))
        self.figure.add_layout(bar, "right")

    def _listen(self) -> None:
        """Hear from the browser that a step is there."""
        seen = ColumnDataSource({"step": [-1]})
        told = CustomJS(args={"seen": seen}, code="seen.data = {step: [...cb_obj.data.step]};")
        self._source.js_on_change("data", told)
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
