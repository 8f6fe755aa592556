"""The result of a task: chart, map, key figures, downloads, and where the numbers come from."""

from __future__ import annotations

import asyncio
import html
import io
from dataclasses import dataclass
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.errors import CsservError
from csserv.outputs import Result
from csserv.request import Area
from csserv.service import Service
from csserv.tasks.task import Task
from csserv.views.chart_figure import FIGURE
from csserv.views.charts import series_chart
from csserv.views.downloads import FORMATS, offered, origin
from csserv.views.figures import KeyFigure, key_figures
from csserv.views.lines import MOST_LINES
from csserv.views.series import SUMMARIES, SeriesTable
from csserv.views.zone_map import ZoneMap

#: so many results are compared in one chart
MOST_COMPARED = 5

#: saves the chart in the browser: the server has no screen to draw it on
SAVE = """
for (const doc of Bokeh.documents) {
  const charts = [...doc._all_models.values()].filter((model) => model.name == "%s");
  const view = charts.map((model) => Bokeh.index.find_one(model)).filter((one) => one).pop();
  if (view) {
    view.export("%s").to_blob().then((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = "%s";
      link.click();
    });
  }
}
"""

LIST_STYLE = """
dl { display: grid; grid-template-columns: minmax(90px, 130px) 1fr; gap: 5px 14px; margin: 4px 0; }
dt { opacity: .75; }
dd { margin: 0; overflow-wrap: anywhere; }
"""


@dataclass(frozen=True, eq=False)
class Opened:
    """A result that was read: away from the event loop."""

    task: Task
    result: Result
    table: SeriesTable
    area: Area


def open_result(service: Service, task: Task) -> Opened:
    """Read the result of a task.

    Raises
    ------
    TaskError : there is none; says why
    """
    result = service.result(task, wait=False)
    return Opened(task, result, SeriesTable.of(result), service.task_area(task))


class ResultView(pn.viewable.Viewer):
    """Shows the result of one task, and compares it with those of others."""

    dark = param.Boolean(default=False)
    summary = param.Selector(objects=SUMMARIES, default="", doc="longer steps to make of these")
    how = param.Selector(objects={"Mean": "mean", "Sum": "sum"}, default="mean")
    zones = param.List(default=[], item_type=str, doc="those in the chart")
    others = param.List(default=[], doc="ids of the tasks to compare with")

    def __init__(self, service: Service, **params: Any) -> None:
        super().__init__(**params)
        self._service = service
        self._opened: Opened | None = None
        self._others: dict[str, Task] = {}
        self._compared: dict[str, Opened] = {}
        self._problem = pmui.Alert(
            object="", severity="warning", visible=False, sizing_mode="stretch_width", margin=8
        )
        self._waiting = pmui.Skeleton(
            height=360, visible=False, sizing_mode="stretch_width", margin=12
        )
        self._figures = pmui.FlexBox(gap="10px", sizing_mode="stretch_width", margin=8)
        # bokeh 3.9 stumbles over figures that come together with the layout they are in: these
        # two stand from the beginning
        self._chart = pn.Column(sizing_mode="stretch_width", min_height=340, margin=(4, 8))
        self._map = pn.Column(sizing_mode="stretch_width", min_height=440, margin=0)
        self._files = pmui.FlexBox(gap="6px", sizing_mode="stretch_width", margin=(4, 12, 12, 12))
        self._origin = pmui.Column(sizing_mode="stretch_width", margin=0)
        self._how = pmui.RadioButtonGroup.from_param(
            self.param.how, label="", description="", size="small", margin=(6, 8)
        )
        self._zones = pmui.MultiChoice.from_param(
            self.param.zones,
            label=f"Zones in the chart (at most {MOST_LINES})",
            description="",
            options=[],
            max_items=MOST_LINES,
            visual_size="small",
            sizing_mode="stretch_width",
            margin=(6, 8),
        )
        self._choices = pmui.MultiChoice(
            label=f"Compare with other results (at most {MOST_COMPARED - 1})",
            options=[],
            max_items=MOST_COMPARED - 1,
            visual_size="small",
            sizing_mode="stretch_width",
            margin=(6, 8),
        )
        self._body = self._layout()
        self._choices.param.watch(self._compare, "value")
        self.param.watch(self._redraw, ["summary", "how", "zones", "dark"])
        self.param.watch(self._draw_map, "dark")

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return pmui.Column(
            self._problem, self._waiting, self._body, sizing_mode="stretch_width", margin=0
        )

    async def open(self, task: Task, others: dict[str, Task] | None = None) -> None:
        """Show the result of a task.

        Parameters
        ----------
        others : what is written on the screen → task, of those that it may be compared with
        """
        self._waiting.visible = True
        try:
            opened = await asyncio.to_thread(open_result, self._service, task)
            figures, origin_rows = await asyncio.to_thread(_read, opened)
        except CsservError as error:
            self.close()
            self._problem.param.update(object=str(error), visible=True)
            return
        self._opened, self._compared, self._others = opened, {}, others or {}
        self._take(opened)
        self._figures[:] = [_card(one) for one in figures]
        self._files[:] = self._downloads(opened)
        self._origin[:] = _provenance(origin_rows)
        self._body.visible = True
        await self._redraw()
        await self._draw_map()
        self._waiting.visible = False

    def close(self) -> None:
        """Show nothing."""
        self._opened = None
        for part in (self._problem, self._waiting, self._body):
            part.visible = False

    def _layout(self) -> pn.viewable.Viewable:
        step = pmui.RadioButtonGroup.from_param(
            self.param.summary,
            label="",
            description="",
            size="small",
            margin=(6, 8),
            sx={"& button": {"whiteSpace": "nowrap"}},
        )
        series = pmui.Column(
            pmui.FlexBox(step, self._how, sizing_mode="stretch_width", margin=0),
            self._zones,
            self._choices,
            self._chart,
            sizing_mode="stretch_width",
            margin=0,
        )
        return pmui.Column(
            self._figures,
            _paper("Time series", series),
            _paper("Map of the zones", self._map),
            _paper("Downloads", self._files),
            _paper("Where the numbers come from", self._origin),
            sizing_mode="stretch_width",
            visible=False,
            margin=0,
        )

    def _take(self, opened: Opened) -> None:
        """Offer what this result has to choose of."""
        table = opened.table
        self._zones.param.update(options=list(table.zones), visible=len(table.zones) > 1)
        self._choices.param.update(options=list(self._others), value=[], visible=bool(self._others))
        with param.parameterized.batch_call_watchers(self):
            self.summary = ""
            self.how = "sum" if table.adds_up else "mean"
            self.zones = list(table.zones[:MOST_LINES])

    def _downloads(self, opened: Opened) -> list[pn.viewable.Viewable]:
        files = [self._file(opened.result, name) for name in offered(opened.result)]
        return [*files, *(_picture(opened.task, kind) for kind in ("png", "svg"))]

    def _file(self, result: Result, ending: str) -> pn.viewable.Viewable:
        return pmui.FileDownload(
            callback=lambda: io.BytesIO(FORMATS[ending](result)),
            filename=f"{result.folder.name}.{ending}",
            label={"nc": "NetCDF"}.get(ending, ending.upper()),
            size="small",
            variant="outlined",
            margin=0,
        )

    async def _compare(self, event: Any) -> None:
        """Read the results to compare with."""
        wanted = {text: self._others[text] for text in event.new if text in self._others}
        for text, task in wanted.items():
            if text not in self._compared:
                try:
                    opened = await asyncio.to_thread(open_result, self._service, task)
                except CsservError as error:
                    pn.state.notifications.error(str(error)) if pn.state.notifications else None
                    continue
                self._compared[text] = opened
        self._compared = {text: self._compared[text] for text in wanted if text in self._compared}
        await self._redraw()

    async def _redraw(self, *events: Any) -> None:
        if self._opened is None or (self._waiting.visible and events):
            return  # it is drawn once all is chosen
        own = self._opened.table
        self._how.visible = bool(self.summary) and own.adds_up
        chosen = [name for name in self.zones if name in own.zones] or list(own.zones[:1])
        tables = [own.of_zones(chosen), *(one.table for one in self._compared.values())]
        shown = [self._summed(table) for table in tables]
        chart = await asyncio.to_thread(series_chart, shown, self.dark)
        self._chart[:] = [pn.pane.Bokeh(chart, sizing_mode="stretch_width")]

    async def _draw_map(self, *events: Any) -> None:
        if self._opened is not None:
            opened = self._opened
            zones = await asyncio.to_thread(ZoneMap, opened.area, opened.table, self.dark)
            self._map[:] = [zones]

    def _summed(self, table: SeriesTable) -> SeriesTable:
        return table.by(self.summary, self.how if table.adds_up else "mean")


