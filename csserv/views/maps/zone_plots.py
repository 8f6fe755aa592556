"""Maps for notebooks: the zones of a result, coloured by value, as HoloViews plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import holoviews as hv
import numpy as np
import pandas as pd
import shapely
from bokeh.models import HoverTool
from shapely.geometry.base import BaseGeometry

from csserv.outputs.series_result import SeriesResult
from csserv.units import shown_units
from csserv.views.maps.outlines import simplified, world
from csserv.views.parts.key_figures import value_range, value_text
from csserv.views.parts.plot_titles import NOTHING, folded, title_of
from csserv.views.parts.series_table import SeriesTable
from csserv.views.parts.theme import LIGHT

#: sizes of maps, and the width of the colour bar beside them [pixels]
HIGHEST, WIDEST, NARROWEST, COLOUR_BAR = 480, 800, 300, 90

#: width of the latitudes, right of which titles begin [pixels]
AXIS = 50

#: options of lines and maps, to use all the width, also on a phone
FRAME = {"toolbar": "below", "fontsize": {"title": "10pt"}}


class ZonePlots:
    """Draws maps of the same zones at different steps, in the same colours.

    Parameters
    ----------
    options : HoloViews options of the plots
    look : options of the zones' colours, in place of the usual ones
    nothing : what is said where no zone has a value at any step
    """

    def __init__(
        self,
        answer: SeriesResult,
        table: SeriesTable,
        options: dict[str, Any],
        look: Mapping[str, Any] = MappingProxyType({}),
        nothing: str = NOTHING,
    ) -> None:
        self._look = look
        self._nothing = nothing
        self.labels = table.labels
        self._table = table
        self._title = f"{table.quantity or table.title}, {answer.area.title}"
        self._options = options
        self._bounds = answer.area.bounds
        zones = answer.area.zones
        flat = [i for i, zone in enumerate(zones) if not zone.is_point]
        self._shapes = dict(zip(flat, simplified(zones[i].geometry for i in flat), strict=True))
        self._points = {
            i: shapely.centroid(zone.geometry) for i, zone in enumerate(zones) if zone.is_point
        }

    def mean(self) -> hv.Overlay:
        """Draw the mean over time, weighted by the length of the steps."""
        table = self._table
        weight = np.where(np.isnan(table.values), 0.0, table.lengths[:, None])
        total = weight.sum(axis=0)
        whole = (np.nan_to_num(table.values) * weight).sum(axis=0)
        values = np.divide(whole, total, out=np.full(len(total), np.nan), where=total > 0)
        title = f"{self._title}\nmean of {self.labels[0]} to {self.labels[-1]}"
        return self._draw(values, table.percent.mean(axis=0), title, values)

    def at_step(self, step: int) -> hv.Overlay:
        """Draw one step."""
        table = self._table
        title = f"{self._title}\n{self.labels[step]}"
        return self._draw(table.values[step], table.percent[step], title, table.values)

    def with_slider(self, first: int) -> hv.DynamicMap:
        """Draw the step of a slider, which starts at step ``first``."""
        times = [pd.Timestamp(one).to_pydatetime() for one in self._table.positions]
        steps = dict(zip(times, range(len(times)), strict=True))
        time = hv.Dimension(
            "time",
            values=times,
            value_format=lambda time: self.labels[steps[pd.Timestamp(time)]],
        )
        time = time.clone(default=time.values[first])  # of the type that the values have become
        return hv.DynamicMap(lambda time: self.at_step(steps[pd.Timestamp(time)]), kdims=[time])

    def _draw(self, values: Any, percent: Any, title: str, range_of: Any) -> hv.Overlay:
        rows = {
            i: {
                "value": float(values[i]),
                "zone": name,
                "said": value_text(float(values[i]), self._table.units),
                "percent": float(percent[i]),
            }
            for i, name in enumerate(self._table.zones)
        }
        vdims = [
            hv.Dimension("value", label=shown_units(self._table.units) or "value"),
            "zone",
            "said",
        ]
        vdims.append(hv.Dimension("percent"))
        polygons = [
            _rings(part) | rows[i]
            for i, shape in self._shapes.items()
            for part in getattr(shape, "geoms", [shape])
        ]
        dots = [(one.x, one.y, *rows[i].values()) for i, one in self._points.items()]
        hover = HoverTool(
            tooltips=[("", "@zone"), ("Value", "@said"), ("With data", "@percent{0.[0]} %")]
        )
        of_frame = hv.Store.registry["bokeh"][hv.Overlay].param  # all others are of the zones
        look = {
            "color": "value",
            "cmap": "viridis_r",
            "clim": value_range(np.asarray(range_of)),
            "tools": [hover],
            "colorbar": True,
            "clabel": shown_units(self._table.units),
            "clipping_colors": {"NaN": LIGHT.missing},
            "line_color": LIGHT.text,
            **self._look,
            **{name: one for name, one in self._options.items() if name not in of_frame},
        }
        land = hv.Polygons([_rings(part) for part in _land(self._window())]).opts(
            color=LIGHT.land, line_color=LIGHT.border, tools=[]
        )
        shown = land * hv.Polygons(polygons, ["x", "y"], vdims).opts(**{"line_width": 0.8} | look)
        if dots:
            shown *= hv.Points(dots, ["x", "y"], vdims).opts(**{"size": 12} | look)
        west, south, east, north = self._window()
        own: dict[str, Any] = FRAME | _size(self._window(), self._options)
        own |= {name: one for name, one in self._options.items() if name in of_frame}
        room = float(own.get("width") or own["max_width"]) - AXIS
        title = own.get("title", title_of(title, range_of, self._nothing))
        own["title"] = folded(title, room)
        return shown.opts(
            hv.opts.Overlay(
                xlim=(west, east),
                ylim=(south, north),
                xlabel="longitude [degrees]",
                ylabel="latitude [degrees]",
                bgcolor=LIGHT.sea,
                **own,
            )
        )

    def _window(self) -> tuple[float, float, float, float]:
        west, south, east, north = self._bounds
        room = max(0.08 * max(east - west, north - south), 0.3)
        return west - room, max(south - room, -90), east + room, min(north + room, 90)


def _size(window: tuple[float, float, float, float], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the size of a map on which a kilometre is about as long to the east as to the north.

    On a narrow screen the map is smaller, in the same proportions; so it is with a width or a
    height of its own.
    """
    if options.keys() >= {"width", "height"}:
        return {}
    west, south, east, north = window
    wide = (east - west) * max(float(np.cos(np.radians((south + north) / 2))), 0.1)
    height = HIGHEST
    width = int(np.clip(height * wide / (north - south), 240, WIDEST))
    if width == WIDEST:
        height = int(np.clip(WIDEST * (north - south) / wide, 200, HIGHEST))
    width += COLOUR_BAR
    if "width" in options:
        return {"height": round(float(options["width"]) * height / width)}
    if "height" in options:
        return {"width": round(float(options["height"]) * width / height)}
    return {
        "responsive": "width",
        "aspect": width / height,
        "min_width": NARROWEST,
        "max_width": width,
    }


def _land(window: tuple[float, float, float, float]) -> Iterator[shapely.Polygon]:
    frame = shapely.box(*window)
    for shape in world().shapes:
        if shape.intersects(frame):
            cut: BaseGeometry = shape.intersection(frame)
            yield from (p for p in getattr(cut, "geoms", [cut]) if p.geom_type == "Polygon")


def _rings(polygon: shapely.Polygon) -> dict[str, Any]:
    """Return a polygon as HoloViews takes it."""
    x, y = polygon.exterior.xy
    holes = [np.column_stack(ring.xy) for ring in polygon.interiors]
    return {"x": np.asarray(x), "y": np.asarray(y), "holes": [holes]}
