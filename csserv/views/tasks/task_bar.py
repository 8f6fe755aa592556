"""The progress bar of a task, updated by websocket without the server changing the page."""

from __future__ import annotations

import param
from panel.custom import JSComponent

from csserv.tasks.log.task import Task
from csserv.views.parts.assets import script, style
from csserv.views.tasks.task_texts import steps_and_time


class TaskBar(JSComponent):
    """Shows the progress of a task as given, and from then on as updates come."""

    task = param.String(default="", doc="id of the task")
    state = param.String(default="")
    percent = param.Integer(default=0, doc="share done [%]")
    progress_text = param.String(default="", doc="the progress in words")
    socket = param.String(
        default="", doc="address of the websocket with updates, relative to the page; or empty"
    )

    _esm = script("parts/dom", "tasks/bar", "tasks/task_updates", "tasks/task_bar")
    _stylesheets = style("tasks/bar")

    def show(self, task: Task) -> None:
        """Show a task as it is now."""
        self.param.update(
            task=task.id,
            state=str(task.state),
            percent=round(100 * task.progress),
            progress_text=steps_and_time(task),
        )
