"""The dashboard: ``csserv serve``, or ``panel serve dashboard/app.py --plugins csserv.http``."""

from __future__ import annotations

from typing import Any

import panel as pn

from csserv.access import Role
from csserv.errors import AccessDeniedError
from dashboard.closed import closed_page
from dashboard.pages.data import DataPage
from dashboard.pages.request import RequestPage
from dashboard.pages.result import ResultPage
from dashboard.pages.tasks import TasksPage
from dashboard.pages.workers import WorkersPage
from dashboard.session import PageRow, Session
from dashboard.setup import shared

#: name in the address → the page
PAGES = {
    "request": PageRow("Request", "map", RequestPage),
    "tasks": PageRow("Tasks", "list_alt", TasksPage),
    "result": PageRow("Result", "insights", ResultPage, waits=True),
    "data": PageRow("Data", "layers", DataPage),
    "workers": PageRow("Workers", "dns", WorkersPage, needs=Role.ADMIN, waits=True),
}


def page() -> Any:
    """Make what a visitor sees."""
    try:
        return Session(shared(), PAGES).page
    except AccessDeniedError as error:
        return closed_page(shared().service.settings.login, str(error))


pn.extension()

page().servable(title="csserv")
