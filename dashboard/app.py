"""The dashboard: ``csserv serve``, or ``panel serve dashboard/app.py --plugins csserv.http``."""

from __future__ import annotations

from typing import Any

import panel as pn

from csserv.access import Role
from csserv.errors import AccessDeniedError
from dashboard.denied import denied_page
from dashboard.pages.data import DataPage
from dashboard.pages.request import RequestPage
from dashboard.pages.result import ResultPage
from dashboard.pages.tasks import TasksPage
from dashboard.pages.workers import WorkersPage
from dashboard.session import PageEntry, Session
from dashboard.shared_state import shared_state

#: name in the address → page
PAGES = {
    "request": PageEntry("Request", "map", RequestPage),
    "tasks": PageEntry("Tasks", "list_alt", TasksPage),
    "result": PageEntry("Result", "insights", ResultPage, fills_late=True),
    "data": PageEntry("Data", "layers", DataPage),
    "workers": PageEntry("Workers", "dns", WorkersPage, role=Role.ADMIN, fills_late=True),
}


def page() -> Any:
    """Return the page of a visitor: the dashboard, or why access is denied."""
    try:
        return Session(shared_state(), PAGES).page
    except AccessDeniedError as error:
        return denied_page(shared_state().service.settings.login, str(error))


pn.extension()

page().servable(title="csserv")
