"""The page of a visitor: the dashboard, or why access is denied."""

from __future__ import annotations

from typing import Any

from csserv.access import Role
from csserv.errors import AccessDeniedError

from .denied import denied_page
from .pages.data import DataPage
from .pages.request import RequestPage
from .pages.result import ResultPage
from .pages.season import SeasonPage
from .pages.tasks import TasksPage
from .pages.workers import WorkersPage
from .session import PageEntry, Session
from .shared_state import shared_state

#: name in the address → page
PAGES = {
    "request": PageEntry("Request", "map", RequestPage),
    "tasks": PageEntry("Tasks", "list_alt", TasksPage),
    "result": PageEntry("Result", "insights", ResultPage, fills_late=True),
    "season": PageEntry("Season", "timeline", SeasonPage, fills_late=True),
    "data": PageEntry("Data", "layers", DataPage),
    "workers": PageEntry("Workers", "dns", WorkersPage, role=Role.ADMIN, fills_late=True),
}


def page() -> Any:
    """Return the page of a visitor: the dashboard, or why access is denied."""
    try:
        return Session(shared_state(), PAGES).page
    except AccessDeniedError as error:
        return denied_page(shared_state().service.settings.login, str(error))
