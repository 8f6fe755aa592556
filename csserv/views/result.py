"""The result of a task: chart, map, key figures, downloads, and where the numbers come from."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.errors import CsservError
from csserv.service import Service
from csserv.tasks.task import Task
from csserv.views.cards import FigureCard, Heading, paper
from csserv.views.downloads import downloads
from csserv.views.growing import Growing
from csserv.views.markdown import plain
from csserv.views.notebook_file import notebook_of
from csserv.views.opened import Opened, known_so_far, open_result
from csserv.views.origin import origin_view
from csserv.views.player import RasterPlayer
from csserv.views.series import SeriesTable
from csserv.views.series_view import SeriesView
from csserv.views.words import sentence
from csserv.views.zone_map import ZoneMap


class ResultView(pn.viewable.Viewer):
    """Shows the result of one task, from its first steps on, and compares it with others."""

    dark = param.Boolean(default=False)
    api = param.String(default="", doc="address of the HTTP API, relative to the page, if any")
    server = param.String(default="", doc="address of this server, for programs elsewhere")

    def __init__(self, service: Service, **params: Any) -> None:
        super().__init__(**params)
        self._service = service
        self._opened: Opened | None = None
        self._growing = Growing(partial(known_so_far, service), self._grow)
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
        self._chart = paper("Time series", self.series)
        self._rest = pn.Column(
            paper(self._map_title, self._map),
            paper("Downloads", self._files),
            paper("Where the numbers come from", self._origin),
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
        self._growing.stop()
        self._waiting.visible = self._chart.visible is False
        try:
            opened = await asyncio.to_thread(open_result, self._service, task)
        except CsservError as error:
            self.close()
            self._problem.param.update(object=plain(sentence(error)), visible=True)
            return
        self._opened = opened
        self._problem.visible = False
        self._figures[:] = [FigureCard(one) for one in opened.figures]
        notebook = partial(notebook_of, opened, self._service.layers, self.server)
        self._files[:] = downloads(opened, self.api, notebook)
        self._origin[:] = origin_view(opened.told)
        self._map_title.write("Map of the cells" if opened.frames else "Map of the zones")
        for part in (self._figures, self._chart, self._rest):
            part.visible = True
        readers = {text: partial(self._read, one) for text, one in (others or {}).items()}
        await self.series.show(opened.table, readers)
        await self._draw_map()
        self._waiting.visible = False

    async def follow(self, task: Task) -> None:
        """Show what is known of a task that runs; call it with each news of the task."""
        await self._growing.hear(task)

    def close(self) -> None:
        """Show nothing."""
        self._growing.stop()
        self._opened = None
        self.series.clear()
        for part in (self._problem, self._waiting, self._figures, self._chart, self._rest):
            part.visible = False

    async def _grow(self, table: SeriesTable) -> None:
        self._chart.visible = True
        await self.series.grow(table)

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
