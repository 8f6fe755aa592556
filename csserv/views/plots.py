"""Plots for notebooks: series as lines over time, zones coloured by value on a map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import holoviews as hv
import numpy as np
import pandas as pd
import shapely
from bokeh.models import HoverTool
from hvplot import hvPlotTabular
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidRequestError, TaskNotFinishedError
from csserv.outputs.answer import Answer
from csserv.views.figures import lowest_and_highest, said
from csserv.views.lines import MOST_LINES, marked
from csserv.views.offline import load_drawing
from csserv.views.outlines import for_screen, world
from csserv.views.series import SeriesTable
from csserv.views.theme import LIGHT

#: of plots [pixels]
SIZE = {"width": 760, "height": 340}


class Plots:
    """Draws an answer: called, as lines over time; by ``map``, as zones coloured by value.

    Both give HoloViews objects: ``*`` lays one over another, ``+`` puts them side by side, and
    ``.opts(...)`` changes how they look.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, **options: Any) -> hv.Overlay | hv.NdOverlay | hv.Curve:
        """Draw a line a zone; steps without data are gaps.

        Parameters
        ----------
        options : of hvPlot: ``title``, ``width``, ``height``, ``color``, ``logy``, ``legend``, …

        Raises
        ------
        TaskNotFinishedError : no step is known yet
        """
        table = self._table()
        load_drawing()
        return _lines(table, {"title": f"{table.title}, {self._answer.area.title}"} | options)

    def map(self, step: Any = None, *, slider: bool = False, **options: Any) -> Any:
        """Draw the zones of the area, coloured by value.

        Parameters
        ----------
        step : which one, as it is written in the result or a beginning of it: ``"2019-03-07"``,
            ``"2019-03"``; the mean over all steps unless given
        slider : with a slider of all steps, that starts at ``step``; needs a running kernel
        options : of HoloViews' polygons: ``title``, ``cmap``, ``clim``, ``width``, …

        Raises
        ------
        InvalidRequestError : there is no such step; says what there is
        TaskNotFinishedError : no step is known yet
        """
        table = self._table()
        load_drawing()
        zones = _ZoneMaps(self._answer, table, options)
        if slider:
            return zones.sliding(0 if step is None else zones.place(step))
        return zones.mean() if step is None else zones.at(zones.place(step))

    def _table(self) -> SeriesTable:
        if not self._answer.json["series"][0]["time"]:
            raise TaskNotFinishedError("no step is known yet; ask again in a moment")
        return SeriesTable.of(self._answer)


def _lines(table: SeriesTable, options: dict[str, Any]) -> Any:
    frame = pd.concat(
        [table.frame(i).assign(zone=name) for i, name in enumerate(table.zones)], ignore_index=True
    )
    several = len(table.zones) > 1
    common: dict[str, Any] = {
        "x": "time",
        "y": "value",
        "by": "zone" if several else None,
        "hover_cols": ["label", "percent", "zone"],
        "hover_tooltips": [
            ("", "@zone"),
            ("Time", "@label"),
            ("Value", f"@value{{0,0.[000]}} {table.units}"),
            ("With data", "@percent{0.[0]} %"),
        ],
        "xlabel": "",
        "ylabel": f"{table.title} [{table.units}]",
        "legend": "right" if several and len(table.zones) <= MOST_LINES else False,
        "color": _line_colours(len(table.zones)),
        **SIZE,
    }
    lines = hvPlotTabular(frame).line(**common | options)
    alone = frame.groupby("zone", sort=False)["value"].transform(lambda one: marked(one.to_numpy()))
    dots = frame[alone.astype(bool)]
    if dots.empty:
        return lines
    return lines * hvPlotTabular(dots).scatter(**common | {"size": 16} | options)


def _line_colours(count: int) -> Any:
    return list(LIGHT.lines) if count > 1 else LIGHT.lines[0]


