"""The Result page: the progress of one task, and its result, or the part computed so far."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import urlencode, urlsplit

import panel as pn
import panel_material_ui as pmui
import param

from csserv.errors import CsservError
from csserv.language import from_to, mark, tr
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.views.outlooks.index_of_view import IndexOfView
from csserv.views.parts.escaping import escaped
from csserv.views.parts.html_parts import Fold
from csserv.views.result.result_view import ResultView
from csserv.views.result.shown_part import AT_FIRST, ShownPart, read_part
from csserv.views.tasks.log_watcher import ChangedTasks
from csserv.views.tasks.task_bar import TaskBar
from csserv.views.tasks.task_card import TaskCard
from csserv.views.tasks.task_texts import advice, title, unavailable, utc_time

from ..page import TASK_SOCKET, DashboardPage
from ..session import Session, last_of
from .request import PLACES

#: number of latest results offered for comparison
MOST_OFFERED = 30

#: title of what computes an index of the result
INDEX_OF = mark("An index of this result: drought, wet and dry spells, …")

#: addresses of the HTTP API, and of pages without scripts, relative to the page
API, READING = "api/v1", "r"


class ResultPage(DashboardPage):
    """Shows one task and its result."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._followed = self._shown = ""  # ids of the task and of the result that are shown
        self._wanted: tuple[str, ShownPart] = "", AT_FIRST  # task and part that an address asks
        self._is_asked = False  # whether an address has asked since something was shown
        service = session.shared.service
        self.card = TaskCard(
            service,
            on_change=session.edit_request,
            on_submitted=session.page_opener("result"),
            on_deleted=session.page_opener("tasks"),
            socket=TASK_SOCKET,
        )
        self.result = ResultView(
            service,
            session.shared.live_series,
            self._is_shown,
            dark=session.dark,
            api=API,
            reading=READING,
            places=PLACES,
        )
        pn.state.on_session_destroyed(lambda context: self.result.unfollow())
        self.index_of = IndexOfView(service, session.edit_request, dark=session.dark)
        self._index_of = Fold(tr(INDEX_OF), self.index_of, margin=8, visible=False)
        self.result.param.watch(self._offer_indices, "loaded")
        session.param.watch(self._change_colours, "dark")
        self.result.param.watch(self._write_address, "seen")
        self._said = pmui.Alert(
            object="", severity="info", visible=False, sizing_mode="stretch_width", margin=8
        )
        self._paper = pmui.Paper(
            self.card, elevation=1, sizing_mode="stretch_width", margin=8, visible=False
        )
        self.card.param.watch(lambda event: self._follow(event.new), "task")
        self.result.param.watch(lambda event: self._say(self.card.task), "shows_partial")
        # the answer comes first, and what computed it last; until there is one, how far it is
        self._bar = TaskBar(
            socket=TASK_SOCKET, visible=False, sizing_mode="stretch_width", margin=(8, 16)
        )
        self.view = pn.Column(
            self._said,
            self._bar,
            self.result,
            self._index_of,
            self._paper,
            sizing_mode="stretch_width",
            margin=0,
        )

    @property
    def subject(self) -> str:
        """The task that is shown."""
        return title(self.card.task) if self.card.task and self._paper.visible else ""

    def update(self, changed: ChangedTasks) -> None:
        """Update the card; the chart and the result follow the task of the card."""
        self.card.update(changed)

    def take_address(self, query: Mapping[str, Sequence[str]]) -> None:
        """Take which part of a result is to be seen."""
        self._wanted, self._is_asked = (last_of(query, "task"), read_part(query)), True

    async def show(self, task_id: str) -> None:
        """Show a task; without an id, the latest one that has succeeded."""
        service = self._session.shared.service
        is_asked, self._is_asked = self._is_asked, False
        try:
            if task_id:
                task: Task | None = await asyncio.to_thread(service.task, task_id)
            elif self.card.task is not None:
                self._write_address()
                return
            else:
                done = TaskFilter(state=TaskState.SUCCEEDED)
                task = next(iter(await asyncio.to_thread(service.tasks, done, 0, 1)), None)
        except CsservError as error:
            self._say_only(escaped(unavailable(error)), "warning")
            return
        if task is None:
            self._say_only(tr("There is no result yet. Ask for something on the Request page."))
            return
        self._paper.visible = True
        self.result.server = _server()
        self.card.param.update(task=task, problem="")
        is_shown = self._shown == task.id
        self._follow(task)
        if is_shown and is_asked:
            await self.result.choose(self._part_of(task))
        self._write_address()

    def _is_shown(self) -> bool:
        return self._session.is_showing("result")

    def _follow(self, task: Task | None) -> None:
        if task is None:
            return
        if task.id != self._followed:
            self._followed, self._shown = task.id, ""
            self.result.clear()
        if task.state is TaskState.SUCCEEDED and not self._shown:
            self._shown = task.id
            pn.state.execute(partial(self._open, task))
        elif task.state is TaskState.RUNNING:
            self.result.follow(task)
        elif not self._shown:
            self.result.clear()
        self._say(task)

    def _say(self, task: Task | None) -> None:
        """Say what to wait for; when the task has ended, the card says what to do."""
        words = ""
        if task is not None and not (task.state.is_final or self.result.shows_partial):
            words = advice(task)
        self._said.param.update(object=words, severity="info", visible=bool(words))
        self._bar.visible = self.result.shows_partial
        if task is not None and self._bar.visible:
            self._bar.show(task)

    async def _open(self, task: Task) -> None:
        service = self._session.shared.service
        done = TaskFilter(state=TaskState.SUCCEEDED)
        found = await asyncio.to_thread(service.tasks, done, 0, MOST_OFFERED + 1)
        others = {
            f"{title(one)}, {from_to(one.request.period)} ({utc_time(one.submitted)[5:]})": one
            for one in found
            if one.id != task.id
        }
        self._wanted = task.id, self._part_of(task)
        await self.result.open(task, others, self._wanted[1])

    def _part_of(self, task: Task) -> ShownPart:
        """Return what an address asks of a task; one that names none asks it of the latest."""
        return self._wanted[1] if self._wanted[0] in ("", task.id) else AT_FIRST

    def _write_address(self, *events: param.parameterized.Event) -> None:
        """Put the task, and what of it is seen, into the address."""
        task, loaded = self.card.task, self.result.loaded
        if task is None or self._session.current != "result" or not self._paper.visible:
            return
        is_there = loaded is not None and loaded.task.id == task.id
        part = self.result.part if is_there else self._part_of(task)
        pairs = [("page", "result"), ("task", task.id), *part.pairs]
        self._session.address_bar.stay(f"?{urlencode(pairs)}")

    def _offer_indices(self, *events: param.parameterized.Event) -> None:
        self._index_of.visible = self.index_of.offer(self.result.loaded, self.result.others)

    def _change_colours(self, *events: param.parameterized.Event) -> None:
        self.result.dark = self.index_of.dark = self._session.dark

    def _say_only(self, text: str, severity: str = "info") -> None:
        self.result.clear()
        self._paper.visible = self._bar.visible = False
        self._said.param.update(object=text, severity=severity, visible=True)


def _server() -> str:
    """Return the address of this server as the browser sees it, without the name of the page."""
    location = pn.state.location
    if location is None or not location.href:
        return ""
    parts = urlsplit(location.href)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}"
