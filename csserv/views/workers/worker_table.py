"""The HTML table of workers: state, task, memory, blocks done, machine, start."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path

import panel as pn

from csserv.language import mark, tr
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.views.parts.amounts import size
from csserv.views.tasks.task_texts import utc_time

#: column → heading
COLUMNS = {
    "state": mark("State"),
    "name": mark("Worker"),
    "task": mark("Task in hand"),
    "memory": mark("Memory"),
    "done": mark("Blocks done"),
    "host": mark("Machine"),
    "since": mark("Started (UTC)"),
}

#: state → sign, meaning
SIGNS = {
    "idle": ("○", mark("waits for work")),
    "busy": ("▶", mark("works on a task")),
    "draining": ("↓", mark("finishes its block and goes")),
    "aside": (
        "✕",
        mark("gets no work until it has proved itself; the runner tries it now and then"),
    ),
    "silent": ("?", mark("does not answer: it hangs, or its machine is out of reach")),
}

STYLE = (Path(__file__).parent / "worker_table.css").read_text(encoding="utf-8")

NO_WORKERS = mark("No workers. Tasks wait until some are started.")

#: the table, for those who do not see it
TABLE = mark("Workers")

#: states of workers, as they are said
STATES = (mark("idle"), mark("busy"), mark("draining"), mark("aside"), mark("silent"))

#: memory is rounded to this, so that the table does not change all the time [bytes]
MEMORY_STEP = 10_000_000


class WorkerTable(pn.viewable.Viewer):
    """Shows workers in the order in which they are given.

    Parameters
    ----------
    link : address of the page of a task, without the id at its end
    """

    def __init__(self, link: str = "?page=result&task=") -> None:
        super().__init__()
        self._link = link
        self.pane = pn.pane.HTML(
            _none(), stylesheets=[STYLE], sizing_mode="stretch_width", margin=(4, 12)
        )

    def __panel__(self) -> pn.viewable.Viewable:
        """Return the table."""
        return self.pane

    def show(self, workers: Iterable[WorkerInfo], titles: Mapping[str, str]) -> None:
        """Show workers; ``titles`` maps ids of tasks to titles."""
        # nothing is sent to the browser if the text is the same
        self.pane.object = worker_table(workers, titles, self._link)


def worker_table(workers: Iterable[WorkerInfo], titles: Mapping[str, str], link: str) -> str:
    """Write workers as an HTML table; for the parameters see ``WorkerTable``."""
    rows = [_row(one, titles.get(one.task, one.task), link) for one in workers]
    if not rows:
        return _none()
    titles_of = {key: tr(head) for key, head in COLUMNS.items()}
    heads = "".join(f"<th scope='col' class='{key}'>{head}</th>" for key, head in titles_of.items())
    return (
        f"<table aria-label='{html.escape(tr(TABLE), quote=True)}'><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def memory_bar(used: int, limit: int) -> str:
    """Draw used memory as a bar in HTML; ``used`` and ``limit`` [bytes], a limit of 0 is none."""
    used = max(1, round(used / MEMORY_STEP)) * MEMORY_STEP
    if not limit:
        return size(used)
    share = min(1.0, used / limit)
    said = tr("{used} of {limit}", used=size(used), limit=size(limit))
    high = " high" if share > 0.8 else ""
    return (
        f"<span class='bar{high}'><span style='width:{share:.0%}'></span></span>"
        f"<span class='amount'>{said}</span>"
    )


def short_name(name: str) -> str:
    """Return the first eight letters of a uuid; other names unchanged.

    >>> short_name("0b6f9d2e-6a0c-4a3c-9a51-7c1f9a0d7f11"), short_name("worker-on-rain")
    ('0b6f9d2e', 'worker-on-rain')
    """
    return name[:8] if len(name) == 36 else name


def _row(worker: WorkerInfo, title: str, link: str) -> str:
    sign, meaning = SIGNS.get(worker.state, ("", ""))
    name, task, state = map(_safe, (worker.uuid, worker.task, worker.state))
    cells = {
        "state": f"<span class='sign {state}' title='{_safe(tr(meaning))}'>"
        f"<span aria-hidden='true'>{sign}</span> {_safe(tr(worker.state))}</span>",
        "task": (f"<a href='{link}{task}'>{_safe(title)}</a>" if task else "") + _why(worker),
        "memory": memory_bar(worker.memory, worker.memory_limit),
        "done": f"{worker.done:,}" if worker.since else "",  # unknown of a silent worker
        "host": _safe(worker.host),
        "since": utc_time(worker.since),
    }
    head = f"<th scope='row' class='name' title='{name}'>{_safe(short_name(worker.uuid))}</th>"
    written = {key: f"<td class='{key}'>{cell}</td>" for key, cell in cells.items()}
    return f"<tr>{''.join((written | {'name': head})[key] for key in COLUMNS)}</tr>"


def _why(worker: WorkerInfo) -> str:
    """Say why a worker is set aside, below the task that it works on nevertheless."""
    said = worker.set_aside
    if not said:
        return ""
    why = tr("set aside: {why}", why=said)
    return f"<span class='why'>{_safe(why)}</span>"


def _none() -> str:
    return f"<p>{tr(NO_WORKERS)}</p>"


def _safe(text: str) -> str:
    return html.escape(text, quote=True)
