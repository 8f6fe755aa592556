"""The Season page: how a season will end, of an area and a dataset that a visitor chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import urlencode

import panel as pn
import param

from csserv.errors import CsservError
from csserv.language import tr
from csserv.outlooks.ask_season import AskedSeason, answer_season
from csserv.request import Period
from csserv.request.reference import read_reference
from csserv.views.area.area_map import AreaMap
from csserv.views.area.place_picker import PlacePicker
from csserv.views.outlooks.season_form import SeasonForm
from csserv.views.outlooks.season_view import SeasonView
from csserv.views.parts.cards import section
from csserv.views.parts.html_parts import Notice
from csserv.views.tasks.log_watcher import ChangedTasks
from csserv.views.tasks.task_bar import TaskBar
from csserv.views.tasks.task_texts import sentence, unavailable

from ..page import TASK_SOCKET, DashboardPage
from ..session import Session, last_of
from .request import OUTLINES, PLACES

#: height of the map [pixels]
MAP_HEIGHT = 640

#: the form stands beside the map where there is room
SIDES = """
:host { align-items: start; display: grid; grid-template-columns: minmax(0, 1fr); }
@media (min-width: 900px) { :host { grid-template-columns: minmax(0, 7fr) minmax(0, 5fr); } }
@media (min-width: 1200px) { :host { grid-template-columns: minmax(0, 2fr) minmax(0, 1fr); } }
"""


class SeasonPage(DashboardPage):
    """Lets a visitor ask how a season will end, and shows the answer."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._asked: AskedSeason | None = None
        self._address: Mapping[str, Sequence[str]] = {}
        service = session.shared.service
        self.map = AreaMap(
            service.layers,
            service.settings.tiles,
            outlines=OUTLINES,
            places=PLACES,
            dark=session.dark,
        )
        self.places = PlacePicker(service, self.map)
        self.form = SeasonForm(service, session.shared.datasets(), self._queued, session.client)
        self.answer = SeasonView(dark=session.dark)
        self.bars = [
            TaskBar(socket=TASK_SOCKET, visible=False, sizing_mode="stretch_width", margin=(4, 16))
            for _ in range(2)
        ]
        self.message = Notice(margin=8)
        session.param.watch(self._change_colours, "dark")
        self.form.param.watch(self._extent, "coverage")
        self.map.param.watch(lambda event: setattr(self.form, "area", event.new), "area")
        self.view = self._layout()

    def take_address(self, query: Mapping[str, Sequence[str]]) -> None:
        """Take the season that an address names."""
        self._asked, self._address = None, query
        self.message.say("info", "")
        self.answer.clear()

    async def show(self, task_id: str) -> None:
        """Show the answer that the address names, if it names one."""
        await self.form.load()
        if task_id and self._asked is None:
            try:
                asked = await asyncio.to_thread(self._named, task_id)
            except CsservError as error:
                self.message.say("warning", unavailable(error))
                return
            self._follow(asked)

    def update(self, changed: ChangedTasks) -> None:
        """Take tasks that have changed; when all of the season have ended, show the answer."""
        if self._asked and any(one.id in changed for one in self._asked.tasks):
            tasks = tuple(changed.get(one.id, one) for one in self._asked.tasks)
            asked = AskedSeason(self._asked.season, self._asked.reference, tasks)
            self._follow(asked)

    async def _queued(self, asked: AskedSeason) -> None:
        """Follow the tasks of what was just asked, and put them into the address."""
        first, *ahead = (one.id for one in asked.tasks)
        named = {"page": "season", "task": first, "season": str(asked.season)}
        named |= {"against": asked.reference} | ({"forecast": ahead[0]} if ahead else {})
        self._session.address_bar.go(f"?{urlencode(named, safe='/')}")
        self._follow(asked)

    def _named(self, task_id: str) -> AskedSeason:
        """Read the season that the address names, as the HTTP API does."""
        service, said = self._session.shared.service, self._address
        ids = [task_id, *filter(None, [last_of(said, "forecast")])]
        reference = read_reference(last_of(said, "against"))
        season = Period.parse(last_of(said, "season"))
        return AskedSeason(season, reference, tuple(map(service.task, ids)))

    def _follow(self, asked: AskedSeason) -> None:
        self._asked = asked
        self.answer.clear()
        is_done = all(one.state.is_final for one in asked.tasks)
        for number, bar in enumerate(self.bars):
            bar.visible = not is_done and number < len(asked.tasks)
            if bar.visible:
                bar.show(asked.tasks[number])
        self.message.say("info", "" if is_done else tr("The amounts of all years are read."))
        if is_done:
            pn.state.execute(partial(self._show_answer, asked))

    async def _show_answer(self, asked: AskedSeason) -> None:
        service = self._session.shared.service
        try:
            found = await asyncio.to_thread(answer_season, service, asked)
        except CsservError as error:
            self.message.say("warning", sentence(error))
            return
        if self._asked is asked:
            self.answer.show(found)

    def _extent(self, event: param.parameterized.Event) -> None:
        self.map.extent = event.new.bounds
        if self.map.area is None:
            self.map.canvas.zoom_to(event.new.bounds)

    def _change_colours(self, *events: object) -> None:
        self.map.dark = self.answer.dark = self._session.dark

    def _layout(self) -> pn.viewable.Viewable:
        area_map = section("", *self.map.parts, height=MAP_HEIGHT)
        area = section(tr("1 · Where"), *self.places.parts, css_classes=["padded"])
        form = section(tr("2 · Which season"), *self.form.parts, css_classes=["padded"])
        right = pn.Column(area, form, sizing_mode="stretch_width", margin=0)
        sides = {"sizing_mode": "stretch_width", "margin": 0, "stylesheets": [SIDES]}
        return pn.Column(
            self.message,
            *self.bars,
            self.answer,
            pn.Column(area_map, right, **sides),
            sizing_mode="stretch_width",
            margin=0,
        )
