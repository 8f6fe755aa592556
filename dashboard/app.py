"""The dashboard: ``panel serve dashboard/app.py --plugins csserv.http``."""

from __future__ import annotations

import panel as pn

from dashboard.pages.data import DataPage
from dashboard.pages.request import RequestPage
from dashboard.pages.result import ResultPage
from dashboard.pages.tasks import TasksPage
from dashboard.pages.workers import WorkersPage
from dashboard.session import Session
from dashboard.setup import shared

#: name in the address → title, icon, and what makes the page
PAGES = {
    "request": ("Request", "map", RequestPage),
    "tasks": ("Tasks", "list_alt", TasksPage),
    "result": ("Result", "insights", ResultPage),
    "data": ("Data", "layers", DataPage),
    "workers": ("Workers", "dns", WorkersPage),
}

pn.extension("tabulator", notifications=True)

Session(shared(), PAGES).page.servable(title="csserv")
