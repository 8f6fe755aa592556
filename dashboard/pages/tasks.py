"""The page of what was asked: a table that moves, and the task that was tapped."""

from __future__ import annotations

import asyncio
from typing import Any

import panel_material_ui as pmui

from csserv.errors import CsservError
from csserv.tasks.task import Task
from csserv.views.hub import News
from csserv.views.task_card import TaskCard
from csserv.views.tasks import MOST, TaskTable
from dashboard.session import Session


class TasksPage:
    """See what was asked, and how far it is."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.table: TaskTable | None = None
        self.card = TaskCard(
            session.shared.service,
            on_open=session.go_to("result"),
            on_change=session.change,
            on_task=session.go_to("tasks"),
        )
        self._detail = pmui.Paper(
            self.card, elevation=1, sizing_mode="stretch_width", margin=8, visible=False
        )
        self._place = pmui.Column(sizing_mode="stretch_width", min_height=200, margin=0)
        heading = pmui.Typography("Tasks", variant="h6", margin=(10, 14, 2, 14))
        paper = pmui.Paper(heading, self._place, elevation=1, sizing_mode="stretch_width", margin=8)
        self.view = pmui.Column(self._detail, paper, sizing_mode="stretch_width", margin=0)

    def hear(self, news: News) -> None:
        """Move the table and the card."""
        if self.table:
            self.table.hear(self._session.own(news))
        self.card.hear(news)

    async def show(self, task_id: str) -> None:
        """Read the tasks, the first time; show the one that is named."""
        if self.table is None:
            service = self._session.shared.service
            found = await asyncio.to_thread(service.tasks, None, 0, MOST)
            self.table = TaskTable(found)
            self.table.param.watch(self._chosen, "chosen")
            self._place[:] = [self.table]
        if task_id:
            await self._open(task_id)

    async def fill(self, task: Task) -> None:
        """Nothing is filled in here."""

    async def _chosen(self, event: Any) -> None:
        await self._open(event.new)

    async def _open(self, task_id: str) -> None:
        try:
            task: Task = await asyncio.to_thread(self._session.shared.service.task, task_id)
        except CsservError as error:
            self.card.problem = str(error)
        else:
            self.card.param.update(task=task, problem="")
        self._detail.visible = True
