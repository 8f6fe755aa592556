"""A table of tasks that moves while they run, for pages and for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.tasks.log.task import Task, TaskState
from csserv.views.parts.amounts import several
from csserv.views.tasks.log_watcher import ChangedTasks, LogWatcher
from csserv.views.tasks.task_grid import TaskGrid
from csserv.views.tasks.task_rows import COLUMNS, Wanted, ordered, row

#: of these a person may ask for those in one state
STATES = {"All": "", **{str(state).capitalize(): str(state) for state in TaskState}}

#: as many tasks are known to a table
MOST = 500

#: as many are on one page of it
PAGE = 20

NO_TASKS = "No tasks. What is submitted on the Request page appears here."


class TaskTable(pn.viewable.Viewer):
    """Tasks: filtered by state, dataset, whose they are and by text; sorted by any column.

    Tell it news with :meth:`hear`; ``chosen`` is the id of the row that was tapped, ``picked`` are
    the tasks that are marked.

    Parameters
    ----------
    client : whose tasks are one's own
    watcher : knows of all tasks how far they are; without it, what it is told is all it knows
    news : address of the news of tasks, seen from the page: with it, bars move of themselves, and
        steps of a task need not be told unless ``is_moving``
    """

    chosen = param.String(default="", doc="id of the task that was tapped last")
    picked = param.List(default=[], item_type=Task, doc="the tasks that are marked")
    state = param.Selector(objects=STATES, default="", doc="show tasks in this state only")
    dataset = param.String(default="", doc="show tasks of this dataset only")
    mine = param.Boolean(default=False, doc="show tasks of the client only")
    text = param.String(default="", doc="show tasks only that have this text somewhere")

    def __init__(
        self,
        tasks: Iterable[Task] = (),
        client: str = "",
        watcher: LogWatcher | None = None,
        socket: str = "",
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._client, self._watcher = client, watcher
        self._tasks = {task.id: task for task in tasks}
        self.grid = TaskGrid(
            sizing_mode="stretch_width", margin=(4, 8), empty=NO_TASKS, socket=socket
        )
        self.pages = pmui.Pagination(count=1, value=0, size="small", margin=(4, 8))
        self._said = pmui.Typography("", variant="body2", margin=(8, 12))
        self._datasets = pmui.Select(
            label="Dataset", options={"All": ""}, size="small", width=170, margin=8
        )
        self._datasets.link(self, value="dataset")
        self.grid.link(self, chosen="chosen")
        self.grid.param.watch(self._pick, "picked")
        self.grid.param.watch(self._again, "order")
        self.pages.param.watch(self._draw, "value")
        self.param.watch(self._again, ["state", "dataset", "mine", "text"])
        self._draw()

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        small: dict[str, Any] = {"description": "", "size": "small", "margin": 8}
        search = pmui.TextInput(label="Search tasks", size="small", width=240, margin=8)
        search.param.watch(lambda event: setattr(self, "text", event.new), "value_input")
        states = pmui.Select.from_param(self.param.state, label="State", width=130, **small)
        lower = small | {"margin": (15, 8, 8, 8)}  # its words stand on the line of the others
        mine = pmui.Switch.from_param(self.param.mine, label="Only mine", **lower)
        bar = pmui.FlexBox(
            search,
            states,
            self._datasets,
            mine,
            align_items="center",
            sizing_mode="stretch_width",
            margin=0,
        )
        foot = pmui.FlexBox(
            self._said, self.pages, align_items="center", sizing_mode="stretch_width", margin=0
        )
        return pn.Column(bar, self.grid, foot, sizing_mode="stretch_width", margin=0)

    @property
    def is_moving(self) -> bool:
        """Whether rows are sorted by what changes while a task runs."""
        return COLUMNS[self.grid.order.removeprefix("-")].moves

    def update(self, changed: ChangedTasks) -> None:
        """Take tasks that are new or have changed."""
        stays = changed.keys() <= self._tasks.keys() and not self.state
        self._tasks |= changed
        if stays and not self.is_moving:
            self._refresh(changed)
        else:
            self._draw()
        if any(task.id in changed for task in self.picked):
            self._pick()

    def replace(self, tasks: ChangedTasks) -> None:
        """Take these tasks instead of those before."""
        self._tasks = dict(tasks)
        self.forget(())

    def forget(self, gone: Iterable[Task]) -> None:
        """Drop tasks that are no more."""
        for task in gone:
            self._tasks.pop(task.id, None)
        self._draw()
        self.grid.picked = [key for key in self.grid.picked if key in self._tasks]

    def _again(self, *events: Any) -> None:
        """Show the first page of what is wanted now; marks stay with what is in sight."""
        self.pages.value = 0
        self._draw()
        shown = {one[0] for one in self.grid.rows}
        self.grid.picked = [key for key in self.grid.picked if key in shown]

    def _draw(self, *events: Any) -> None:
        if self._watcher is not None:
            known = self._watcher.known
            self._tasks |= {key: known[key] for key in self._tasks if key in known}
        client = self._client if self.mine else ""
        wanted = Wanted(self.state, self.dataset, client, self.text)
        found = [task for task in self._tasks.values() if wanted.passes(task)]
        count = max(1, -(-len(found) // PAGE))
        page = min(self.pages.value, count - 1)
        self.pages.param.update(count=count, value=page, visible=count > 1)
        first = PAGE * page
        shown = ordered(found, self.grid.order)[first : first + PAGE]
        self.grid.rows = [self._row(task) for task in shown]
        self._said.object = _count(len(found), len(self._tasks))
        names = sorted({task.request.dataset for task in self._tasks.values()})
        self._datasets.options = {"All": ""} | {name: name for name in names}

    def _refresh(self, changed: ChangedTasks) -> None:
        """Write rows anew that stay where they are: most news are of progress."""
        self.grid.rows = [
            self._row(changed[one[0]]) if one[0] in changed else one for one in self.grid.rows
        ]

    def _row(self, task: Task) -> list[Any]:
        return row(task, self._watcher.at_work.found if self._watcher else {})

    def _pick(self, *events: Any) -> None:
        marked = (self._tasks.get(key) for key in self.grid.picked)
        self.picked = [task for task in marked if task is not None]


def _count(found: int, known: int) -> str:
    tasks = several(found, "task")
    return f"{tasks} of the latest {MOST}" if known >= MOST else tasks
