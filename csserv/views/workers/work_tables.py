"""Key figures and tables for admins: queue, throughput, failures, disk use."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import panel as pn

from csserv.language import local_number, tr, trn
from csserv.tasks.log.disk_use import SOON, DiskUse
from csserv.tasks.log.figures import Failure, Queue, Throughput
from csserv.tasks.log.overview import RecentWork
from csserv.views.parts.amounts import counted, size
from csserv.views.parts.key_figures import KeyFigure
from csserv.views.tasks.task_texts import time_span, utc_time

TABLE_STYLE = """
table { border-collapse: collapse; font-size: 14px; width: 100%; }
th { font-weight: 600; text-align: start; }
th, td { border-bottom: 1px solid #8883; padding: 7px 8px; vertical-align: top; }
td { overflow-wrap: anywhere; }
td.number, th.number { text-align: end; white-space: nowrap; }
td.moment { white-space: nowrap; }
a { color: inherit; }
p { font-size: 14px; margin: 4px 0 8px; overflow-wrap: anywhere; }
"""


def work_figures(queue: Queue, work: RecentWork, disk_use: DiskUse) -> list[KeyFigure]:
    """Return key figures of tasks waiting, done and failed, and of results kept."""
    runs = [tr("{count} running", count=queue.running)]
    if queue.queued:
        runs.append(tr("the oldest waits {time}", time=time_span(queue.waiting)))
    return [
        KeyFigure(tr("Waiting"), counted(queue.queued, "task"), tr("; ").join(runs)),
        _done(tr("Done in the last hour"), work.hour),
        _done(tr("Done in the last 24 hours"), work.day),
        _failed(work.day),
        KeyFigure(
            tr("Results on disk"),
            size(disk_use.bytes),
            tr(
                "{results}; {size} are free",
                results=counted(disk_use.results, "result"),
                size=size(disk_use.free),
            ),
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
        said = tr("No task has failed in the last {days} days.", days=days)
        return f"<p>{said}</p>"
    rows = (
        f"<tr><td title='{html.escape(one.error, quote=True)}'>{html.escape(one.reason)}</td>"
        f"<td class='number'>{one.count:,}</td><td class='moment'>"
        f"<a href='{link}{html.escape(one.example, quote=True)}'>{utc_time(one.latest)[:16]}</a>"
        "</td></tr>"
        for one in failures
    )
    return _table((tr("Reason"), tr("Failed"), tr("Latest (UTC)")), rows)


def disk_table(disk_use: DiskUse, most: int = 8) -> str:
    """Write the disk use of results by dataset as an HTML table, the largest ``most`` first."""
    if not disk_use.results:
        said = tr("There are no results on the disk.")
        return f"<p>{said}</p>"
    shown = list(disk_use.by_dataset[:most])
    if rest := disk_use.by_dataset[most:]:
        count, held = sum(row[1] for row in rest), sum(row[2] for row in rest)
        shown.append((tr("other datasets"), count, held))
    rows = (
        f"<tr><td>{html.escape(name)}</td><td class='number'>{count:,}</td>"
        f"<td class='number'>{size(held_bytes)}</td></tr>"
        for name, count, held_bytes in shown
    )
    return _table((tr("Dataset"), tr("Results"), tr("On disk")), rows)


def table_pane(**more: Any) -> pn.pane.HTML:
    """Return a pane for one of these tables."""
    style: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (2, 14, 12, 14)}
    return pn.pane.HTML("", stylesheets=[TABLE_STYLE], **style, **more)


def _done(name: str, done: Throughput) -> KeyFigure:
    if done.seconds is None:
        return KeyFigure(name, tr("no task"), tr("none has succeeded"))
    note = tr(
        "half took {time} or less; {size} read",
        time=time_span(done.seconds),
        size=size(done.bytes),
    )
    return KeyFigure(name, counted(done.succeeded, "task"), note)


def _failed(day: Throughput) -> KeyFigure:
    ended = day.succeeded + day.failed
    said = [tr("none ended")]
    if ended:
        share, number = f"{100 * day.failed / ended:.0f}", local_number(f"{ended:,}")
        said = [tr("{percent} % of {count} that ended", percent=share, count=number)]
    if day.cancelled:
        said.append(tr("{count} were cancelled", count=local_number(f"{day.cancelled:,}")))
    name = tr("Failed in the last 24 hours")
    return KeyFigure(name, counted(day.failed, "task"), tr("; ").join(said))


def _kept(disk_use: DiskUse) -> KeyFigure:
    if not disk_use.keep_days:
        return KeyFigure(tr("Results are kept"), tr("for ever"), tr("CSSERV_KEEP_DAYS is 0"))
    note = tr("none go in the next {days} days", days=SOON)
    if disk_use.soon:
        note = trn(
            "{count} result ({size}) goes in the next {days} days",
            "{count} results ({size}) go in the next {days} days",
            disk_use.soon,
            count=local_number(f"{disk_use.soon:,}"),
            size=size(disk_use.soon_bytes),
            days=SOON,
        )
    return KeyFigure(tr("Results are kept"), counted(disk_use.keep_days, "day"), note)


def _table(headings: Sequence[str], rows: Iterable[str]) -> str:
    first, *others = headings
    named = "".join(
        f"<th scope='col'{'' if '(UTC)' in one else ' class=number'}>{one}</th>" for one in others
    )
    return (
        f"<table><thead><tr><th scope='col'>{first}</th>{named}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
