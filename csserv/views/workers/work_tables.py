"""What an administrator reads first: queue, work done, failures, and what the disk holds."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import panel as pn

from csserv.tasks.log.disk_use import SOON, DiskUse
from csserv.tasks.log.figures import Failure, Queue, Throughput
from csserv.tasks.log.overview import RecentWork
from csserv.views.parts.amounts import several, size
from csserv.views.parts.key_figures import KeyFigure
from csserv.views.tasks.task_texts import moment, span

TABLE_STYLE = """
table { border-collapse: collapse; font-size: 14px; width: 100%; }
th { font-weight: 600; text-align: left; }
th, td { border-bottom: 1px solid #8883; padding: 7px 8px; vertical-align: top; }
td { overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.moment { white-space: nowrap; }
a { color: inherit; }
p { font-size: 14px; margin: 4px 0 8px; overflow-wrap: anywhere; }
"""


def work_figures(queue: Queue, work: RecentWork, held: DiskUse) -> list[KeyFigure]:
    """Say how much waits, was done, failed, and is kept."""
    waits = f"; the oldest waits {span(queue.waiting)}" if queue.queued else ""
    return [
        KeyFigure("Waiting", several(queue.queued, "task"), f"{queue.running} running{waits}"),
        _done("Done in the last hour", work.hour),
        _done("Done in the last 24 hours", work.day),
        _failed(work.day),
        KeyFigure(
            "Results on disk",
            size(held.bytes),
            f"{several(held.results, 'result')}; {size(held.free)} are free",
        ),
        _kept(held),
    ]


def failure_table(found: Sequence[Failure], days: int, link: str) -> str:
    """Write failures by reason as an HTML table; ``link`` + id is the page of a task."""
    if not found:
        return f"<p>No task has failed in the last {days} days.</p>"
    rows = (
        f"<tr><td title='{html.escape(one.error, quote=True)}'>{html.escape(one.reason)}</td>"
        f"<td class='number'>{one.count:,}</td><td class='moment'>"
        f"<a href='{link}{html.escape(one.example, quote=True)}'>{moment(one.latest)[:16]}</a>"
        "</td></tr>"
        for one in found
    )
    return _table(("Reason", "Failed", "Latest (UTC)"), rows)


def disk_table(held: DiskUse, most: int = 8) -> str:
    """Write what the results of each dataset hold as an HTML table, the largest first."""
    if not held.results:
        return "<p>There are no results on the disk.</p>"
    shown = list(held.by_dataset[:most])
    if rest := held.by_dataset[most:]:
        shown.append(("other datasets", sum(row[1] for row in rest), sum(row[2] for row in rest)))
    rows = (
        f"<tr><td>{html.escape(name)}</td><td class='number'>{count:,}</td>"
        f"<td class='number'>{size(held_bytes)}</td></tr>"
        for name, count, held_bytes in shown
    )
    return _table(("Dataset", "Results", "On disk"), rows)


def table_pane(**more: Any) -> pn.pane.HTML:
    """Return a pane for one of these tables."""
    style: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (2, 14, 12, 14)}
    return pn.pane.HTML("", stylesheets=[TABLE_STYLE], **style, **more)


def _done(name: str, done: Throughput) -> KeyFigure:
    if done.seconds is None:
        return KeyFigure(name, "no task", "none has succeeded")
    note = f"half took {span(done.seconds)} or less; {size(done.bytes)} read"
    return KeyFigure(name, several(done.succeeded, "task"), note)


def _failed(day: Throughput) -> KeyFigure:
    ended = day.succeeded + day.failed
    share = f"{100 * day.failed / ended:.0f} % of {ended:,} that ended" if ended else "none ended"
    gone = f"; {day.cancelled:,} were cancelled" if day.cancelled else ""
    return KeyFigure("Failed in the last 24 hours", several(day.failed, "task"), f"{share}{gone}")


def _kept(held: DiskUse) -> KeyFigure:
    if not held.keep_days:
        return KeyFigure("Results are kept", "for ever", "CSSERV_KEEP_DAYS is 0")
    goes = f"{several(held.soon, 'result')} ({size(held.soon_bytes)})" if held.soon else "none"
    verb = "goes" if held.soon == 1 else "go"
    note = f"{goes} {verb} in the next {SOON} days"
    return KeyFigure("Results are kept", several(held.keep_days, "day"), note)


def _table(headings: Sequence[str], rows: Iterable[str]) -> str:
    first, *others = headings
    named = "".join(
        f"<th scope='col'{'' if '(UTC)' in one else ' class=number'}>{one}</th>" for one in others
    )
    return (
        f"<table><thead><tr><th scope='col'>{first}</th>{named}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
