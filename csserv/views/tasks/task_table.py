"""A live table of tasks with filters, for pages and for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from csserv.language import mark, tr
from csserv.tasks.log.task import Task
from csserv.views.parts.amounts import counted
from csserv.views.parts.html_parts import said_options
from csserv.views.tasks.log_watcher import ChangedTasks, LogWatcher
from csserv.views.tasks.task_grid import TaskGrid
from csserv.views.tasks.task_rows import COLUMNS, RowFilter, row, sort_tasks

#: choices of the filter by state
STATES = {
    mark("All"): "",
    mark("Queued"): "queued",
    mark("Running"): "running",
    mark("Succeeded"): "succeeded",
    mark("Failed"): "failed",
    mark("Cancelled"): "cancelled",
}

#: number of latest tasks that a table holds
MOST_TASKS = 500

#: rows on one page of the table
ROWS_PER_PAGE = 20

NO_TASKS = mark("No tasks. What is submitted on the Request page appears here.")
NONE_FITS = mark("No task fits the search and the filters above.")


class TaskTable(pn.viewable.Viewer):
    """Shows tasks, filtered by state, dataset, client and text, and sorted by any column.

    :meth:`update` brings changes.

    Parameters
    ----------
    client : shown by the filter "Only mine"
    watcher : knows the latest state of all tasks; unless given, only ``update`` brings changes
    socket : address of the websocket with updates, relative to the page: with it, bars update by
        themselves, and ``update`` is needed for progress only if ``is_sorted_by_progress``
    """

    clicked = param.String(default="", doc="id of the task whose row was clicked last")
    selected = param.List(default=[], item_type=Task, doc="the tasks whose boxes are ticked")
    state = param.Selector(objects=STATES, default="", doc="show tasks in this state only")
    dataset = param.String(default="", doc="show tasks of this dataset only")
    mine = param.Boolean(default=False, doc="show tasks of the client only")
    text = param.String(default="", doc="show tasks that contain this text only")

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
        self.grid = TaskGrid(sizing_mode="stretch_width", margin=(4, 8), socket=socket)
        self.pages = pmui.Pagination(count=1, value=0, size="small", margin=(4, 8))
        self._said = pmui.Typography("", variant="body2", margin=(8, 12))
        self._datasets = pmui.Select(
            label=tr("Dataset"), options={tr("All"): ""}, size="small", width=170, margin=8
        )
        self._datasets.link(self, value="dataset")
        self.grid.link(self, clicked="clicked")
        self.grid.param.watch(self._select, "selected")
        self.grid.param.watch(self._again, "order")
        self.pages.param.watch(self._draw, "value")
        self.param.watch(self._again, ["state", "dataset", "mine", "text"])
        self._draw()

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the table with its filters."""
        small: dict[str, Any] = {"description": "", "size": "small", "margin": 8}
        search = pmui.TextInput(label=tr("Search tasks"), size="small", width=240, margin=8)
        search.param.watch(lambda event: setattr(self, "text", event.new), "value_input")
        states = pmui.Select.from_param(
            self.param.state,
            label=tr("State"),
            options=said_options(STATES),
            width=130,
            **small,
        )
        lower = small | {"margin": (15, 8, 8, 8)}  # its label is level with the others
        mine = pmui.Switch.from_param(self.param.mine, label=tr("Only mine"), **lower)
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
    def is_sorted_by_progress(self) -> bool:
        """Whether rows are sorted by a value that changes while a task runs."""
        return COLUMNS[self.grid.order.removeprefix("-")].follows_progress

    def update(self, changed: ChangedTasks) -> None:
        """Show tasks that are new or have changed."""
        stays = changed.keys() <= self._tasks.keys() and not self.state
        self._tasks |= changed
        if stays and not self.is_sorted_by_progress:
            self._refresh(changed)
        else:
            self._draw()
        if any(task.id in changed for task in self.selected):
            self._select()

    def replace(self, tasks: ChangedTasks) -> None:
        """Show these tasks instead of those before."""
        self._tasks = dict(tasks)
        self.remove(())

    def remove(self, tasks: Iterable[Task]) -> None:
        """Remove tasks that were deleted."""
        for task in tasks:
            self._tasks.pop(task.id, None)
        self._draw()
        self.grid.selected = [key for key in self.grid.selected if key in self._tasks]

    def _again(self, *events: Any) -> None:
        """Show the first page after a change of filter or order; only shown rows stay selected."""
        self.pages.value = 0
        self._draw()
        shown = {one[0] for one in self.grid.rows}
        self.grid.selected = [key for key in self.grid.selected if key in shown]

    def _draw(self, *events: Any) -> None:
        if self._watcher is not None:
            known = self._watcher.known
            self._tasks |= {key: known[key] for key in self._tasks if key in known}
        client = self._client if self.mine else ""
        wanted = RowFilter(self.state, self.dataset, client, self.text)
        found = [task for task in self._tasks.values() if wanted.matches(task)]
        count = max(1, -(-len(found) // ROWS_PER_PAGE))
        page = min(self.pages.value, count - 1)
        self.pages.param.update(count=count, value=page, visible=count > 1)
        first = ROWS_PER_PAGE * page
        shown = sort_tasks(found, self.grid.order)[first : first + ROWS_PER_PAGE]
        self.grid.empty = tr(NONE_FITS if self._tasks else NO_TASKS)
        self.grid.rows = [self._row(task) for task in shown]
        self._said.object = _count(len(found), len(self._tasks))
        names = sorted({task.request.dataset for task in self._tasks.values()})
        self._datasets.options = {tr("All"): ""} | {name: name for name in names}

    def _refresh(self, changed: ChangedTasks) -> None:
        """Write changed rows anew where the order stays: most changes are of progress."""
        self.grid.rows = [
            self._row(changed[one[0]]) if one[0] in changed else one for one in self.grid.rows
        ]

    def _row(self, task: Task) -> list[Any]:
        return row(task, self._watcher.at_work.latest if self._watcher else {})

    def _select(self, *events: Any) -> None:
        marked = (self._tasks.get(key) for key in self.grid.selected)
        self.selected = [task for task in marked if task is not None]


def _count(found: int, known: int) -> str:
    tasks = counted(found, "task")
    if known < MOST_TASKS:
        return tasks
    return tr("{tasks} of the latest {most}", tasks=tasks, most=MOST_TASKS)
