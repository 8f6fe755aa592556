"""The base of the pages of the dashboard: methods that a session calls, which do nothing here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import panel as pn

from csserv.tasks.log.task import Task
from csserv.views.tasks.log_watcher import ChangedTasks

#: address of the websocket with updates of tasks, relative to a page
TASK_SOCKET = "news"

#: look of a column that is as high as what is in it: once Panel has seen a page that fills the
#: window, it makes no column higher than that, and what follows a long one would lie over its end
OWN_HEIGHT = {"flex": "none", "height": "auto", "max-height": "none"}


class DashboardPage:
    """A page of the dashboard.

    Attributes
    ----------
    view : what the page shows
    """

    view: pn.viewable.Viewable

    @property
    def subject(self) -> str:
        """What the page is about now, for the title of its tab; empty for nothing special."""
        return ""

    @property
    def fills_late(self) -> bool:
        """Whether to show it only once the browser has drawn it, as Panel loses changes before."""
        return False

    def update(self, changed: ChangedTasks) -> None:
        """Take tasks that are new or have changed."""

    def wants_progress(self, task: Task) -> bool:
        """Whether to call ``update`` also when only the progress of a task has changed."""
        return False

    def read(self) -> None:
        """Read slow data ahead; called in a thread before the first ``show``."""

    def take_address(self, query: Mapping[str, Sequence[str]]) -> None:
        """Take what an address asks besides a task; called before the ``show`` that shows it."""

    async def show(self, task_id: str) -> None:
        """Prepare the page for being shown; ``task_id`` is empty unless a task is to be shown."""

    async def fill_in(self, task: Task) -> None:
        """Fill the form of a request with the request of a task."""

    async def choose_dataset(self, dataset: str) -> None:
        """Choose a dataset in the form of a request."""
