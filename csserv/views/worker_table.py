"""A table of workers: what each one does, how much memory it uses, since when."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import panel as pn
import param

from csserv.tasks.workers import WorkerInfo
from csserv.views.words import moment

#: column → title, width [px] or None for what is left, and when it gives way on a narrow screen:
#: the highest first
COLUMNS: dict[str, tuple[str, int | None, int]] = {
    "state": ("State", 122, 0),
    "uuid": ("Worker", 104, 0),
    "task": ("Task in hand", None, 1),
    "memory": ("Memory", 186, 2),
    "done": ("Blocks done", 136, 4),
    "host": ("Machine", 120, 5),
    "since": ("Since (UTC)", 172, 3),
}

#: state → sign, and what it means
SIGNS = {
    "idle": ("○", "waits for work"),
    "busy": ("▶", "works on a task"),
    "draining": ("↓", "finishes its block and goes"),
    "silent": ("?", "does not answer: it hangs, or its machine is out of reach"),
}

STYLE = (Path(__file__).parent / "workers.css").read_text(encoding="utf-8")

#: letters of a uuid that tell workers apart
SHORT = 8


class WorkerTable(pn.viewable.Viewer):
    """Workers, in the order of their uuids; ``chosen`` are the uuids of those that were tapped."""

    chosen = param.List(default=[], item_type=str)

    def __init__(self, link: str = "?page=result&task=", **params: Any) -> None:
        """Take the address of a task's page, but for the id at its end."""
        super().__init__(**params)
        self._link = link
        self.table = pn.widgets.Tabulator(
            _frame([]),
            disabled=True,
            show_index=False,
            theme="simple",
            layout="fit_columns",
            selectable="toggle",
            sizing_mode="stretch_width",
            titles={name: title for name, (title, _, _) in COLUMNS.items()},
            widths={name: width for name, (_, width, _) in COLUMNS.items() if width},
            formatters={name: {"type": "html"} for name in ("state", "uuid", "task", "memory")},
            configuration={
                "responsiveLayout": "hide",
                "columns": [
                    {"field": name, "responsive": order, "minWidth": width or 105}
                    for name, (_, width, order) in COLUMNS.items()
                ],
                "placeholder": "No workers. Tasks wait until some are started.",
            },
            stylesheets=[STYLE],
            margin=(4, 8),
        )
        self.table.param.watch(self._tapped, "selection")
        self.param.watch(lambda event: self._mark(), "chosen")

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return self.table

    def show(self, workers: Iterable[WorkerInfo], titles: Mapping[str, str]) -> None:
        """Show workers as they now are; ``titles`` say what tasks ask, by id."""
        rows = [self._row(one, titles) for one in workers]
        before, after = self.table.value, _frame(rows)
        if list(before.index) != list(after.index):
            chosen = [name for name in self.chosen if name in after.index]
            self.table.value = after
            self.chosen = chosen
            self._mark()
            return
        changed = {
            name: [
                (key, after.loc[key, name])
                for key in after.index
                if before.loc[key, name] != after.loc[key, name]
            ]
            for name in COLUMNS
        }
        if changes := {name: cells for name, cells in changed.items() if cells}:
            self.table.patch(changes)

    def _row(self, worker: WorkerInfo, titles: Mapping[str, str]) -> dict[str, Any]:
        sign, meaning = SIGNS.get(worker.state, ("", ""))
        name = html.escape(worker.uuid)
        task = html.escape(worker.task)
        title = html.escape(titles.get(worker.task, worker.task))
        return {
            "key": worker.uuid,
            "state": f'<span class="state {worker.state}" title="{meaning}">'
            f'<span aria-hidden="true">{sign}</span> {worker.state}</span>',
            "uuid": f'<span class="uuid" title="{name}">{name[:SHORT]}</span>',
            "task": f'<a href="{self._link}{task}" title="{title}">{title}</a>' if task else "",
            "memory": memory_bar(worker.memory, worker.memory_limit),
            "done": worker.done,
            "host": worker.host,
            "since": moment(worker.since),
        }

    def _tapped(self, event: Any) -> None:
        index = self.table.value.index
        self.chosen = [str(index[place]) for place in sorted(event.new) if place < len(index)]

    def _mark(self) -> None:
        """Mark the rows of those that are chosen."""
        index = self.table.value.index
        places = [place for place, name in enumerate(index) if name in self.chosen]
        if sorted(self.table.selection) != places:
            self.table.selection = places


def memory_bar(used: int, limit: int) -> str:
    """Draw the memory that is used as a part of what may be, in HTML."""
    mib = f"{used / 2**20:,.0f}"
    if not limit:
        return f"{mib} MiB"
    share = min(1.0, used / limit)
    high = " high" if share > 0.8 else ""
    return (
        f'<span class="bar{high}"><span style="width:{share:.0%}"></span></span>'
        f'<span class="amount">{mib} of {limit / 2**20:,.0f} MiB</span>'
    )


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    index = pd.Index([row["key"] for row in rows], name="key", dtype=object)
    return pd.DataFrame(rows, columns=list(COLUMNS), index=index)
