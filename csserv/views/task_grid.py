"""Rows of tasks in the browser: a plain table that sorts, and cards on a narrow screen."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent

from csserv.views.task_bar import script
from csserv.views.task_rows import COLUMNS

HERE = Path(__file__).parent


class TaskGrid(JSComponent):
    """Shows what it is given; says which row was tapped, which are picked, and how to sort."""

    rows = param.List(doc="of csserv.views.task_rows.row")
    columns = param.List(default=[[name, one.title] for name, one in COLUMNS.items()])
    order = param.String(default="-submitted", doc="column that rows are sorted by")
    chosen = param.String(default="", doc="id of the task that was tapped last")
    picked = param.List(default=[], doc="ids of the tasks that are marked")
    empty = param.String(default="", doc="what is said when there are no rows")
    news = param.String(default="", doc="address of the news of tasks, seen from the page; or none")

    _esm = script("task_grid.js")
    _stylesheets = [  # noqa: RUF012  # panel's
        (HERE / name).read_text(encoding="utf-8") for name in ("task_grid.css", "bar.css")
    ]
