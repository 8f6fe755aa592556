"""The page of what was asked: a table that moves, and the task that was tapped."""

from __future__ import annotations

import asyncio
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.errors import CsservError
from csserv.tasks.log.task import Task
from csserv.views.parts.amounts import several
from csserv.views.parts.cards import section
from csserv.views.parts.escaping import plain
from csserv.views.tasks.log_watcher import ChangedTasks
from csserv.views.tasks.task_actions import Outcome
from csserv.views.tasks.task_buttons import TaskButtons
from csserv.views.tasks.task_card import TaskCard
from csserv.views.tasks.task_table import MOST, TaskTable
from csserv.views.tasks.task_texts import unseen
from dashboard.page import TASK_SOCKET, DashboardPage
from dashboard.session import Session


class TasksPage(DashboardPage):
    """See what was asked, and how far it is."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._heard: dict[str, Task] | None = None  # while the tasks are read
        service = session.shared.service
        self.table = TaskTable(
            client=session.client, watcher=session.shared.watcher, socket=TASK_SOCKET
        )
        self.card = TaskCard(
            service,
            on_open=session.go_to("result"),
            on_change=session.change,
            on_task=session.go_to("tasks"),
            on_gone=self._gone,
            socket=TASK_SOCKET,
        )
        self.many = TaskButtons(service, on_change=session.change, on_done=self._done)
        self._said = pmui.Alert(
            object="", severity="warning", visible=False, sizing_mode="stretch_width", margin=8
        )
        self._detail = pmui.Paper(
            self.card, elevation=1, sizing_mode="stretch_width", margin=8, visible=False
        )
        self._marked = pmui.Typography("", variant="body2", margin=(4, 0))
        self._bar = pn.Column(
            self._marked, self.many, sizing_mode="stretch_width", margin=(0, 14), visible=False
        )
        tasks = section("Tasks", self._bar, self.table)
        self.view = pn.Column(
            self._said, self._detail, tasks, sizing_mode="stretch_width", margin=0
        )
        self.table.param.watch(self._chosen, "chosen")
        self.table.param.watch(self._mark, "picked")

    def update(self, changed: ChangedTasks) -> None:
        """Move the table and the card; when it comes into sight, all is read anew."""
        own = self._session.own(changed)
        if self._heard is not None:
            self._heard |= own
        if self._session.current == "tasks":
            self.table.update(own)
            self.card.update(changed)

    def follows(self, task: Task) -> bool:
        """Whether rows change places by it; bars move of themselves."""
        return self._session.current == "tasks" and self.table.is_moving

    async def show(self, task_id: str) -> None:
        """Read the tasks anew; show the one that is named."""
        service = self._session.shared.service
        self._heard = {}
        found = await asyncio.to_thread(service.tasks, None, 0, MOST)
        self.table.replace({task.id: task for task in found} | (self._heard or {}))
        self._heard = None
        if task_id:
            await self._open(task_id)

    async def _chosen(self, event: Any) -> None:
        if event.new:
            await self._session.go("tasks", event.new)

    def _mark(self, event: Any) -> None:
        count = len(event.new)
        self._marked.object = f"{several(count, 'task')} marked"
        self._bar.visible = count > 0
        self.many.tasks = event.new

    async def _done(self, name: str, outcome: Outcome) -> None:
        """Take out what is no more; the watcher tells all else."""
        if name == "delete":
            await self._gone(outcome.done)

    async def _gone(self, tasks: list[Task]) -> None:
        self.table.forget(tasks)
        if self.card.task in tasks:
            self._detail.visible = False
            await self._session.go("tasks")

    async def _open(self, task_id: str) -> None:
        try:
            task: Task = await asyncio.to_thread(self._session.shared.service.task, task_id)
        except CsservError as error:
            self._said.param.update(object=plain(unseen(error)), visible=True)
            self._detail.visible = False
        else:
            self.card.param.update(task=task, problem="")
            self._said.visible = False
            self._detail.visible = True
