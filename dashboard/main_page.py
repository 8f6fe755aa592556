"""The page of a visitor: the dashboard, or why access is denied."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, partial
from importlib import import_module
from typing import Any

import panel as pn

from csserv.access import Role
from csserv.collection_pause import pause_collection
from csserv.errors import AccessDeniedError

from .denied import denied_page
from .page import DashboardPage
from .pages.request import RequestPage
from .session import PageEntry, Session
from .shared_state import shared_state


def _late(module: str, name: str) -> Callable[[Session], DashboardPage]:
    """Return what makes a page, and loads its code when it is first made."""

    def make(session: Session) -> DashboardPage:
        made: DashboardPage = getattr(_load(module), name)(session)
        return made

    return make


def _load(module: str) -> Any:
    with pause_collection():
        return import_module(f".pages.{module}", __package__)


#: name in the address → page
PAGES = {
    "request": PageEntry("Request", "map", RequestPage),
    "tasks": PageEntry("Tasks", "list_alt", _late("tasks", "TasksPage")),
    "result": PageEntry("Result", "insights", _late("result", "ResultPage"), fills_late=True),
    "data": PageEntry("Data", "layers", _late("data", "DataPage")),
    "workers": PageEntry(
        "Workers", "dns", _late("workers", "WorkersPage"), role=Role.ADMIN, fills_late=True
    ),
}


def page() -> Any:
    """Return the page of a visitor: the dashboard, or why access is denied."""
    try:
        made = Session(shared_state(), PAGES)
    except AccessDeniedError as error:
        return denied_page(shared_state().service.settings.login, str(error))
    pn.state.onload(partial(_load_others, made))
    return made.page


def _load_others(session: Session) -> None:
    """Load the code of all pages once a visitor sees one: charts and exports take a second of CPU.

    A session that only warms the server up shows none.
    """
    if session.current:
        _start_loading()


@lru_cache(maxsize=1)
def _start_loading() -> None:
    names = ("tasks", "data", "result", "workers")
    threading.Thread(target=lambda: [_load(name) for name in names], daemon=True).start()
