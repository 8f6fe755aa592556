"""A bar that shows how far a task is; on a page, it moves without the server changing the page."""

from __future__ import annotations

import param
from panel.custom import JSComponent

from csserv.tasks.log.task import Task
from csserv.views.parts.assets import script, style
from csserv.views.tasks.task_texts import reached


class TaskBar(JSComponent):
    """Shows a task as it was given, and on from there as news of it come."""

    task = param.String(default="", doc="its id")
    state = param.String(default="")
    percent = param.Integer(default=0, doc="how much is done [%]")
    said = param.String(default="", doc="how far it is, in words")
    socket = param.String(
        default="", doc="address of the news of tasks, seen from the page; or none"
    )

    _esm = script("parts/dom", "tasks/bar", "tasks/task_updates", "tasks/task_bar")
    _stylesheets = style("tasks/bar")

    def show(self, task: Task) -> None:
        """Show a task as it stands."""
        self.param.update(
            task=task.id,
            state=str(task.state),
            percent=round(100 * task.progress),
            said=reached(task),
        )
