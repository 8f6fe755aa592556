"""A card of one task: its request, state and progress, and buttons for actions on it."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.language import from_to, listed, tr
from csserv.service import Service
from csserv.tasks.log.task import Task, TaskState
from csserv.views.parts.amounts import counted
from csserv.views.parts.assets import style
from csserv.views.parts.cards import button
from csserv.views.parts.copying import copy_button
from csserv.views.parts.escaping import escaped
from csserv.views.parts.html_parts import paragraph, text_to_html
from csserv.views.tasks.log_watcher import ChangedTasks
from csserv.views.tasks.task_actions import Outcome
from csserv.views.tasks.task_bar import TaskBar
from csserv.views.tasks.task_buttons import TaskButtons
from csserv.views.tasks.task_texts import (
    advice,
    compared_with,
    sentence,
    time_step,
    title,
    utc_time,
)


class TaskCard(pn.viewable.Viewer):
    """Shows a task; :meth:`update` brings changes of it.

    Parameters
    ----------
    on_open : called with the task whose result is to be shown
    on_change : called with the task whose request is to be changed and run again
    on_submitted : called with a task that was submitted by a button of the card
    on_deleted : called with the tasks that were deleted
    socket : address of the websocket with updates, relative to the page: with it, the bar updates
        by itself
    """

    task = param.ClassSelector(class_=Task, allow_None=True)
    problem = param.String(default="", doc="why the last action failed")

    def __init__(
        self,
        service: Service,
        on_open: Callable[[Task], Any] | None = None,
        on_change: Callable[[Task], Any] | None = None,
        on_submitted: Callable[[Task], Any] | None = None,
        on_deleted: Callable[[list[Task]], Any] | None = None,
        socket: str = "",
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._on_open, self._on_submitted, self._on_deleted = on_open, on_submitted, on_deleted
        self.heading = pmui.Typography("", variant="h6", margin=(4, 12))
        # panes of HTML, as a component of React may miss what changes while it is made (panel 1.9)
        self.state = pn.pane.HTML(
            "", stylesheets=style("parts/base", "tasks/state"), margin=(6, 12)
        )
        self.bar = TaskBar(socket=socket, sizing_mode="stretch_width", margin=(4, 12))
        self.facts = paragraph("", margin=(4, 12))
        self.error = pmui.Alert(
            object="", severity="error", visible=False, sizing_mode="stretch_width", margin=(4, 12)
        )
        self.advice = pmui.Typography("", variant="body2", visible=False, margin=(4, 12))
        self.open = button(tr("Show result"), "insights", self._opened)
        self.link = copy_button(tr("Copy address of this page"))
        self.buttons = TaskButtons(
            service, on_change=on_change, on_done=self._done, more=[self.open, self.link]
        )
        self.param.watch(self._show, ["task", "problem"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the card."""
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
        """Show the task anew if it is among those that have changed."""
        if self.task is not None and (latest := changed.get(self.task.id)):
            self.task = latest

    def _show(self, *events: Any) -> None:
        task = self.task
        if task is None:
            return
        self.heading.object = escaped(title(task))
        state = str(task.state)
        self.state.object = f'<span class="state {state}">{html.escape(tr(state))}</span>'
        self.bar.show(task)
        self.facts.object = text_to_html(_facts(task))
        said = "  \n".join(escaped(sentence(text)) for text in (task.error, self.problem) if text)
        self.error.param.update(object=said, visible=bool(said))
        words = advice(task) if task.state.is_final else ""
        self.advice.param.update(object=words, visible=bool(words))
        self.open.visible = task.state is TaskState.SUCCEEDED and self._on_open is not None
        self.buttons.tasks = [task]

    def _opened(self, event: Any) -> None:
        self._call(self._on_open, self.task)

    def _done(self, name: str, outcome: Outcome) -> None:
        """Open what resulted from an action."""
        if name == "delete" and outcome.done:
            self._call(self._on_deleted, outcome.done)
        elif outcome.made and name == "again":
            self._call(self._on_submitted, outcome.made[0])
        elif outcome.made:
            self.task = outcome.made[0]

    def _call(self, callback: Callable[[Any], Any] | None, argument: Any) -> None:
        if callback is not None and argument is not None:
            pn.state.execute(partial(callback, argument))


def _facts(task: Task) -> str:
    request = task.request
    period = from_to(request.period)
    asked = [f"**{period}**", tr("time step {step}", step=time_step(task))]
    if request.zones > 1:
        asked.append(counted(request.zones, "zone"))
    who = task.client or tr("nobody named")
    lines = [listed([*asked, compared_with(task)])]
    lines.append(tr("Submitted {time} UTC by {name}", time=utc_time(task.submitted), name=who))
    if task.finished:
        lines.append(tr("Ended {time} UTC", time=utc_time(task.finished)))
    if task.attempt > 1:
        lines.append(tr("attempt {number} of {most}", number=task.attempt, most=task.attempts))
    lines.append(tr("Task {id}", id=task.id))
    return "\n".join(line for line in lines if line)
