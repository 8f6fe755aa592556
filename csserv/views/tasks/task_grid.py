"""Rows of tasks in the browser: a plain table that sorts, and cards on a narrow screen."""

from __future__ import annotations

import param
from panel.custom import JSComponent

from csserv.views.parts.assets import script, style
from csserv.views.tasks.task_rows import COLUMNS


class TaskGrid(JSComponent):
    """Shows what it is given; says which row was tapped, which are picked, and how to sort."""

    rows = param.List(doc="of csserv.views.tasks.task_rows.row")
    columns = param.List(default=[[name, one.title] for name, one in COLUMNS.items()])
    order = param.String(default="-submitted", doc="column that rows are sorted by")
    chosen = param.String(default="", doc="id of the task that was tapped last")
    picked = param.List(default=[], doc="ids of the tasks that are marked")
    empty = param.String(default="", doc="what is said when there are no rows")
    socket = param.String(
        default="", doc="address of the news of tasks, seen from the page; or none"
    )

    _esm = script("parts/dom", "tasks/bar", "tasks/task_updates", "tasks/task_grid")
    _stylesheets = style("tasks/task_grid", "tasks/bar")
