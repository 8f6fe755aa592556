"""The result of a task: chart, map, key figures, downloads, and where the numbers come from."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
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
from csserv.views.charts import FIGURE, MOST_LINES, series_chart
from csserv.views.downloads import FORMATS, offered, origin
from csserv.views.figures import KeyFigure, key_figures
from csserv.views.series import SUMMARIES, SeriesTable
from csserv.views.zone_map import ZoneMap

#: so many results are compared in one chart
MOST_COMPARED = 5

#: saves the chart in the browser: the server has no screen to draw it on
SAVE = """
for (const doc of Bokeh.documents) {
  const model = doc.get_model_by_name("%s");
  const view = model && Bokeh.index.find_one(model);
  if (view) {
    view.export("%s").to_blob().then((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = "%s";
      link.click();
    });
    break;
  }
}
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
    return Opened(task, result, SeriesTable.of(result), service.area_of(task))


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
        self._compared: dict[str, Opened] = {}
        self._chart = pn.pane.Bokeh(sizing_mode="stretch_width", min_height=340, margin=(4, 8))
        self._body = pmui.Column(sizing_mode="stretch_width", margin=0)
        self._choices = pmui.MultiChoice(
            label="Compare with", options={}, max_items=MOST_COMPARED - 1, visual_size="small",
            sizing_mode="stretch_width", margin=(6, 8),
        )
        self._choices.param.watch(self._compare, "value")
        self.param.watch(self._redraw, ["summary", "how", "zones", "dark"])

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return self._body

    async def open(self, task: Task, others: dict[str, Task] | None = None) -> None:
        """Show the result of a task.

        Parameters
        ----------
        others : what is written on the screen → task, of those that it may be compared with
        """
        self._body[:] = [pmui.Skeleton(height=360, sizing_mode="stretch_width", margin=12)]
        try:
            opened = await asyncio.to_thread(open_result, self._service, task)
        except CsservError as error:
            self._body[:] = [_problem(str(error))]
            return
        self._opened, self._compared = opened, {}
        self._others = others or {}
        with param.parameterized.discard_events(self._choices):
            self._choices.param.update(options={text: text for text in self._others}, value=[])
        self.param.update(summary="", how="sum" if opened.table.adds_up else "mean")
        self.zones = list(opened.table.zones[:MOST_LINES])
        self._body[:] = await asyncio.to_thread(self._parts, opened)
        await self._redraw()

    def close(self) -> None:
        """Show nothing."""
        self._opened = None
        self._body[:] = []

    def _parts(self, opened: Opened) -> list[pn.viewable.Viewable]:
        chart = pmui.Column(
            self._controls(opened.table), self._chart, sizing_mode="stretch_width", margin=0
        )
        parts = [
            _row_of_figures(key_figures(opened.table)),
            _paper("Time series", chart),
            _paper("Downloads", self._downloads(opened)),
            _paper("Where the numbers come from", _provenance(opened.result)),
        ]
        zones = ZoneMap(opened.area, opened.table, self.dark)
        parts.insert(2, _paper("Map of the zones", zones))
        return parts

    def _controls(self, table: SeriesTable) -> pn.viewable.Viewable:
        small: dict[str, Any] = {"size": "small", "description": "", "margin": (6, 8)}
        step = pmui.RadioButtonGroup.from_param(self.param.summary, label="", **small)
        how = pmui.RadioButtonGroup.from_param(
            self.param.how,
            label="",
            visible=pn.bind(lambda summary: bool(summary) and table.adds_up, self.param.summary),
            **small,
        )
        parts: list[Any] = [pmui.FlexBox(step, how, sizing_mode="stretch_width", margin=0)]
        if len(table.zones) > 1:
            parts.append(
                pmui.MultiChoice.from_param(
                    self.param.zones,
                    label=f"Zones in the chart (at most {MOST_LINES})",
                    options=list(table.zones),
                    description="",
                    max_items=MOST_LINES,
                    visual_size="small",
                    sizing_mode="stretch_width",
                    margin=(6, 8),
                )
            )
        if self._others:
            parts.append(self._choices)
        return pmui.Column(*parts, sizing_mode="stretch_width", margin=0)

    def _downloads(self, opened: Opened) -> pn.viewable.Viewable:
        files = [self._file(opened.result, name) for name in offered(opened.result)]
        pictures = [_picture(opened.task, kind) for kind in ("png", "svg")]
        return pmui.FlexBox(
            *files, *pictures, gap="6px", sizing_mode="stretch_width", margin=(4, 12, 12, 12)
        )

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
        if self._opened is None:
            return
        own = self._opened.table
        chosen = [name for name in self.zones if name in own.zones] or list(own.zones[:1])
        tables = [own.of_zones(chosen), *(one.table for one in self._compared.values())]
        shown = [self._summed(table) for table in tables]
        self._chart.object = await asyncio.to_thread(series_chart, shown, self.dark)

    def _summed(self, table: SeriesTable) -> SeriesTable:
        return table.by(self.summary, self.how if table.adds_up else "mean")


def _row_of_figures(figures: list[KeyFigure]) -> pn.viewable.Viewable:
    """Key figures side by side, below each other on a phone."""
    cards = [
        pmui.Paper(
            pmui.Typography(one.name, variant="caption", color="text.secondary", margin=(8, 14, 0, 14)),
            pmui.Typography(one.value, variant="h6", margin=(0, 14)),
            pmui.Typography(one.note, variant="caption", color="text.secondary", margin=(0, 14, 8, 14)),
            elevation=1,
            styles={"flex": "1 1 150px"},
            margin=0,
        )
        for one in figures
    ]
    return pmui.FlexBox(*cards, gap="10px", sizing_mode="stretch_width", margin=(8, 8))


def _paper(heading: str, content: Any) -> pn.viewable.Viewable:
    return pmui.Paper(
        pmui.Typography(heading, variant="h6", margin=(10, 14, 2, 14)),
        content,
        elevation=1,
        sizing_mode="stretch_width",
        margin=8,
    )


def _provenance(result: Result) -> pn.viewable.Viewable:
    frame = origin(result)
    rows = "\n".join(f"| {what} | {str(value).replace('|', '/')} |" for what, value in frame.values)
    text = "\n".join(f"{what}: {value}" for what, value in frame.values)
    table = pmui.Typography(f"| | |\n|---|---|\n{rows}", variant="body2", margin=(0, 14))
    return pmui.Column(
        table, copy_button("Copy", text), sizing_mode="stretch_width", margin=(0, 0, 8, 0)
    )


def copy_button(label: str, text: str) -> pmui.Button:
    """Return a button that copies a text in the browser."""
    button = pmui.Button(
        label=label, icon="content_copy", size="small", variant="outlined", margin=(4, 14)
    )
    button.js_on_click(args={"text": text}, code="navigator.clipboard.writeText(text)")
    return button


def _picture(task: Task, kind: str) -> pmui.Button:
    button = pmui.Button(
        label=f"Chart {kind.upper()}", icon="image", size="small", variant="outlined", margin=0
    )
    button.js_on_click(code=SAVE % (FIGURE, kind, f"{task.id}.{kind}"))
    return button


def _problem(text: str) -> pn.viewable.Viewable:
    return pmui.Alert(object=text, severity="warning", sizing_mode="stretch_width", margin=8)
