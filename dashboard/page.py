"""What a page of the dashboard can do; a page says itself what it does, and does nothing else."""

from __future__ import annotations

import panel as pn

from csserv.tasks.log.task import Task
from csserv.views.tasks.log_watcher import ChangedTasks

#: address of the news of tasks, seen from a page
TASK_SOCKET = "news"


class DashboardPage:
    """A page, as a visit knows it."""

    view: pn.viewable.Viewable

    def update(self, changed: ChangedTasks) -> None:
        """Take news of tasks, where something moves with them."""

    def follows(self, task: Task) -> bool:
        """Whether news are wanted where a task has only gone on by some steps."""
        return False

    def read(self) -> None:
        """Read what takes a while to read; called in a thread before the first ``show``."""

    async def show(self, task_id: str) -> None:
        """Come into sight, for a task where one is named."""

    async def fill(self, task: Task) -> None:
        """Fill in what a task asked, where the page asks."""

    async def choose(self, dataset: str) -> None:
        """Choose a dataset, where the page asks."""
