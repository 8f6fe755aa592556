"""The page of a visitor: the dashboard, or why access is denied."""

from __future__ import annotations

from typing import Any

import panel as pn

from csserv.access import Role
from csserv.errors import AccessDeniedError
from csserv.language import mark
from csserv.views.parts.colour_scheme import ColourScheme

from .denied import denied_page
from .language_menu import settle_language
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
    "request": PageEntry(mark("Request"), "map", RequestPage),
    "tasks": PageEntry(mark("Tasks"), "list_alt", TasksPage),
    "result": PageEntry(mark("Result"), "insights", ResultPage, fills_late=True),
    "season": PageEntry(mark("Season"), "timeline", SeasonPage, fills_late=True),
    "data": PageEntry(mark("Data"), "layers", DataPage),
    "workers": PageEntry(mark("Workers"), "dns", WorkersPage, role=Role.ADMIN, fills_late=True),
}


def page() -> Any:
    """Return the page of a visitor: the dashboard, or why access is denied."""
    settle_language(shared_state().service.settings.language)
    try:
        return Session(shared_state(), PAGES).page
    except AccessDeniedError as error:
        scheme = ColourScheme.of("", pn.state.cookies)
        return denied_page(shared_state().service.settings.login, str(error), scheme)
