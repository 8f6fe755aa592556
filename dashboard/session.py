"""One person's visit: the page around all pages, the way between them, and news of tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param
from panel.io.state import set_curdoc

from csserv.access import Caller, Role
from csserv.errors import AccessDeniedError
from csserv.tasks.log.task import Task
from csserv.views.parts.colour_scheme import ColourScheme
from csserv.views.parts.inbox import Inbox
from csserv.views.tasks.log_watcher import ChangedTasks
from dashboard.closed import NotePage
from dashboard.frame import frame
from dashboard.page import DashboardPage
from dashboard.setup import Shared
from dashboard.visit import visit
from dashboard.ways import Ways

#: a page waits so long for what it reads before it is shown without [s]
AT_ONCE = 1.0


@dataclass(frozen=True)
class PageRow:
    """A page as the table of pages has it."""

    title: str
    icon: str
    make: Callable[[Session], DashboardPage]
    needs: Role = Role.READER  #: whoever is less never gets the page, whatever the address says
    waits: bool = False  #: it goes on changing, so it is filled when the browser has drawn it


class Session(param.Parameterized):
    """The pages of one visit; each is made when it is first looked at.

    Raises
    ------
    AccessDeniedError : the visitor may see nothing
    """

    dark = param.Boolean(default=False)
    current = param.String(default="", doc="name of the page in sight")

    def __init__(self, shared: Shared, rows: Mapping[str, PageRow]) -> None:
        """Take what all share, and the pages by the name that they have in the address."""
        super().__init__()
        self._who = visit(shared.browser_auth)
        self.caller: Caller = self._who()
        self.client = self.caller.name
        self.shared = shared.guarded(self._who)
        self._rows = rows
        self._pages: dict[str, DashboardPage] = {}
        self._main = pn.Column(sizing_mode="stretch_width", margin=0)
        self._colour_scheme = ColourScheme.of(_query().get("theme", ""), pn.state.cookies)
        self.dark = self._colour_scheme.dark
        self._asked = self._named()
        self._is_full = self._is_there = False  # the first page is; the browser has drawn it
        self._reading: asyncio.Future[None] | None = None  # what the first page shows
        self._early: ChangedTasks = {}
        self.page = self._frame()
        self._document = pn.state.curdoc
        self._inbox = Inbox(self._document, self._update)
        self._stop = shared.watcher.listen(self._inbox.put, self._follows)
        pn.state.on_session_destroyed(lambda context: self._stop())
        # the browser gets the frame now, and reads its scripts while the page in it is made; all
        # is there when it asks for it: bokeh 3.9 stumbles over figures that come while it
        # measures the page for the first time
        self._document.add_next_tick_callback(self.begin)
        pn.state.onload(self._arrive)

    def may(self, needed: Role) -> bool:
        """Whether the visitor has a role, or a higher one."""
        return self.caller.role.covers(needed)

    def own(self, changed: ChangedTasks) -> ChangedTasks:
        """Take out of news what the visitor may not list: an admin may list all."""
        return {key: task for key, task in changed.items() if self.caller.may_list(task.client)}

    def sees(self, name: str) -> bool:
        """Whether a page is in sight of somebody who may still look; from any thread."""
        try:
            self._who()
        except AccessDeniedError:
            return False
        return bool(self.current == name)

    async def begin(self) -> None:
        """Make the page that the address names.

        It goes into the document once this ends and leaves the document's lock, as full as it is
        then, and before the browser, which has to wait for the lock as well, gets the document.
        """
        name, task_id = self._asked
        with set_curdoc(self._document):  # bokeh does not say so to what is asynchronous
            self._show(name)
            if self._rows[name].waits:
                return
            page = self._pages[name]
            self._reading = asyncio.ensure_future(asyncio.to_thread(page.read))
            if (await asyncio.wait({self._reading}, timeout=AT_ONCE))[0]:
                self._reading.result()
                self._is_full = True
                await page.show(task_id)

    async def go(self, name: str, task_id: str = "") -> None:
        """Bring a page into sight, and into the address."""
        if not self._still_in():
            return
        self.page.sidebar_open = False
        self._show(name)
        if pn.state.location:
            query = {"page": name} | ({"task": task_id} if task_id else {})
            pn.state.location.search = "?" + "&".join(f"{k}={v}" for k, v in query.items())
        await self._pages[name].show(task_id)

    async def change(self, task: Task) -> None:
        """Ask again what a task asked, with changes: on the page to ask on."""
        await self.go("request")
        await self._pages["request"].fill(task)

    async def ask(self, dataset: str) -> None:
        """Ask of a dataset: on the page to ask on."""
        await self.go("request")
        await self._pages["request"].choose(dataset)

    def go_to(self, name: str) -> Callable[..., Any]:
        """Return what goes to a page, as a button wants it; given a task, to that task."""

        async def go(what: Any = None) -> None:
            await self.go(name, what.id if isinstance(what, Task) else "")

        return go

    async def _arrive(self) -> None:
        """Go on with the page; Panel 1.9 loses what changes while it is first drawn."""
        self._is_there = True
        self._update(self._early)
        name, task_id = self._asked
        page = self._pages.get(name)  # none, where the visitor was let out meanwhile
        if page and self.current == name and not self._is_full:
            if self._reading:
                await self._reading
            await page.show(task_id)

    def _follows(self, task: Task) -> bool:
        """Whether a page wants to know each step of a task; asked in the thread of the watcher."""
        return any(page.follows(task) for page in list(self._pages.values()))

    def _update(self, changed: ChangedTasks) -> None:
        if not self._is_there:
            self._early = {**self._early, **changed}
        elif self._still_in():
            for page in self._pages.values():
                page.update(changed)

    def _still_in(self) -> bool:
        """Whether the visitor may still look; else all that was in sight goes."""
        try:
            self.caller = self._who()
        except AccessDeniedError:
            self._stop()
            self._pages = {}
            note = NotePage("You are not logged in any more. Load this page again to log in.")
            self._main[:] = [note.view]
            return False
        return True

    def _made(self, name: str) -> DashboardPage:
        if name not in self._pages:
            row = self._rows[name]
            self._pages[name] = row.make(self) if self.may(row.needs) else self._closed(row)
        return self._pages[name]

    def _show(self, name: str) -> None:
        if (view := self._made(name).view) not in self._main:
            self._main.append(view)
        for other, page in self._pages.items():
            page.view.visible = other == name
        self.current = name

    def _closed(self, row: PageRow) -> DashboardPage:
        return NotePage(
            f"The page {row.title} is for the role {row.needs}; "
            f"{self.caller.name} is {self.caller.role}."
        )

    @property
    def _open_rows(self) -> dict[str, PageRow]:
        return {name: row for name, row in self._rows.items() if self.may(row.needs)}

    def _named(self) -> tuple[str, str]:
        """Page and task that the address names."""
        query = _query()
        task_id = query.get("task", "")
        name = query.get("page", "result" if task_id else "")
        return (name if name in self._rows else next(iter(self._rows))), task_id

    def _frame(self) -> pmui.Page:
        login = self.shared.service.settings.login
        page = frame(
            self._main, self._colour_scheme, self._ways, "" if login == "none" else self.client
        )
        page.link(self, dark_theme="dark")
        page.link(self._colour_scheme, dark_theme="dark", bidirectional=True)
        return page

    def _ways(self, **look: Any) -> Ways:
        rows = [(name, row.title, row.icon) for name, row in self._open_rows.items()]

        def choose(name: str) -> None:
            pn.state.execute(partial(self.go, name))

        ways = Ways(choose, rows=rows, **look)
        self.param.watch(lambda event: setattr(ways, "current", event.new), "current")
        return ways


def _query() -> dict[str, str]:
    """Read what the address asks for."""
    arguments = pn.state.session_args
    return {
        name: values[0].decode(errors="replace") for name, values in arguments.items() if values
    }