class _ZoneMaps:
    """Maps of the same zones at one step or another, in the same colours."""

    def __init__(self, answer: Answer, table: SeriesTable, options: dict[str, Any]) -> None:
        self.labels = table.labels
        self._table = table
        self._title = f"{table.title}, {answer.area.title}"
        self._options = options
        self._bounds = answer.area.bounds
        zones = answer.area.zones
        flat = [i for i, zone in enumerate(zones) if not zone.is_point]
        self._shapes = dict(zip(flat, for_screen(zones[i].geometry for i in flat), strict=True))
        self._points = {
            i: shapely.centroid(zone.geometry) for i, zone in enumerate(zones) if zone.is_point
        }

    def place(self, step: Any) -> int:
        """Find the number of a step by what it is called."""
        wanted = str(step).replace(" ", "T").removesuffix("T00:00:00")
        found = [i for i, label in enumerate(self.labels) if label.startswith(wanted)]
        if not found:
            raise InvalidRequestError(
                f"no step {wanted!r}; there are {len(self.labels):,}, {self.labels[0]} to "
                f"{self.labels[-1]}"
            )
        return found[0]

    def mean(self) -> hv.Overlay:
        """Draw the mean over time; each step counts by its length."""
        table = self._table
        weight = np.where(np.isnan(table.values), 0.0, table.lengths[:, None])
        total = weight.sum(axis=0)
        whole = (np.nan_to_num(table.values) * weight).sum(axis=0)
        values = np.divide(whole, total, out=np.full(len(total), np.nan), where=total > 0)
        title = f"{self._title}\nmean of {self.labels[0]} to {self.labels[-1]}"
        return self._draw(values, table.percent.mean(axis=0), title, values)

    def at(self, step: int) -> hv.Overlay:
        """Draw one step."""
        table = self._table
        title = f"{self._title}\n{self.labels[step]}"
        return self._draw(table.values[step], table.percent[step], title, table.values)

    def sliding(self, first: int) -> hv.DynamicMap:
        """Draw the step that a slider stands at."""
        times = [pd.Timestamp(one).to_pydatetime() for one in self._table.positions]
        steps = dict(zip(times, range(len(times)), strict=True))
        time = hv.Dimension(
            "time",
            values=times,
            default=times[first],
            value_format=lambda time: self.labels[steps[pd.Timestamp(time)]],
        )
        return hv.DynamicMap(lambda time: self.at(steps[pd.Timestamp(time)]), kdims=[time])

    def _draw(self, values: Any, percent: Any, title: str, range_of: Any) -> hv.Overlay:
        rows = {
            i: {
                "value": float(values[i]),
                "zone": name,
                "said": said(float(values[i]), self._table.units),
                "percent": float(percent[i]),
            }
            for i, name in enumerate(self._table.zones)
        }
        vdims = [hv.Dimension("value", label=self._table.units or "value"), "zone", "said"]
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
        look = {
            "color": "value",
            "cmap": "viridis_r",
            "clim": lowest_and_highest(np.asarray(range_of)),
            "tools": [hover],
            "colorbar": True,
            "clabel": self._table.units,
            "clipping_colors": {"NaN": LIGHT.missing},
            "line_color": LIGHT.ink,
        }
        land = hv.Polygons([_rings(part) for part in _land(self._window())]).opts(
            color=LIGHT.land, line_color=LIGHT.border, tools=[]
        )
        shown = land * hv.Polygons(polygons, ["x", "y"], vdims).opts(**look, line_width=0.8)
        if dots:
            shown *= hv.Points(dots, ["x", "y"], vdims).opts(**look, size=12)
        west, south, east, north = self._window()
        own: dict[str, Any] = {
            "title": title,
            "fontsize": {"title": 11},
            **_size(self._window()),
        } | self._options
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


def _size(window: tuple[float, float, float, float]) -> dict[str, int]:
    """Choose a size in which a degree is about as long to the east as to the north."""
    west, south, east, north = window
    wide = (east - west) * max(float(np.cos(np.radians((south + north) / 2))), 0.1)
    height = 480
    width = int(np.clip(height * wide / (north - south), 240, 800))
    if width == 800:
        height = int(np.clip(800 * (north - south) / wide, 200, 480))
    return {"width": width + 90, "height": height}  # room for the bar of colours


def _land(window: tuple[float, float, float, float]) -> Iterator[shapely.Polygon]:
    frame = shapely.box(*window)
    for shape in world().shapes:
        if shape.intersects(frame):
            cut: BaseGeometry = shape.intersection(frame)
            yield from (p for p in getattr(cut, "geoms", [cut]) if p.geom_type == "Polygon")


def _rings(polygon: shapely.Polygon) -> dict[str, Any]:
    """Write a polygon as HoloViews has it."""
    x, y = polygon.exterior.xy
    holes = [np.column_stack(ring.xy) for ring in polygon.interiors]
    return {"x": np.asarray(x), "y": np.asarray(y), "holes": [holes]}
