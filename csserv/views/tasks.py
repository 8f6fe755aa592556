"""A table of tasks that moves while they run, for pages and for notebooks."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from csserv.tasks.task import Task, TaskState
from csserv.views.hub import News
from csserv.views.words import left, moment, took

#: column → title, width [px] or None for what is left, and when it gives way on a narrow screen:
#: the highest first
COLUMNS: dict[str, tuple[str, int | None, int]] = {
    "state": ("State", 128, 0),
    "progress": ("Progress", 120, 1),
    "time": ("Time", 110, 4),
    "area": ("Zone", None, 0),
    "dataset": ("Dataset", 150, 3),
    "operation": ("Operation", 116, 5),
    "period": ("Period", 212, 6),
    "submitted": ("Submitted (UTC)", 172, 2),
    "client": ("Who", 100, 7),
}

#: of these a person may ask for those in one state
CHOICES = {"All": "", **{str(state).capitalize(): str(state) for state in TaskState}}

#: as many tasks are in the table
MOST = 500

STYLE = (Path(__file__).parent / "tasks.css").read_text(encoding="utf-8")


class TaskTable(pn.viewable.Viewer):
    """Tasks, the newest first: filtered by state and by text, sorted by any column.

    Tell it news with :meth:`hear`; ``chosen`` is the id of the row that was tapped.
    """

    chosen = param.String(default="", doc="id of the task that was tapped last")
    state = param.Selector(objects=CHOICES, default="", doc="show tasks in this state only")
    text = param.String(default="", doc="show tasks only that have this text somewhere")
    client = param.String(default="", doc="show tasks of this client only")

    def __init__(self, tasks: Iterable[Task] = (), **params: Any) -> None:
        super().__init__(**params)
        self._tasks = {task.id: task for task in tasks}
        self.table = pn.widgets.Tabulator(
            self._frame(),
            disabled=True,
            show_index=False,
            theme="simple",
            layout="fit_columns",
            pagination="local",
            page_size=20,
            selectable=1,
            sizing_mode="stretch_width",
            titles={name: title for name, (title, _, _) in COLUMNS.items()},
            widths={name: width for name, (_, width, _) in COLUMNS.items() if width},
            formatters={
                "state": {"type": "html"},
                "progress": {"type": "progress", "max": 100, "color": "#3d93c6"},
            },
            configuration={
                "responsiveLayout": "hide",
                "columns": [
                    {"field": name, "responsive": order, "minWidth": width or 140}
                    for name, (_, width, order) in COLUMNS.items()
                ],
                "placeholder": "No tasks. What is submitted on the Request page appears here.",
            },
            stylesheets=[STYLE],
            margin=(4, 8),
        )
        self.table.on_click(self._tapped)
        self.param.watch(self._redraw, ["state", "text", "client"])

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        search = pmui.TextInput.from_param(
            self.param.text,
            label="Search tasks",
            description="",
            size="small",
            sizing_mode="stretch_width",
            margin=(8, 8),
        )
        states = pmui.Select.from_param(
            self.param.state, label="State", description="", size="small", width=150, margin=(8, 8)
        )
        bar = pmui.Row(search, states, sizing_mode="stretch_width", margin=0)
        return pmui.Column(bar, self.table, sizing_mode="stretch_width", margin=0)

    def hear(self, news: News) -> None:
        """Take tasks that are new or have changed."""
        shown = set(self.table.value.index)
        self._tasks |= news
        wanted = {task.id for task in self._wanted()}
        if shown != wanted:
            self._redraw()
            return
        changes: dict[str, list[tuple[str, Any]]] = {
            name: [] for name in ("state", "progress", "time")
        }
        for key in news.keys() & shown:
            row = _row(news[key])
            for name in changes:
                changes[name].append((key, row[name]))
        if changes["state"]:
            self.table.patch(changes)

    def _wanted(self) -> list[Task]:
        found = [
            task
            for task in self._tasks.values()
            if self.state in ("", str(task.state))
            and self.client in ("", task.client)
            and self.text.casefold() in _words(task)
        ]
        return sorted(found, key=lambda task: task.submitted, reverse=True)[:MOST]

    def _frame(self) -> pd.DataFrame:
        tasks = self._wanted()
        rows = [_row(task) for task in tasks]
        index = pd.Index([task.id for task in tasks], name="id", dtype=object)
        return pd.DataFrame(rows, columns=list(COLUMNS), index=index)

    def _redraw(self, *events: Any) -> None:
        self.table.value = self._frame()

    def _tapped(self, event: Any) -> None:
        self.chosen = str(self.table.value.index[event.row])


def _row(task: Task) -> dict[str, Any]:
    asked = task.request
    share = f" {task.progress:.0%}" if task.state is TaskState.RUNNING else ""
    return {
        "state": f'<span class="state {task.state}">{task.state}{share}</span>',
        "progress": round(100 * task.progress),
        "time": left(task) or took(task),
        "area": html.escape(asked.area_title),
        "dataset": asked.dataset,
        "operation": asked.operation,
        "period": asked.period.replace("/", " to "),
        "submitted": moment(task.submitted),
        "client": task.client,
    }


def _words(task: Task) -> str:
    asked = task.request
    words = (task.id, asked.dataset, asked.operation, asked.area_title, asked.period, task.client)
    return " ".join(words).casefold()
