"""The Workers page, for admins: workers, throughput, failures, usage, disk."""

from __future__ import annotations

from typing import Any

from csserv.views.workers.workers_view import WorkersView

from ..page import DashboardPage
from ..session import Session


class WorkersPage(DashboardPage):
    """Shows workers and figures; the service refuses its actions to all but admins."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.workers = WorkersView(session.shared.service, dark=session.dark)
        session.param.watch(lambda event: setattr(self.workers, "dark", event.new), "dark")
        self.view = self.workers.__panel__()
        self.view.param.watch(self._moved, "visible")

    async def show(self, task_id: str) -> None:
        """Show the workers, and keep them up to date while the page is shown."""
        self.workers.is_visible = True
        await self.workers.refresh()

    def _moved(self, event: Any) -> None:
        if not event.new:
            self.workers.is_visible = False
