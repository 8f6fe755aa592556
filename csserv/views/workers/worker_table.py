"""A table of workers: what each one does, how much memory it uses, since when."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path

import panel as pn

from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.views.parts.amounts import size
from csserv.views.tasks.task_texts import utc_time

#: column → its heading
COLUMNS = {
    "state": "State",
    "name": "Worker",
    "task": "Task in hand",
    "memory": "Memory",
    "done": "Blocks done",
    "host": "Machine",
    "since": "Started (UTC)",
}

#: state → sign, and what it means
SIGNS = {
    "idle": ("○", "waits for work"),
    "busy": ("▶", "works on a task"),
    "draining": ("↓", "finishes its block and goes"),
    "silent": ("?", "does not answer: it hangs, or its machine is out of reach"),
}

STYLE = (Path(__file__).parent / "worker_table.css").read_text(encoding="utf-8")

NOBODY = "<p>No workers. Tasks wait until some are started.</p>"

#: memory is told in steps of so much, so that the table stands still while nothing happens [bytes]
STEP = 10_000_000


class WorkerTable(pn.viewable.Viewer):
    """Workers, in the order in which they are given."""

    def __init__(self, link: str = "?page=result&task=") -> None:
        """Take the address of a task's page, but for the id at its end."""
        super().__init__()
        self._link = link
        self.pane = pn.pane.HTML(
            NOBODY, stylesheets=[STYLE], sizing_mode="stretch_width", margin=(4, 12)
        )

    def __panel__(self) -> pn.viewable.Viewable:
        """Show it."""
        return self.pane

    def show(self, workers: Iterable[WorkerInfo], titles: Mapping[str, str]) -> None:
        """Show workers as they now are; ``titles`` say what tasks ask, by id."""
        # nothing is sent to the browser where the text is the same
        self.pane.object = worker_table(workers, titles, self._link)


def worker_table(workers: Iterable[WorkerInfo], titles: Mapping[str, str], link: str) -> str:
    """Write workers as an HTML table; ``link`` + id is the page of a task."""
    rows = [_row(one, titles.get(one.task, one.task), link) for one in workers]
    if not rows:
        return NOBODY
    heads = "".join(f"<th scope='col' class='{key}'>{head}</th>" for key, head in COLUMNS.items())
    return (
        f"<table aria-label='Workers'><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def memory_bar(used: int, limit: int) -> str:
    """Draw the memory that is used [bytes] as a part of what may be, in HTML."""
    used = max(1, round(used / STEP)) * STEP
    if not limit:
        return size(used)
    share = min(1.0, used / limit)
    high = " high" if share > 0.8 else ""
    return (
        f"<span class='bar{high}'><span style='width:{share:.0%}'></span></span>"
        f"<span class='amount'>{size(used)} of {size(limit)}</span>"
    )


def short(name: str) -> str:
    """Return the first letters of a uuid, which tell it from others; a given name stays whole.

    >>> short("0b6f9d2e-6a0c-4a3c-9a51-7c1f9a0d7f11"), short("worker-on-rain")
    ('0b6f9d2e', 'worker-on-rain')
    """
    return name[:8] if len(name) == 36 else name


def _row(worker: WorkerInfo, title: str, link: str) -> str:
    sign, meaning = SIGNS.get(worker.state, ("", ""))
    name, task, state = map(_safe, (worker.uuid, worker.task, worker.state))
    cells = {
        "state": f"<span class='sign {state}' title='{meaning}'>"
        f"<span aria-hidden='true'>{sign}</span> {state}</span>",
        "task": f"<a href='{link}{task}'>{_safe(title)}</a>" if task else "",
        "memory": memory_bar(worker.memory, worker.memory_limit),
        "done": f"{worker.done:,}" if worker.since else "",  # a silent one tells nothing
        "host": _safe(worker.host),
        "since": utc_time(worker.since),
    }
    head = f"<th scope='row' class='name' title='{name}'>{_safe(short(worker.uuid))}</th>"
    written = {key: f"<td class='{key}'>{cell}</td>" for key, cell in cells.items()}
    return f"<tr>{''.join((written | {'name': head})[key] for key in COLUMNS)}</tr>"


def _safe(text: str) -> str:
    return html.escape(text, quote=True)
