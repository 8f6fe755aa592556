"""A session of the dashboard: its pages, navigation between them, and updates of tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode

import panel as pn
import panel_material_ui as pmui
import param
from panel.io.state import set_curdoc

from csserv.access import Caller, Role
from csserv.access.favourites import Favourites
from csserv.errors import AccessDeniedError, TaskLogError
from csserv.language import tr
from csserv.tasks.log.task import Task
from csserv.views.parts.colour_scheme import ColourScheme
from csserv.views.parts.html_parts import Notice
from csserv.views.parts.inbox import Inbox
from csserv.views.tasks.log_watcher import ChangedTasks

from .address_bar import AddressBar
from .current_caller import current_caller
from .denied import NoticePage
from .failure_notice import FailureNotice
from .frame import frame
from .in_order import all_sent
from .nav_links import NavLinks
from .own_files import use_own_files
from .page import OWN_HEIGHT, DashboardPage
from .shared_state import SharedState
from .shell import shell

#: parameters of an address
Query = Mapping[str, Sequence[str]]

#: the first page is shown without its data when reading them takes longer [s]
FIRST_READ_TIMEOUT = 1.0


@dataclass(frozen=True)
class PageEntry:
    """A row of the table of pages.

    Attributes
    ----------
    make : makes the page for a session
    role : the least role of a visitor; others never get the page, whatever the address
    fills_late : whether the page is filled only once the browser has drawn it
    """

    title: str
    icon: str
    make: Callable[[Session], DashboardPage]
    role: Role = Role.READER
    fills_late: bool = False


class Session(param.Parameterized):
    """The pages of one visitor; each is made when it is first opened.

    Parameters
    ----------
    shared : the state that all sessions share
    rows : the table of pages, by their names in the address

    Raises
    ------
    AccessDeniedError : the visitor may see nothing
    """

    dark = param.Boolean(default=False)
    current = param.String(default="", doc="name of the current page")

    def __init__(self, shared: SharedState, rows: Mapping[str, PageEntry]) -> None:
        super().__init__()
        use_own_files()
        self._who = current_caller(shared.browser_auth)
        self.caller: Caller = self._who()
        self.client = self.caller.name
        self.shared = shared.guarded(self._who)
        self._rows = rows
        self._pages: dict[str, DashboardPage] = {}
        self._troubles = Notice("error", "")
        self._failure = FailureNotice(self.client, shared.service.settings)
        self.address_bar = AddressBar(self._gone_back)
        tells = (self.address_bar, self._troubles, self._failure)
        self._main = pn.Column(*tells, sizing_mode="stretch_width", margin=0, styles=OWN_HEIGHT)
        self._tell_troubles(self.shared.service.overview.troubles())
        query = address_query()
        self._colour_scheme = ColourScheme.of(last_of(query, "theme"), pn.state.cookies)
        self.dark = self._colour_scheme.dark
        self._first, self._query = self._named(query), query
        self._is_full = self._is_there = (
            False  # of the first page: has its data; is drawn by the browser
        )
        self._reading: asyncio.Future[None] | None = None  # data of the first page
        self._early: ChangedTasks = {}
        self.page = self._frame()
        self._document = pn.state.curdoc
        self._inbox = Inbox(self._document, self._update)
        self._stop = shared.watcher.listen(self._inbox.put, self._wants_progress)
        pn.state.on_session_destroyed(lambda context: self._stop())
        # the browser gets the frame now, and reads its scripts while the first page is made, which
        # is ready when it asks for the document: bokeh 3.9 stumbles over figures that come while
        # it measures the page for the first time
        self._document.add_next_tick_callback(self.make_first_page)
        pn.state.onload(self._arrive)

    def has_role(self, needed: Role) -> bool:
        """Whether the visitor has a role, or a higher one."""
        return self.caller.role.covers(needed)

    @property
    def favourites(self) -> Callable[[], Favourites] | None:
        """Where the favourites of the user are; None without a login: the browser has them."""
        settings = self.shared.service.settings
        if settings.login == "none":
            return None
        # who has lost access meanwhile gets an error
        return lambda: Favourites(settings.home, self._who().name)

    def listable(self, changed: ChangedTasks) -> ChangedTasks:
        """Return those of the changed tasks that the visitor may list; an admin may list all."""
        return {key: task for key, task in changed.items() if self.caller.may_list(task.client)}

    def is_showing(self, name: str) -> bool:
        """Whether a page is shown to a visitor who still has access; from any thread."""
        try:
            self._who()
        except AccessDeniedError:
            return False
        return bool(self.current == name)

    async def make_first_page(self) -> None:
        """Make the page that the address names, with its data if they are read in time.

        This holds the document's lock, so the browser gets the document only when the page is in.
        """
        name, task_id = self._first
        with set_curdoc(self._document), self._telling():  # bokeh sets it for no coroutines
            self._show(name)
            page = self._pages[name]
            page.take_address(self._query)
            if self._rows[name].fills_late or page.fills_late:
                return
            self._reading = asyncio.ensure_future(asyncio.to_thread(page.read))
            if (await asyncio.wait({self._reading}, timeout=FIRST_READ_TIMEOUT))[0]:
                self._reading.result()
                self._is_full = True
                await page.show(task_id)
                self.name_tab()

    async def open_page(self, name: str, task_id: str = "") -> None:
        """Show a page, and put it into the address."""
        if not self._still_allowed():
            return
        self.page.sidebar_open = False
        self._failure.clear()
        with self._telling():
            self._show(name)
            query = {"page": name} | ({"task": task_id} if task_id else {})
            self.address_bar.go(f"?{urlencode(query)}")
            await all_sent(self._document)
            await self._pages[name].show(task_id)
            self.name_tab()

    def name_tab(self) -> None:
        """Name the browser's tab after the page that is shown, and what it is about."""
        page = self._pages.get(self.current)
        self.address_bar.tell(tr(self._rows[self.current].title), page.subject if page else "")

    async def edit_request(self, task: Task) -> None:
        """Open the Request page with the request of a task."""
        await self.open_page("request")
        await self._pages["request"].fill_in(task)

    async def request_dataset(self, dataset: str) -> None:
        """Open the Request page with a dataset."""
        await self.open_page("request")
        await self._pages["request"].choose_dataset(dataset)

    def page_opener(self, name: str) -> Callable[..., Any]:
        """Return a callback that opens a page; called with a task, for that task."""

        async def open_it(argument: Any = None) -> None:
            await self.open_page(name, argument.id if isinstance(argument, Task) else "")

        return open_it

    async def _arrive(self) -> None:
        """Fill the page once it is drawn; Panel 1.9 loses changes made while it draws."""
        self._is_there = True
        self._update(self._early)
        name, task_id = self._first
        page = self._pages.get(name)  # None if access has ended meanwhile
        if page and self.current == name and not self._is_full:
            with self._telling():
                if self._reading:
                    await self._reading
                await page.show(task_id)
                self.name_tab()

    def _gone_back(self, search: str) -> None:
        """Show the page of an address of the browser's history."""
        query = parse_qs(search.removeprefix("?"))
        pn.state.execute(partial(self._show_address, query))

    async def _show_address(self, query: Query) -> None:
        if not self._still_allowed():
            return
        name, task_id = self._named(query)
        with self._telling():
            self._show(name)
            self._pages[name].take_address(query)
            await all_sent(self._document)
            await self._pages[name].show(task_id)
            self.name_tab()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say on the page why the task log cannot be read, in place of what it would show."""
        try:
            yield
        except TaskLogError as error:
            self._tell_troubles([str(error)])

    def _tell_troubles(self, said: Iterable[str]) -> None:
        settings = self.shared.service.settings
        self._troubles.say("error", settings.without_paths("\n".join(said)))

    def _wants_progress(self, task: Task) -> bool:
        """Whether any page wants each step of a task; called in the thread of the watcher."""
        return any(page.wants_progress(task) for page in list(self._pages.values()))

    def _update(self, changed: ChangedTasks) -> None:
        if not self._is_there:
            self._early = {**self._early, **changed}
        elif self._still_allowed():
            self._tell_troubles(self.shared.watcher.troubles)
            for page in self._pages.values():
                page.update(changed)

    def _still_allowed(self) -> bool:
        """Whether the visitor still has access; if not, all pages are removed."""
        try:
            self.caller = self._who()
        except AccessDeniedError:
            self._stop()
            self._pages = {}
            note = NoticePage(tr("You are not logged in any more. Load this page again to log in."))
            self._main[:] = [note.view]
            return False
        return True

    def _made(self, name: str) -> DashboardPage:
        if name not in self._pages:
            row = self._rows[name]
            self._pages[name] = row.make(self) if self.has_role(row.role) else self._closed(row)
        return self._pages[name]

    def _show(self, name: str) -> None:
        if (view := self._made(name).view) not in self._main:
            self._main.append(view)
        for other, page in self._pages.items():
            page.view.visible = other == name
        self.current = name
        self.address_bar.tell(tr(self._rows[name].title), "")

    def _closed(self, row: PageEntry) -> DashboardPage:
        return NoticePage(
            tr(
                "The page {page} is for the role {needed}; {name} is {role}.",
                page=tr(row.title),
                needed=str(row.role),
                name=self.caller.name,
                role=str(self.caller.role),
            )
        )

    @property
    def _open_rows(self) -> dict[str, PageEntry]:
        return {name: row for name, row in self._rows.items() if self.has_role(row.role)}

    def _named(self, query: Query) -> tuple[str, str]:
        """Return page and task of an address."""
        task_id = last_of(query, "task")
        name = last_of(query, "page") or ("result" if task_id else "")
        return (name if name in self._rows else next(iter(self._rows))), task_id

    def _frame(self) -> pmui.Page:
        login = self.shared.service.settings.login
        titles = [(name, tr(row.title)) for name, row in self._open_rows.items()]
        page = frame(
            self._main,
            self._colour_scheme,
            self._links,
            visitor="" if login == "none" else self.client,
            before=shell(self._first[0], titles, self.dark),
        )
        page.link(self, dark_theme="dark")
        page.link(self._colour_scheme, dark_theme="dark", bidirectional=True)
        return page

    def _links(self, **look: Any) -> NavLinks:
        rows = [(name, tr(row.title), row.icon) for name, row in self._open_rows.items()]

        def choose(name: str) -> None:
            pn.state.execute(partial(self.open_page, name))

        links = NavLinks(choose, rows=rows, **look)
        self.param.watch(lambda event: setattr(links, "current", event.new), "current")
        return links


def address_query() -> Query:
    """Return the parameters of the address, each with its values."""
    arguments = pn.state.session_args
    return {
        name: [one.decode(errors="replace") for one in values] for name, values in arguments.items()
    }


def last_of(query: Query, name: str) -> str:
    """Return the value of a parameter of an address; empty where it has none."""
    return next(iter(reversed(query.get(name) or [])), "")
