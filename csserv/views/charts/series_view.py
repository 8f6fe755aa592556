"""The chart of a result, with choices of zones and steps, and comparison with other results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.plotting import figure

from csserv.errors import CsservError
from csserv.language import mark, tr
from csserv.units import shown_units
from csserv.views.charts.chart_kinds import CHART_KINDS, STEPS, first_kind, kinds_for
from csserv.views.charts.chart_lines import units_of
from csserv.views.charts.chart_places import HEIGHT, MONTHS, ChartPlaces
from csserv.views.charts.series_chart import SeriesChart
from csserv.views.charts.small_multiples import MOST_CHARTS, small_multiples
from csserv.views.parts.escaping import escaped
from csserv.views.parts.plot_titles import NOTHING, NOTHING_OF_INDEX
from csserv.views.parts.series_table import SUMMARIES, SeriesTable

#: most zones in a list to choose from; more are found in a table
MOST_LISTED = 200

#: most results in one chart
MOST_COMPARED = 5

#: why results are not in the chart
THIRD_UNITS = mark(
    "A chart has two axes: what is in {units} is not drawn. Compare it in a chart of its own."
)

#: label → how values are taken together
HOW = {mark("Mean"): "mean", mark("Sum"): "sum"}

#: label → number of axes
AXES = {mark("One axis"): 1, mark("An axis for the others"): 2}

#: reads the series of another result; called in a thread
Reader = Callable[[], SeriesTable]


class SeriesView(pn.viewable.Viewer):
    """Shows the series of one zone of a result as the charts that fit it, by tabs.

    Several zones have a small chart each; results to compare with are lines beside it.
    """

    dark = param.Boolean(default=False)
    summary = param.Selector(objects=SUMMARIES, default="", doc="longer steps to aggregate to")
    how = param.Selector(objects=HOW, default="mean")
    zones = param.List(default=[], item_type=str, doc="names of the zones in the chart")
    compared = param.List(default=[], item_type=str, doc="titles of the other results")
    axes = param.Selector(objects=AXES, default=1)
    kind = param.String(default="", doc="kind of chart that is seen; empty until one is drawn")
    begin = param.Selector(objects=MONTHS, default=1, doc="month in which years begin")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._table: SeriesTable | None = None
        self._chart: SeriesChart | None = None
        self._readers: Mapping[str, Reader] = {}
        self._others: dict[str, SeriesTable] = {}
        self._first: tuple[str, str] = "", ""  # zone and kind that are seen at first
        self._wanted = ""  # kind that is wanted, until the first chart is drawn
        self._turn = 0  # counts the results shown: late updates of an earlier one are dropped
        self._drawing = 0  # counts the drawings: earlier ones that end later are dropped
        self._problem, self._third = (
            pmui.Alert(
                object="", severity=kind, visible=False, sizing_mode="stretch_width", margin=8
            )
            for kind in ("warning", "info")
        )
        self.charts = ChartPlaces(self._show_kind, lambda month: setattr(self, "begin", month))
        self._step = self._buttons("summary", SUMMARIES)
        self._how = self._buttons("how", HOW)
        self._axes = self._buttons("axes", AXES)
        self._zones = self._choice("zones", tr("Zones, with a chart each"), MOST_CHARTS)
        others = tr("Compare with other results")
        self._compare = self._choice("compared", others, MOST_COMPARED - 1)
        self.param.watch(self._read_others, "compared")
        self.param.watch(self._redraw, ["summary", "how", "zones", "axes", "begin", "dark"])

    def __panel__(self) -> pn.viewable.Viewable:
        """Return choices and chart."""
        return pn.Column(
            self.charts,
            self._problem,
            self._third,
            self._zones,
            pmui.FlexBox(self._step, self._how, sizing_mode="stretch_width", margin=0),
            self._compare,
            self._axes,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def show(
        self,
        table: SeriesTable,
        readers: Mapping[str, Reader],
        zones: Sequence[str] = (),
        kind: str = "",
    ) -> None:
        """Show the series of a result.

        Parameters
        ----------
        readers : title of another result → function that reads its series
        zones, kind : what is wanted first; what the result does not have is left out
        """
        self._turn += 1
        self._first, self._wanted = (table.zones[_first_full(table)], ""), kind
        self._table, self._readers, self._others = None, readers, {}
        few = len(table.zones) <= MOST_LISTED
        options = list(table.zones) if few else []
        self._zones.param.update(options=options, visible=few and len(table.zones) > 1)
        self._compare.param.update(options=list(readers), visible=bool(readers))
        self._step.visible = not table.of_index
        self.param.update(
            summary="",
            how="sum" if table.adds_up else "mean",
            zones=[one for one in zones if one in table.zones][:MOST_CHARTS] or [self._first[0]],
            kind="",
            compared=[],
            axes=1,
            begin=_begin_of(table),
        )
        self.charts.begin_in(self.begin)
        self.charts.offered = []
        self._table = table
        await self._redraw()

    def prepare_update(self, table: SeriesTable) -> Callable[[], None]:
        """Prepare to show the series so far of a running task; call this in a thread.

        Returns
        -------
        a function that shows it, to be called under the document's lock; it extends lines in place
        """
        turn, chart = self._turn, self._chart
        shown = table.select_zones([table.zones[_first_full(table)]])
        made = None if chart else SeriesChart([shown], self.dark)
        shown.columns()  # computes what the line needs, outside the event loop

        def change() -> None:
            if turn != self._turn:
                return
            self._table = None
            for part in (self._step, self._how, self._zones, self._compare, self._axes):
                part.visible = False
            self.charts.offer([STEPS], STEPS)
            if self._chart is None or not self._chart.extend([shown]):
                self._place_chart(made or SeriesChart([shown], self.dark))

        return change

    def clear(self) -> None:
        """Show nothing."""
        self._table, self._chart = None, None
        self._turn += 1
        self._drawing += 1
        self.charts.clear()

    @property
    def chosen(self) -> tuple[str, tuple[str, ...]]:
        """Kind of chart and zones, where they are others than at first."""
        zone, kind = self._first
        zones = () if self.zones == [zone] else tuple(self.zones)
        return "" if self.kind == kind else self.kind, zones

    def choose(self, kind: str, zones: Sequence[str]) -> None:
        """Show a kind of chart, and zones; empty for those at first."""
        known = self._table.zones if self._table else ()
        zone, first = self._first
        if (wanted := kind or first) in self.charts.offered:
            self.charts.tabs.value = wanted
        self.zones = [one for one in zones if one in known][:MOST_CHARTS] or [zone]

    def tables(self) -> list[SeriesTable]:
        """Return the series in the chart: those of the result, then those it is compared with."""
        if self._table is None:
            return []
        own = self._table
        chosen = [name for name in self.zones if name in own.zones] or list(own.zones[:1])
        others = [_like(table, chosen) for table in list(self._others.values())]
        return [self._summed(table) for table in (own.select_zones(chosen), *others)]

    def _buttons(self, name: str, options: Mapping[str, Any]) -> pmui.RadioButtonGroup:
        return pmui.RadioButtonGroup.from_param(
            self.param[name],
            label="",
            options={tr(text): value for text, value in options.items()},
            description="",
            size="small",
            margin=(6, 8),
            sx={"& button": {"whiteSpace": "nowrap", "px": {"xs": 0.75, "sm": 1.25}}},
            visible=False,
        )

    def _choice(self, name: str, label: str, most: int) -> pmui.MultiChoice:
        return pmui.MultiChoice.from_param(
            self.param[name],
            label=label,
            helper_text=tr("at most {most}", most=most),
            max_items=most,
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
        third = ", ".join(shown_units(one) or tr("numbers without units") for one in units[2:])
        self._third.param.update(object=tr(THIRD_UNITS, units=escaped(third)), visible=bool(third))
        await self._draw(tables)

    async def _draw(self, tables: list[SeriesTable]) -> None:
        """Draw the kind that is shown, then, of one zone, the others that it may be changed for."""
        self._drawing += 1
        mine = self._drawing
        if all(np.isnan(table.values).all() for table in tables):  # bokeh would draw no axes either
            self._chart = None
            of_index = any(table.of_index for table in tables)
            self.charts.tell(tr(NOTHING_OF_INDEX if of_index else NOTHING))
            return
        own = tables[0]
        first, charts = own.select_zones(own.zones[:1]), self.charts
        kinds = await asyncio.to_thread(kinds_for, first) if len(tables) == 1 else [STEPS]
        if not charts.offered and len(tables) == 1:
            shown = await asyncio.to_thread(first_kind, first)
            self._first = self._first[0], shown
            shown = self._wanted if self._wanted in kinds else shown
        else:
            shown = charts.kind if charts.kind in kinds else STEPS
        rest = [] if len(own.zones) > 1 else [kind for kind in kinds if kind != shown]
        for kind in [shown, *rest]:
            figures, chart = await asyncio.to_thread(self._make, kind, tables)
            if mine != self._drawing:
                return
            if kind == shown:
                charts.offer(kinds, shown)
                self.kind = shown
            self._chart = chart or self._chart
            charts.put(kind, figures)

    def _make(
        self, kind: str, tables: list[SeriesTable]
    ) -> tuple[list[figure], SeriesChart | None]:
        """Draw a kind of chart; of several zones, a small one each."""
        own, *others = tables
        if len(own.zones) > 1:
            zones = [
                [own.select_zones([name]), *(_like(one, [name]) for one in others)]
                for name in own.zones
            ]
            return small_multiples(zones, kind, self.dark, self.begin), None
        if kind == STEPS:
            chart = SeriesChart(tables, self.dark, two_axes=self.axes == 2, bars=True)
            return [chart.figure], chart
        return [CHART_KINDS[kind].draw(own, self.dark, HEIGHT, self.begin)], None

    def _place_chart(self, chart: SeriesChart) -> None:
        self._chart = chart
        self.charts.put(STEPS, [chart.figure])

    def _show_kind(self, kind: str) -> None:
        """Draw another kind of chart of several zones, of which only what is seen is drawn."""
        if kind in self.charts.offered:
            self.kind = kind
        if self._table is not None and len(self.zones) > 1 and kind in self.charts.offered:
            pn.state.execute(self._redraw)

    def _summed(self, table: SeriesTable) -> SeriesTable:
        return table.resampled(self.summary, self.how if table.adds_up else "mean")


def _first_full(table: SeriesTable) -> int:
    """Return the first zone with any value; the first one, where none has."""
    return int((~np.isnan(table.values)).any(axis=0).argmax())


def _begin_of(table: SeriesTable) -> int:
    """Return the month in which years begin: that of the period, where years fill it."""
    start, end = table.period.start, table.period.end
    whole = (end + timedelta(days=1)).month == start.month or (end - start).days < 366
    return int(start.month) if start.day == 1 and whole else 1


def _like(table: SeriesTable, names: list[str]) -> SeriesTable:
    """Return the zones that the table shares with another; the whole table if there are none."""
    shared = [name for name in names if name in table.zones]
    return table.select_zones(shared) if shared else table
