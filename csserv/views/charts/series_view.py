"""The chart of a result, with choices of zones and steps, and comparison with other results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param

from csserv.errors import CsservError
from csserv.units import shown_units
from csserv.views.charts.chart_lines import MOST_LINES, units_of
from csserv.views.charts.series_chart import SeriesChart
from csserv.views.parts.escaping import escaped
from csserv.views.parts.series_table import SUMMARIES, SeriesTable

#: most results in one chart
MOST_COMPARED = 5

#: why results are not in the chart
THIRD_UNITS = "A chart has two axes: what is in {} is not drawn. Compare it in a chart of its own."

#: reads the series of another result; called in a thread
Reader = Callable[[], SeriesTable]


class SeriesView(pn.viewable.Viewer):
    """Shows the series of one result as lines, and those of others to compare with."""

    dark = param.Boolean(default=False)
    summary = param.Selector(objects=SUMMARIES, default="", doc="longer steps to aggregate to")
    how = param.Selector(objects={"Mean": "mean", "Sum": "sum"}, default="mean")
    zones = param.List(default=[], item_type=str, doc="names of the zones in the chart")
    compared = param.List(default=[], item_type=str, doc="titles of the other results")
    axes = param.Selector(objects={"One axis": 1, "An axis for the others": 2}, default=1)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._table: SeriesTable | None = None
        self._chart: SeriesChart | None = None
        self._readers: Mapping[str, Reader] = {}
        self._others: dict[str, SeriesTable] = {}
        self._turn = 0  # counts the results shown: late updates of an earlier one are dropped
        self._drawing = 0  # counts the drawings: earlier ones that end later are dropped
        self._problem, self._third = (
            pmui.Alert(
                object="", severity=kind, visible=False, sizing_mode="stretch_width", margin=8
            )
            for kind in ("warning", "info")
        )
        # made at the start, as bokeh 3.9 stumbles over figures that come together with their layout
        self._place = pn.Column(sizing_mode="stretch_width", min_height=340, margin=(4, 8))
        self._step = self._buttons("summary")
        self._how = self._buttons("how")
        self._axes = self._buttons("axes")
        self._zones = self._choice("zones", f"Zones in the chart (at most {MOST_LINES})")
        self._zones.max_items = MOST_LINES
        self._compare = self._choice(
            "compared", f"Compare with other results (at most {MOST_COMPARED - 1})"
        )
        self._compare.max_items = MOST_COMPARED - 1
        self.param.watch(self._read_others, "compared")
        self.param.watch(self._redraw, ["summary", "how", "zones", "axes", "dark"])

    def __panel__(self) -> pn.viewable.Viewable:
        """Return choices and chart."""
        return pn.Column(
            pmui.FlexBox(self._step, self._how, sizing_mode="stretch_width", margin=0),
            self._zones,
            self._compare,
            self._axes,
            self._problem,
            self._third,
            self._place,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def show(self, table: SeriesTable, readers: Mapping[str, Reader]) -> None:
        """Show the series of a result.

        Parameters
        ----------
        readers : title of another result → function that reads its series
        """
        self._turn += 1
        self._table, self._readers, self._others = None, readers, {}
        self._zones.param.update(options=list(table.zones), visible=len(table.zones) > 1)
        self._compare.param.update(options=list(readers), visible=bool(readers))
        self._step.visible = not table.of_index
        self.param.update(
            summary="",
            how="sum" if table.adds_up else "mean",
            zones=[table.zones[_first_full(table)]],
            compared=[],
            axes=1,
        )
        self._table = table
        await self._redraw()

    def prepare_update(self, table: SeriesTable) -> Callable[[], None]:
        """Prepare to show the series so far of a running task; call this in a thread.

        Returns
        -------
        a function that shows it, to be called under the document's lock; it extends lines in place
        """
        turn, chart = self._turn, self._chart
        made = None if chart else SeriesChart([table], self.dark)
        table.columns()  # computes what all lines share, outside the event loop

        def change() -> None:
            if turn != self._turn:
                return
            self._table = None
            for choice in (self._step, self._how, self._zones, self._compare, self._axes):
                choice.visible = False
            if self._chart is None or not self._chart.extend([table]):
                self._place_chart(made or SeriesChart([table], self.dark))

        return change

    def clear(self) -> None:
        """Show nothing."""
        self._table, self._chart = None, None
        self._turn += 1
        self._drawing += 1
        self._place.clear()

    def tables(self) -> list[SeriesTable]:
        """Return the series in the chart: those of the result, then those it is compared with."""
        if self._table is None:
            return []
        own = self._table
        chosen = [name for name in self.zones if name in own.zones] or list(own.zones[:1])
        others = [_like(table, chosen) for table in list(self._others.values())]
        return [self._summed(table) for table in (own.select_zones(chosen), *others)]

    def _buttons(self, name: str) -> pmui.RadioButtonGroup:
        return pmui.RadioButtonGroup.from_param(
            self.param[name],
            label="",
            description="",
            size="small",
            margin=(6, 8),
            sx={"& button": {"whiteSpace": "nowrap"}},
            visible=False,
        )

    def _choice(self, name: str, label: str) -> pmui.MultiChoice:
        return pmui.MultiChoice.from_param(
            self.param[name],
            label=label,
            description="",
            options=[],
            visual_size="small",
            sizing_mode="stretch_width",
            margin=(6, 8),
            visible=False,
        )

    async def _read_others(self, *events: Any) -> None:
        """Read the series to compare with; show which cannot be read, and why."""
        wanted = [text for text in self.compared if text in self._readers]
        problems = []
        for text in wanted:
            if text not in self._others:
                try:
                    self._others[text] = await asyncio.to_thread(self._readers[text])
                except CsservError as error:
                    problems.append(escaped(f"{text}: {error}"))
        self._others = {text: self._others[text] for text in wanted if text in self._others}
        self._problem.param.update(object="  \n".join(problems), visible=bool(problems))
        await self._redraw()

    async def _redraw(self, *events: Any) -> None:
        if self._table is None:
            self._chart = None  # that of a running task is drawn anew at its next update
            return
        self._drawing += 1
        mine = self._drawing
        self._how.visible = bool(self.summary) and self._table.adds_up
        tables = await asyncio.to_thread(self.tables)
        if mine != self._drawing:
            return
        units = units_of(tables)
        self._axes.visible = len(tables) > 1 and len(units) == 1
        third = ", ".join(shown_units(one) or "numbers without units" for one in units[2:])
        self._third.param.update(object=THIRD_UNITS.format(escaped(third)), visible=bool(third))
        await self._draw(tables)

    async def _draw(self, tables: list[SeriesTable]) -> None:
        self._drawing += 1
        mine = self._drawing
        two = self.axes == 2
        chart = await asyncio.to_thread(SeriesChart, tables, self.dark, two_axes=two, bars=True)
        if mine == self._drawing:
            self._place_chart(chart)

    def _place_chart(self, chart: SeriesChart) -> None:
        self._chart = chart
        self._place[:] = [pn.pane.Bokeh(chart.figure, sizing_mode="stretch_width")]

    def _summed(self, table: SeriesTable) -> SeriesTable:
        return table.resampled(self.summary, self.how if table.adds_up else "mean")


def _first_full(table: SeriesTable) -> int:
    """Return the first zone with any value; the first one, where none has."""
    return int((~np.isnan(table.values)).any(axis=0).argmax())


def _like(table: SeriesTable, names: list[str]) -> SeriesTable:
    """Return the zones that the table shares with another; the whole table if there are none."""
    shared = [name for name in names if name in table.zones]
    return table.select_zones(shared) if shared else table
