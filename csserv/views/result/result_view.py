"""The view of a result: key figures, chart, map, downloads and provenance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.errors import CsservError
from csserv.language import tr
from csserv.service import Service
from csserv.tasks.log.task import Task
from csserv.views.charts.live_series import LiveSeries
from csserv.views.charts.series_view import MOST_LISTED, SeriesView
from csserv.views.maps.player import RasterPlayer
from csserv.views.parts.cards import FigureCard, Heading, section
from csserv.views.parts.escaping import escaped
from csserv.views.parts.html_parts import Choice
from csserv.views.parts.inbox import Inbox
from csserv.views.parts.notes_fold import notes_fold
from csserv.views.parts.series_table import SeriesTable
from csserv.views.result.answer_view import AnswerView
from csserv.views.result.compared_view import ComparedView
from csserv.views.result.downloads import downloads
from csserv.views.result.index_view import IndexView
from csserv.views.result.loaded_result import LoadedResult, load_result
from csserv.views.result.notebook_file import notebook_of
from csserv.views.result.provenance_view import provenance_view
from csserv.views.result.shown_part import AT_FIRST, ShownPart
from csserv.views.tasks.task_texts import sentence
from csserv.views.zones.zones_view import ZonesPlace, ZonesView


class ResultView(pn.viewable.Viewer):
    """Shows the result of one task, or its first steps while it runs, beside other results.

    Parameters
    ----------
    live_series : reads the series of running tasks; shared by several views
    is_watched : whether the series of a running task is wanted now; called in a thread
    """

    dark = param.Boolean(default=False)
    api = param.String(default="", doc="address of the HTTP API, relative to the page; or empty")
    reading = param.String(
        default="", doc="address of pages without scripts, relative to the page; or empty"
    )
    places = param.String(
        default="", doc="address of lakes, rivers and towns, relative to the page; or empty"
    )
    server = param.String(default="", doc="address of this server, for the notebook")
    loaded = param.ClassSelector(
        class_=LoadedResult, allow_None=True, doc="the result that is shown, as it is loaded"
    )
    seen = param.Event(doc="another part of the result is seen")
    shows_partial = param.Boolean(default=False, doc="whether the chart shows a running task")

    def __init__(
        self,
        service: Service,
        live_series: LiveSeries | None = None,
        is_watched: Callable[[], bool] = lambda: True,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._live_series, self._is_watched = live_series or LiveSeries(service), is_watched
        self._followed = ""
        self._stop: Callable[[], None] = lambda: None
        self._inbox = Inbox[Callable[[], None]](pn.state.curdoc, self._extend_chart)
        self.series = SeriesView(dark=self.dark)
        self._problem = pmui.Alert(
            object="", severity="warning", visible=False, sizing_mode="stretch_width", margin=8
        )
        self._waiting = pmui.Skeleton(
            height=360, visible=False, sizing_mode="stretch_width", margin=12
        )
        self._operation = Choice(tr("Operation shown"), {}, visible=False, max_width=320, margin=8)
        self._others: Mapping[str, Task] = {}
        self.answer = AnswerView()
        self._figures = pmui.FlexBox(gap="10px", sizing_mode="stretch_width", margin=8)
        # made at the start, as bokeh 3.9 stumbles over figures that come together with their layout
        self._map = pn.Column(sizing_mode="stretch_width", min_height=440, margin=0)
        self._zones_place = ZonesPlace()
        self._zones: ZonesView | None = None
        self._coloured = AT_FIRST.coloured  # what the map of zones shows once it is made
        self._files = pmui.FlexBox(gap="6px", sizing_mode="stretch_width", margin=(4, 12, 12, 12))
        self._notes = pn.Column(sizing_mode="stretch_width", margin=0)
        self._provenance = pn.Column(sizing_mode="stretch_width", margin=0)
        self._chart = section(tr("Time series"), self.series)
        self.compared = ComparedView(MOST_LISTED)
        self._compared = section(tr("Against what is normal"), self.compared)
        self.index = IndexView(MOST_LISTED)
        self._index = section(tr("Index"), self.index)
        self._zones_title = Heading("")
        self._zones_part = section(self._zones_title, self._zones_place)
        self._map_part = section(tr("Map of the cells"), self._map)
        self._rest = pn.Column(
            self._map_part,
            section(tr("Downloads"), self._files),
            section(tr("Where the numbers come from"), self._provenance),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.clear()
        self.param.watch(self._change_colours, "dark")
        self._operation.param.watch(self._choose_operation, "value")
        self.series.param.watch(self._zones_chosen, "zones")
        self.series.param.watch(lambda *events: self.param.trigger("seen"), ["zones", "kind"])

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the view."""
        return pn.Column(
            self._problem,
            self._waiting,
            self.answer,
            self._operation,
            self._chart,
            self._zones_part,
            self._figures,
            self._notes,
            self._compared,
            self._index,
            self._rest,
            sizing_mode="stretch_width",
            margin=0,
        )

    async def open(
        self,
        task: Task,
        others: Mapping[str, Task] | None = None,
        part: ShownPart = AT_FIRST,
    ) -> None:
        """Show the result of a task.

        Parameters
        ----------
        others : title → task, of results to compare with
        part : what of it is seen first; what it does not have is left out
        """
        self.unfollow()
        there = map(str.strip, task.request.operation.split(","))
        operation = part.operation if part.operation in there else None
        self._waiting.visible = self._chart.visible is False
        try:
            loaded = await asyncio.to_thread(load_result, self._service, task, operation)
        except CsservError as error:
            self.clear()
            self._problem.param.update(object=escaped(sentence(error)), visible=True)
            return
        self._others = others or {}
        self.loaded = loaded
        self._problem.visible = False
        self._zones, self._coloured = None, part.coloured
        names = list(loaded.operations)
        self._operation.set_options({tr(name): name for name in names}, operation or names[0])
        self._operation.visible = len(names) > 1
        self._figures[:] = [FigureCard(one) for one in loaded.figures]
        notebook = partial(notebook_of, loaded, self._service.layers, self.server)
        self._files[:] = downloads(loaded, self.api, notebook, self.reading)
        self._notes[:] = notes_fold(loaded.provenance.notes, tr("these numbers"))
        self._provenance[:] = provenance_view(loaded.provenance)
        several = len(loaded.area.zones) > 1
        both, one = tr("Map and table of the zones"), tr("Map of the zone")
        self._zones_title.set_text(both if several else one)
        self._map_part.visible = loaded.frames is not None
        self._zones_part.visible = loaded.frames is None or several
        for place in (self._figures, self._notes, self._chart, self._rest):
            place.visible = True
        self._compared.visible = self.compared.show(loaded)
        self._index.visible = self.index.show(loaded)
        readers = {text: partial(self._read, one) for text, one in self._others.items()}
        await self.series.show(loaded.table, readers, part.zones, part.chart)
        self._zones_chosen()
        self._waiting.visible = False
        await self._draw_map()

    @property
    def part(self) -> ShownPart:
        """What is seen of the result, where it is not what is seen at first."""
        chart, zones = self.series.chosen
        names = list(self.loaded.operations) if self.loaded else [""]
        shown = self._operation.value
        coloured = self._zones.chosen if self._zones else self._coloured
        return ShownPart(chart, zones, "" if shown == names[0] else shown, *coloured)

    async def choose(self, part: ShownPart) -> None:
        """Show a part of the result that is shown already."""
        if (shown := self.loaded) is None:
            return
        if (part.operation or next(iter(shown.operations))) != self._operation.value:
            await self.open(shown.task, self._others, part)
        elif part != self.part:
            self.series.choose(part.chart, part.zones)
            self._coloured = part.coloured
            if self._zones:
                self._zones.choose(*self._coloured)

    @property
    def others(self) -> Mapping[str, Task]:
        """Title → task, of results to compare with."""
        return self._others

    def follow(self, task: Task) -> None:
        """Show the steps of a running task so far, and more as they are computed."""
        if self._followed != task.id:
            self.unfollow()
            self._followed = task.id
            self._stop = self._live_series.follow(
                task.id, partial(self._received, task.id), self._is_watched
            )

    def unfollow(self) -> None:
        """Stop following a running task."""
        self._stop()
        self._followed = ""
        self.shows_partial = False

    def clear(self) -> None:
        """Show nothing."""
        self.unfollow()
        self.loaded = None
        self.series.clear()
        self.answer.clear()
        others = (self._problem, self._waiting, self._operation, self._figures, self._notes)
        for part in (*others, self._chart, self._compared, self._index, self._rest):
            part.visible = False
        self._zones_part.visible = False
        self._zones = None

    def _zones_chosen(self, *events: Any) -> None:
        """Say the answer for the first zone of the chart, and mark all of them."""
        if (loaded := self.loaded) is None:
            return
        places = {name: place for place, name in enumerate(loaded.table.zones)}
        chosen = [places[name] for name in self.series.zones if name in places] or [0]
        self.answer.say(loaded, chosen[0])
        for view in (self.compared, self.index):
            view.zone.value = str(chosen[0])
        if self._zones is not None:
            several = max(len(loaded.table.selections), 1)
            self._zones.mark(list(dict.fromkeys(place // several for place in chosen)))

    def _zones_marked(self, event: param.parameterized.Event) -> None:
        """Show in the chart what is marked on the map or in the table."""
        if (loaded := self.loaded) is None:
            return
        names, several = loaded.table.zones, max(len(loaded.table.selections), 1)
        there = {names.index(name) // several for name in self.series.zones if name in names}
        if set(event.new) != there:
            self.series.zones = [names[zone * several] for zone in event.new]

    def _received(self, task_id: str, table: SeriesTable) -> None:
        """Prepare the series of a running task, in the thread of the live series."""
        self._inbox.put({task_id: self.series.prepare_update(table)})

    def _extend_chart(self, changes: Mapping[str, Callable[[], None]]) -> None:
        if change := changes.get(self._followed):
            self._chart.visible = self.shows_partial = True
            change()

    def _read(self, task: Task) -> SeriesTable:
        return SeriesTable.of(self._service.result(task, wait=False))

    async def _choose_operation(self, event: param.parameterized.Event) -> None:
        shown = self.loaded
        if shown and event.new in shown.operations and event.old in shown.operations:
            await self.open(shown.task, self._others, replace(self.part, operation=event.new))

    async def _change_colours(self, *events: Any) -> None:
        self.series.dark = self.dark
        await self._draw_map(again=True)

    async def _draw_map(self, again: bool = False) -> None:
        """Draw the maps of the result; what is chosen on them stays if they are drawn again."""
        if (loaded := self.loaded) is None:
            return
        if self._zones_part.visible:
            if self._zones:
                self._coloured = self._zones.chosen
            zones = await asyncio.to_thread(
                ZonesView, loaded.area, loaded.table, self.dark, self._coloured, self.places
            )
            if self.loaded is not loaded:
                return
            self._zones = zones
            self._zones_chosen()
            zones.param.watch(self._zones_marked, "marked")
            zones.param.watch(lambda *events: self.param.trigger("seen"), "seen")
            self._zones_place.put(zones)
        if loaded.frames:
            table, count = loaded.table, len(loaded.frames)
            first = self._map[0].controls.value if again and len(self._map) else table.last_known
            player = await asyncio.to_thread(
                RasterPlayer,
                loaded.frames,
                self.dark,
                area=loaded.area,
                first=min(first, count - 1),
                name_of=_times_of(table) if count == len(table.times) else None,
                places=self.places,
            )
            if self.loaded is loaded:
                self._map[:] = [player]


def _times_of(table: SeriesTable) -> Callable[[int], str]:
    """Return what names the steps of a table on a map: they are of UTC days and hours."""
    return lambda step: f"{table.step_in_words(step)} UTC"
