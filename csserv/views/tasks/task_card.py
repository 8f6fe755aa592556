"""One task: how far it is, what it asks, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.service import Service
from csserv.tasks.log.task import Task, TaskState
from csserv.views.parts.cards import button
from csserv.views.parts.copying import copy_button
from csserv.views.parts.escaping import plain
from csserv.views.tasks.log_watcher import ChangedTasks
from csserv.views.tasks.task_actions import Outcome
from csserv.views.tasks.task_bar import TaskBar
from csserv.views.tasks.task_buttons import TaskButtons
from csserv.views.tasks.task_texts import STATES, advice, moment, sentence, time_step, title


class TaskCard(pn.viewable.Viewer):
    """Shows a task as it stands; tell it news with :meth:`hear`.

    ``news`` is the address of the news of tasks, seen from the page: with it, the bar moves of
    itself.
    ``on_open``, ``on_change`` and ``on_task`` are called with the task whose result is to be seen,
    with the one to ask again with changes, and with a new one that was submitted from here;
    ``on_gone`` with those that were deleted.
    """

    task = param.ClassSelector(class_=Task, allow_None=True)
    problem = param.String(default="", doc="why the last thing that was asked for was not done")

    def __init__(
        self,
        service: Service,
        on_open: Callable[[Task], Any] | None = None,
        on_change: Callable[[Task], Any] | None = None,
        on_task: Callable[[Task], Any] | None = None,
        on_gone: Callable[[list[Task]], Any] | None = None,
        socket: str = "",
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._on_open, self._on_task, self._on_gone = on_open, on_task, on_gone
        self.heading = pmui.Typography("", variant="h6", margin=(4, 12))
        self.state = pmui.Chip(label="", size="small", margin=(6, 12))
        self.bar = TaskBar(socket=socket, sizing_mode="stretch_width", margin=(4, 12))
        self.facts = pmui.Typography("", variant="body2", margin=(4, 12))
        self.error = pmui.Alert(
            object="", severity="error", visible=False, sizing_mode="stretch_width", margin=(4, 12)
        )
        self.advice = pmui.Typography("", variant="body2", visible=False, margin=(4, 12))
        self.open = button("Show result", "insights", self._opened)
        self.link = copy_button("Copy address of this page")
        self.buttons = TaskButtons(
            service, on_change=on_change, on_done=self._done, beside=[self.open, self.link]
        )
        self.param.watch(self._show, ["task", "problem"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        acts = pn.Column(self.buttons, sizing_mode="stretch_width", margin=(4, 12))
        return pn.Column(
            self.heading,
            self.state,
            self.bar,
            self.facts,
            self.error,
            self.advice,
            acts,
            sizing_mode="stretch_width",
            margin=(4, 0),
        )

    def update(self, changed: ChangedTasks) -> None:
        """Take news of the task."""
        if self.task is not None and (latest := changed.get(self.task.id)):
            self.task = latest

    def _show(self, *events: Any) -> None:
        task = self.task
        if task is None:
            return
        icon, colour = STATES[task.state]
        self.heading.object = plain(title(task))
        self.state.param.update(label=str(task.state), icon=icon, color=colour)
        self.bar.show(task)
        self.facts.object = _facts(task)
        said = "  \n".join(plain(sentence(text)) for text in (task.error, self.problem) if text)
        self.error.param.update(object=said, visible=bool(said))
        words = advice(task) if task.state.is_final else ""
        self.advice.param.update(object=words, visible=bool(words))
        self.open.visible = task.state is TaskState.SUCCEEDED and self._on_open is not None
        self.buttons.tasks = [task]

    def _opened(self, event: Any) -> None:
        self._tell(self._on_open, self.task)

    def _done(self, name: str, outcome: Outcome) -> None:
        """Go to what came of it."""
        if name == "delete" and outcome.done:
            self._tell(self._on_gone, outcome.done)
        elif outcome.made and name == "again":
            self._tell(self._on_task, outcome.made[0])
        elif outcome.made:
            self.task = outcome.made[0]

    def _tell(self, told: Callable[[Any], Any] | None, what: Any) -> None:
        if told is not None and what is not None:
            pn.state.execute(partial(told, what))


def _facts(task: Task) -> str:
    asked = task.request
    zones = f", {asked.zones} zones" if asked.zones > 1 else ""
    attempt = f"attempt {task.attempt} of {task.attempts}" if task.attempt > 1 else ""
    lines = [
        f"**{asked.period.replace('/', ' to ')}**, time step {time_step(task)}{zones}",
        f"Submitted {moment(task.submitted)} UTC by {plain(task.client or 'nobody named')}",
        f"Ended {moment(task.finished)} UTC" if task.finished else "",
        attempt,
        f"Task {task.id}",
    ]
    return "  \n".join(line for line in lines if line)
