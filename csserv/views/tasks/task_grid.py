"""The HTML table of tasks, sortable, with a card for each row on a narrow screen."""

from __future__ import annotations

from typing import Any

import param
from panel.custom import JSComponent

from csserv.language import tr
from csserv.views.parts.assets import script, style
from csserv.views.tasks.task_rows import COLUMNS


class TaskGrid(JSComponent):
    """Shows rows of tasks; holds which row was clicked, which are selected, and the order."""

    rows = param.List(doc="as csserv.views.tasks.task_rows.row writes them")
    columns = param.List(doc="name and title of each column")
    order = param.String(
        default="-submitted", doc="column to sort by, with - before it for descending"
    )
    clicked = param.String(default="", doc="id of the task whose row was clicked last")
    selected = param.List(default=[], doc="ids of the tasks whose boxes are ticked")
    empty = param.String(default="", doc="text shown when there are no rows")
    socket = param.String(
        default="", doc="address of the websocket with updates, relative to the page; or empty"
    )

    _esm = script("parts/dom", "tasks/bar", "tasks/task_updates", "tasks/task_grid")
    _stylesheets = style("tasks/task_grid", "tasks/state", "tasks/bar")

    def __init__(self, **params: Any) -> None:
        columns = [[name, tr(one.title)] for name, one in COLUMNS.items()]
        super().__init__(columns=columns, **params)
