"""The Tasks page: a live table of tasks, and a card of the chosen one."""

from __future__ import annotations

import asyncio
from typing import Any

import panel as pn
import panel_material_ui as pmui

from csserv.errors import CsservError
from csserv.language import tr
from csserv.tasks.log.task import Task
from csserv.views.parts.amounts import counted
from csserv.views.parts.cards import section
from csserv.views.parts.escaping import escaped
from csserv.views.tasks.log_watcher import ChangedTasks
from csserv.views.tasks.task_actions import Outcome
from csserv.views.tasks.task_buttons import TaskButtons
from csserv.views.tasks.task_card import TaskCard
from csserv.views.tasks.task_table import MOST_TASKS, TaskTable
from csserv.views.tasks.task_texts import unavailable

from ..page import TASK_SOCKET, DashboardPage
from ..session import Session


class TasksPage(DashboardPage):
    """Shows the tasks that the visitor may list."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed: dict[str, Task] | None = None  # those changed while the tasks are read
        service = session.shared.service
        self.table = TaskTable(
            client=session.client, watcher=session.shared.watcher, socket=TASK_SOCKET
        )
        self.card = TaskCard(
            service,
            on_open=session.page_opener("result"),
            on_change=session.edit_request,
            on_submitted=session.page_opener("tasks"),
            on_deleted=self._gone,
            socket=TASK_SOCKET,
        )
        self.many = TaskButtons(service, on_change=session.edit_request, on_done=self._done)
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
        tasks = section(tr("Tasks"), self._bar, self.table)
        self.view = pn.Column(
            self._said, self._detail, tasks, sizing_mode="stretch_width", margin=0
        )
        self.table.param.watch(self._clicked, "clicked")
        self.table.param.watch(self._select, "selected")

    def update(self, changed: ChangedTasks) -> None:
        """Update table and card while the page is shown; ``show`` reads all tasks again."""
        own = self._session.listable(changed)
        if self._changed is not None:
            self._changed |= own
        if self._session.current == "tasks":
            self.table.update(own)
            self.card.update(changed)

    def wants_progress(self, task: Task) -> bool:
        """Whether the order of rows depends on progress; bars update by themselves."""
        return self._session.current == "tasks" and self.table.is_sorted_by_progress

    async def show(self, task_id: str) -> None:
        """Read the tasks; open the card of one if its id is given."""
        service = self._session.shared.service
        self._changed = {}
        found = await asyncio.to_thread(service.tasks, None, 0, MOST_TASKS)
        self.table.replace({task.id: task for task in found} | (self._changed or {}))
        self._changed = None
        if task_id:
            await self._open(task_id)

    async def _clicked(self, event: Any) -> None:
        if event.new:
            await self._session.open_page("tasks", event.new)

    def _select(self, event: Any) -> None:
        count = len(event.new)
        self._marked.object = tr("{tasks} marked", tasks=counted(count, "task"))
        self._bar.visible = count > 0
        self.many.tasks = event.new

    async def _done(self, name: str, outcome: Outcome) -> None:
        """Remove deleted tasks from the table; other changes come from the watcher."""
        if name == "delete":
            await self._gone(outcome.done)

    async def _gone(self, tasks: list[Task]) -> None:
        self.table.remove(tasks)
        if self.card.task in tasks:
            self._detail.visible = False
            await self._session.open_page("tasks")

    async def _open(self, task_id: str) -> None:
        try:
            task: Task = await asyncio.to_thread(self._session.shared.service.task, task_id)
        except CsservError as error:
            self._said.param.update(object=escaped(unavailable(error)), visible=True)
            self._detail.visible = False
        else:
            self.card.param.update(task=task, problem="")
            self._said.visible = False
            self._detail.visible = True
