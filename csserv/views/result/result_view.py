"""The result of a task: chart, map, key figures, downloads, and where the numbers come from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.errors import CsservError
from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.charts.live_series import LiveSeries
from csserv.views.charts.series_view import SeriesView
from csserv.views.maps.player import RasterPlayer
from csserv.views.maps.zone_map import ZoneMap
from csserv.views.parts.cards import FigureCard, Heading, section
from csserv.views.parts.escaping import escaped
from csserv.views.parts.inbox import Inbox
from csserv.views.parts.series_table import SeriesTable
from csserv.views.result.downloads import downloads
from csserv.views.result.notebook_file import notebook_of
from csserv.views.result.open_result import OpenedResult, open_result
from csserv.views.result.provenance_view import provenance_view
from csserv.views.tasks.task_texts import sentence


class ResultView(pn.viewable.Viewer):
    """Shows the result of one task, from its first steps on, and compares it with others.

    Parameters
    ----------
    live_series : reads series of tasks that run, for several views at once
    looks : asked, in a thread, whether anybody may see what such a task has come to
    """

    dark = param.Boolean(default=False)
    api = param.String(default="", doc="address of the HTTP API, relative to the page, if any")
    server = param.String(default="", doc="address of this server, for programs elsewhere")
    fills = param.Boolean(default=False, doc="the chart shows the first steps of a task that runs")

    def __init__(
        self,
        service: Service,
        live_series: LiveSeries | None = None,
        looks: Callable[[], bool] = lambda: True,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._live_series, self._looks = live_series or LiveSeries(service), looks
        self._opened: OpenedResult | None = None
        self._followed = ""
        self._stop: Callable[[], None] = lambda: None
        self._inbox = Inbox[Callable[[], None]](pn.state.curdoc, self._grow)
        self.series = SeriesView(dark=self.dark)
        self._problem = pmui.Alert(
            object="", severity="warning", visible=False, sizing_mode="stretch_width", margin=8
        )
        self._waiting = pmui.Skeleton(
            height=360, visible=False, sizing_mode="stretch_width", margin=12
        )
        self._figures = pmui.FlexBox(gap="10px", sizing_mode="stretch_width", margin=8)
        # bokeh 3.9 stumbles over figures that come together with the layout they are in: this
        # one stands from the beginning
        self._map = pn.Column(sizing_mode="stretch_width", min_height=440, margin=0)
        self._map_title = Heading("")
        self._files = pmui.FlexBox(gap="6px", sizing_mode="stretch_width", margin=(4, 12, 12, 12))
        self._origin = pn.Column(sizing_mode="stretch_width", margin=0)
        self._chart = section("Time series", self.series)
        self._rest = pn.Column(
            section(self._map_title, self._map),
            section("Downloads", self._files),
            section("Where the numbers come from", self._origin),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.close()
        self.param.watch(self._take_colours, "dark")

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return pn.Column(
            self._problem,
            self._waiting,
            self._figures,
            self._chart,
            self._rest,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def open(self, task: Task, others: Mapping[str, Task] | None = None) -> None:
        """Show the result of a task.

        Parameters
        ----------
        others : what is written on the screen → task, of those that it may be compared with
        """
        self.leave()
        self._waiting.visible = self._chart.visible is False
        try:
            opened = await asyncio.to_thread(open_result, self._service, task)
        except CsservError as error:
            self.close()
            self._problem.param.update(object=escaped(sentence(error)), visible=True)
            return
        self._opened = opened
        self._problem.visible = False
        self._figures[:] = [FigureCard(one) for one in opened.figures]
        notebook = partial(notebook_of, opened, self._service.layers, self.server)
        self._files[:] = downloads(opened, self.api, notebook)
        self._origin[:] = provenance_view(opened.told)
        self._map_title.set_text("Map of the cells" if opened.frames else "Map of the zones")
        for part in (self._figures, self._chart, self._rest):
            part.visible = True
        readers = {text: partial(self._read, one) for text, one in (others or {}).items()}
        await self.series.show(opened.table, readers)
        await self._draw_map()
        self._waiting.visible = False

    def follow(self, task: Task) -> None:
        """Show what is known of a task that runs, and more as it comes."""
        if self._followed != task.id:
            self.leave()
            self._followed = task.id
            self._stop = self._live_series.follow(
                task.id, partial(self._told, task.id), self._looks
            )

    def leave(self) -> None:
        """Follow no task."""
        self._stop()
        self._followed = ""
        self.fills = False

    def close(self) -> None:
        """Show nothing."""
        self.leave()
        self._opened = None
        self.series.clear()
        for part in (self._problem, self._waiting, self._figures, self._chart, self._rest):
            part.visible = False

    def _told(self, task_id: str, table: SeriesTable) -> None:
        """Take what is known of a task, in the thread of the live_series."""
        self._inbox.put({task_id: self.series.grown(table)})

    def _grow(self, news: Mapping[str, Callable[[], None]]) -> None:
        if change := news.get(self._followed):
            self._chart.visible = self.fills = True
            change()

    def _read(self, task: Task) -> SeriesTable:
        return SeriesTable.of(self._service.result(task, wait=False))

    async def _take_colours(self, *events: Any) -> None:
        self.series.dark = self.dark
        await self._draw_map()

    async def _draw_map(self) -> None:
        if (opened := self._opened) is None:
            return
        if opened.frames:
            make = partial(RasterPlayer, opened.frames, self.dark, area=opened.area)
        else:
            make = partial(ZoneMap, opened.area, opened.table, self.dark)
        view = await asyncio.to_thread(make)
        if self._opened is opened:
            self._map[:] = [view]
