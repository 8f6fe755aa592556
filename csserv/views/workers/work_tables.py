"""Key figures and tables for admins: queue, throughput, failures, disk use."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import panel as pn

from csserv.tasks.log.disk_use import SOON, DiskUse
from csserv.tasks.log.figures import Failure, Queue, Throughput
from csserv.tasks.log.overview import RecentWork
from csserv.views.parts.amounts import counted, size
from csserv.views.parts.key_figures import KeyFigure
from csserv.views.tasks.task_texts import time_span, utc_time

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


def work_figures(queue: Queue, work: RecentWork, disk_use: DiskUse) -> list[KeyFigure]:
    """Return key figures of tasks waiting, done and failed, and of results kept."""
    waits = f"; the oldest waits {time_span(queue.waiting)}" if queue.queued else ""
    return [
        KeyFigure("Waiting", counted(queue.queued, "task"), f"{queue.running} running{waits}"),
        _done("Done in the last hour", work.hour),
        _done("Done in the last 24 hours", work.day),
        _failed(work.day),
        KeyFigure(
            "Results on disk",
            size(disk_use.bytes),
            f"{counted(disk_use.results, 'result')}; {size(disk_use.free)} are free",
        ),
        _kept(disk_use),
    ]


def failure_table(failures: Sequence[Failure], days: int, link: str) -> str:
    """Write failures by reason as an HTML table.

    Parameters
    ----------
    days : time that the failures are from [days]
    link : address of the page of a task, without the id at its end
    """
    if not failures:
        return f"<p>No task has failed in the last {days} days.</p>"
    rows = (
        f"<tr><td title='{html.escape(one.error, quote=True)}'>{html.escape(one.reason)}</td>"
        f"<td class='number'>{one.count:,}</td><td class='moment'>"
        f"<a href='{link}{html.escape(one.example, quote=True)}'>{utc_time(one.latest)[:16]}</a>"
        "</td></tr>"
        for one in failures
    )
    return _table(("Reason", "Failed", "Latest (UTC)"), rows)


def disk_table(disk_use: DiskUse, most: int = 8) -> str:
    """Write the disk use of results by dataset as an HTML table, the largest ``most`` first."""
    if not disk_use.results:
        return "<p>There are no results on the disk.</p>"
    shown = list(disk_use.by_dataset[:most])
    if rest := disk_use.by_dataset[most:]:
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
    note = f"half took {time_span(done.seconds)} or less; {size(done.bytes)} read"
    return KeyFigure(name, counted(done.succeeded, "task"), note)


def _failed(day: Throughput) -> KeyFigure:
    ended = day.succeeded + day.failed
    share = f"{100 * day.failed / ended:.0f} % of {ended:,} that ended" if ended else "none ended"
    gone = f"; {day.cancelled:,} were cancelled" if day.cancelled else ""
    return KeyFigure("Failed in the last 24 hours", counted(day.failed, "task"), f"{share}{gone}")


def _kept(disk_use: DiskUse) -> KeyFigure:
    if not disk_use.keep_days:
        return KeyFigure("Results are kept", "for ever", "CSSERV_KEEP_DAYS is 0")
    goes = (
        f"{counted(disk_use.soon, 'result')} ({size(disk_use.soon_bytes)})"
        if disk_use.soon
        else "none"
    )
    verb = "goes" if disk_use.soon == 1 else "go"
    note = f"{goes} {verb} in the next {SOON} days"
    return KeyFigure("Results are kept", counted(disk_use.keep_days, "day"), note)


def _table(headings: Sequence[str], rows: Iterable[str]) -> str:
    first, *others = headings
    named = "".join(
        f"<th scope='col'{'' if '(UTC)' in one else ' class=number'}>{one}</th>" for one in others
    )
    return (
        f"<table><thead><tr><th scope='col'>{first}</th>{named}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
