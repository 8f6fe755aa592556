"""One task: how far it is, what it asks, and what can be done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.errors import CsservError
from csserv.service import Service
from csserv.tasks.task import Task, TaskState
from csserv.views.hub import News
from csserv.views.words import STATES, left, moment, time_step, title, took


class TaskCard(pn.viewable.Viewer):
    """Shows a task as it stands; tell it news with :meth:`hear`.

    ``on_open``, ``on_change`` and ``on_task`` are called with the task whose result is to be seen,
    with the one to ask again with changes, and with a new one that was submitted from here.
    """

    task = param.ClassSelector(class_=Task, allow_None=True)
    problem = param.String(default="", doc="why the last thing that was asked for was not done")

    def __init__(
        self,
        service: Service,
        on_open: Callable[[Task], Any] | None = None,
        on_change: Callable[[Task], Any] | None = None,
        on_task: Callable[[Task], Any] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._service = service
        self._told = {"open": on_open, "change": on_change, "task": on_task}
        self.heading = pmui.Typography("", variant="h6", margin=(4, 12))
        self.state = pmui.Chip(label="", size="small", margin=(6, 12))
        self.time = pmui.Typography("", variant="body2", color="text.secondary", margin=(6, 4))
        self.bar = pmui.LinearProgress(
            value=0, variant="determinate", sizing_mode="stretch_width", margin=(4, 12)
        )
        self.facts = pmui.Typography("", variant="body2", margin=(4, 12))
        self.error = pmui.Alert(
            object="", severity="error", visible=False, sizing_mode="stretch_width", margin=(4, 12)
        )
        self.buttons = {
            "open": self._button("Show result", "insights", self._open),
            "cancel": self._button("Cancel", "block", self._cancel),
            "again": self._button("Run again", "replay", self._again),
            "change": self._button("Change and run", "edit", self._change),
        }
        self.param.watch(self._show, ["task", "problem"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        actions = pmui.FlexBox(
            *self.buttons.values(), gap="6px", sizing_mode="stretch_width", margin=(4, 12)
        )
        return pmui.Column(
            self.heading,
            pmui.FlexBox(
                self.state, self.time, align_items="center", sizing_mode="stretch_width", margin=0
            ),
            self.bar,
            self.facts,
            self.error,
            actions,
            sizing_mode="stretch_width",
            margin=(4, 0),
        )

    def hear(self, news: News) -> None:
        """Take news of the task."""
        if self.task is not None and (latest := news.get(self.task.id)):
            self.task = latest

    def _show(self, *events: Any) -> None:
        task = self.task
        if task is None:
            return
        icon, colour = STATES[task.state]
        self.heading.object = title(task)
        self.state.param.update(label=str(task.state), icon=icon, color=colour)
        steps = f"{task.done:,} of {task.total:,} steps" if task.total else ""
        time = left(task) or (f"took {took(task)}" if took(task) else "")
        self.time.object = ", ".join(part for part in (steps, time) if part)
        self.bar.param.update(value=round(100 * task.progress), visible=not task.state.is_final)
        self.facts.object = _facts(task)
        said = "  \n".join(text for text in (task.error or "", self.problem) if text)
        self.error.param.update(object=said, visible=bool(said))
        self.buttons["open"].visible = (
            task.state is TaskState.SUCCEEDED and self._told["open"] is not None
        )
        may = {act: not self._service.refusal(act, task) for act in ("cancel", "submit")}
        self.buttons["cancel"].visible = not task.state.is_final and may["cancel"]
        self.buttons["again"].visible = (
            task.state.is_final and self._told["task"] is not None and may["submit"]
        )
        self.buttons["change"].visible = self._told["change"] is not None

    def _button(self, label: str, icon: str, clicked: Callable[[Any], Any]) -> pmui.Button:
        return pmui.Button(
            label=label, icon=icon, size="small", variant="outlined", on_click=clicked, margin=0
        )

    def _tell(self, what: str) -> None:
        if (told := self._told[what]) and self.task is not None:
            pn.state.execute(partial(told, self.task))

    def _open(self, event: Any) -> None:
        self._tell("open")

    def _change(self, event: Any) -> None:
        self._tell("change")

    async def _cancel(self, event: Any) -> None:
        await self._do(lambda task: self._service.cancel(task))

    async def _again(self, event: Any) -> None:
        await self._do(self._submit_again)
        if not self.problem:
            self._tell("task")

    async def _do(self, act: Callable[[Task], Task]) -> None:
        if self.task is None:
            return
        try:
            self.param.update(task=await asyncio.to_thread(act, self.task), problem="")
        except CsservError as error:
            self.problem = str(error)

    def _submit_again(self, task: Task) -> Task:
        asked = task.request
        options = dict(asked.options)
        select = dict(options.pop("select", ()))
        return self._service.submit(
            asked.dataset,
            asked.operation,
            self._service.task_area(task),
            asked.period.replace(" ", ""),
            select=select,
            client=task.client,
            priority=task.priority,
            **options,
        )


def _facts(task: Task) -> str:
    asked = task.request
    zones = f", {asked.zones} zones" if asked.zones > 1 else ""
    attempt = f"attempt {task.attempt} of {task.attempts}" if task.attempt > 1 else ""
    lines = [
        f"**{asked.period.replace('/', ' to ')}**, time step {time_step(task)}{zones}",
        f"Submitted {moment(task.submitted)} UTC by {task.client or 'nobody named'}",
        f"Ended {moment(task.finished)} UTC" if task.finished else "",
        attempt,
        f"Task {task.id}",
    ]
    return "  \n".join(line for line in lines if line)
