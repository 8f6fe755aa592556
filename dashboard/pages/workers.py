"""The page of those who keep the machine up: workers, figures, failures, usage, disk."""

from __future__ import annotations

from typing import Any

from csserv.views.workers.workers_view import WorkersView
from dashboard.page import DashboardPage
from dashboard.session import Session


class WorkersPage(DashboardPage):
    """Look after the workers; the service does what is asked here for an admin only."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.workers = WorkersView(session.shared.service, dark=session.dark)
        session.param.watch(lambda event: setattr(self.workers, "dark", event.new), "dark")
        self.view = self.workers.__panel__()
        self.view.param.watch(self._moved, "visible")

    async def show(self, task_id: str) -> None:
        """Look at the workers, and go on with it while they are in sight."""
        self.workers.in_sight = True
        await self.workers.look()

    def _moved(self, event: Any) -> None:
        if not event.new:
            self.workers.in_sight = False