def _read(opened: Opened) -> tuple[list[KeyFigure], list[tuple[str, str]]]:
    rows = [(str(what), str(value)) for what, value in origin(opened.result).values.tolist()]
    return key_figures(opened.table), rows


def _card(one: KeyFigure) -> pn.viewable.Viewable:
    """One number on a card; these stand side by side, below each other on a phone."""
    small: dict[str, Any] = {"variant": "caption", "color": "text.secondary"}
    return pmui.Paper(
        pmui.Typography(one.name, margin=(8, 14, 0, 14), **small),
        pmui.Typography(one.value, variant="h6", margin=(0, 14)),
        pmui.Typography(one.note, margin=(0, 14, 8, 14), **small),
        elevation=1,
        styles={"flex": "1 1 150px"},
        margin=0,
    )


def _paper(heading: str, content: Any) -> pn.viewable.Viewable:
    return pmui.Paper(
        pmui.Typography(heading, variant="h6", margin=(10, 14, 2, 14)),
        content,
        elevation=1,
        sizing_mode="stretch_width",
        margin=8,
    )


def _provenance(rows: list[tuple[str, str]]) -> list[pn.viewable.Viewable]:
    terms = "".join(f"<dt>{html.escape(a)}</dt><dd>{html.escape(b)}</dd>" for a, b in rows)
    listed = pn.pane.HTML(
        f"<dl>{terms}</dl>", sizing_mode="stretch_width", margin=(0, 14), stylesheets=[LIST_STYLE]
    )
    return [listed, copy_button("Copy", "\n".join(f"{a}: {b}" for a, b in rows))]


def copy_button(label: str, text: str) -> pmui.Button:
    """Return a button that copies a text in the browser."""
    button = pmui.Button(
        label=label, icon="content_copy", size="small", variant="outlined", margin=(4, 14, 14, 14)
    )
    button.js_on_click(args={"text": text}, code="navigator.clipboard.writeText(text)")
    return button


def _picture(task: Task, kind: str) -> pmui.Button:
    button = pmui.Button(
        label=f"Chart {kind.upper()}", icon="image", size="small", variant="outlined", margin=0
    )
    button.js_on_click(code=SAVE % (FIGURE, kind, f"{task.id}.{kind}"))
    return button
