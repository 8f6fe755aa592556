"""The workers as they are shown: in words, and only done with what one may."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

from bokeh.models import ColumnDataSource

from csserv import Service
from csserv.access import Caller, Role
from csserv.guarded import GuardedService
from csserv.language import Language, speaking
from csserv.tasks.cluster.dask_pages import WebPages
from csserv.tasks.cluster.worker_info import WorkerInfo
from csserv.tasks.log.disk_use import DiskUse
from csserv.tasks.log.figures import Failure, Queue, Throughput
from csserv.tasks.log.overview import RecentWork
from csserv.tasks.log.usage import OTHERS, Usage
from csserv.views.workers.pool_snapshot import PoolSnapshot, sentences
from csserv.views.workers.pool_view import PoolView
from csserv.views.workers.usage_chart import usage_chart
from csserv.views.workers.work_tables import failure_table, work_figures
from csserv.views.workers.worker_table import WorkerTable, memory_bar, worker_table

IDLE = WorkerInfo("idle-1", "h", "idle", "", 0, 2**27, 2**30, "2026-03-01T12:00:00Z", "")
BUSY = replace(IDLE, uuid="busy-2", state="busy", task="t<1>")


def test_what_one_may_not_do_is_not_done_and_told(service: Service):
    view = PoolView(GuardedService(service, lambda: Caller("eve", Role.SUBMITTER)))
    view.snapshot = PoolSnapshot((IDLE,))
    view.selected.value = [IDLE.uuid]
    for press in (view._start, view._on_selected("drain"), view._all(now=True)):
        view.problem = ""
        asyncio.run(press(None))
        assert view.problem == "this needs the role admin or higher; eve is submitter"
    assert not (service.settings.home / "workers.log").exists()


def test_without_a_runner_the_page_says_so(service: Service):
    view = PoolView(service)
    asyncio.run(view.refresh())
    assert "no runner works in" in view.snapshot.problem
    assert view.buttons["start"].disabled
    assert sentences(view.snapshot) == []


def test_what_was_chosen_stays_so_while_workers_come_and_go(service: Service):
    view = PoolView(service)
    view.snapshot = PoolSnapshot((BUSY, IDLE))
    assert view.buttons["drain"].disabled
    view.selected.value = [IDLE.uuid]
    view.snapshot = PoolSnapshot((BUSY, replace(IDLE, state="draining")))
    assert view.selected.value == [IDLE.uuid]
    view.snapshot = PoolSnapshot((IDLE,))
    assert list(view.selected.options.values()) == view.selected.value == [IDLE.uuid]
    assert not view.buttons["drain"].disabled
    view.snapshot = PoolSnapshot((BUSY,))
    assert view.selected.value == []
    assert view.buttons["drain"].disabled


def test_who_is_set_aside_is_told_with_the_reason_and_all_of_them_as_such():
    why = "chirps: does not see the data: <a>.nc is gone"
    aside = replace(IDLE, uuid="blind", state="aside", set_aside=why)
    shown = worker_table([aside, replace(BUSY, set_aside="heat: hangs")], {}, "?task=")
    assert "aside</span>" in shown
    assert "set aside: chirps: does not see the data: &lt;a&gt;.nc is gone" in shown
    assert "busy</span>" in shown
    assert "set aside: heat: hangs" in shown
    assert sentences(PoolSnapshot((aside, IDLE))) == ["2 workers: 1 idle, 1 aside."]
    assert "All are set aside: tasks wait" in sentences(PoolSnapshot((aside,)))[1]


def test_a_table_of_workers_is_text_not_markup():
    odd = replace(BUSY, uuid="<i>'odd'</i>", host="<host>", state="<state>")
    table = worker_table([odd], {"t<1>": "mean of rain, <b>A</b>"}, "?task=")
    assert "<a href='?task=t&lt;1&gt;'>mean of rain, &lt;b&gt;A&lt;/b&gt;</a>" in table
    assert not any(given in table for given in ("<i>", "'odd'", "<host>", "<state>"))


def test_a_table_is_sent_again_only_when_something_is_to_be_seen():
    table, sent = WorkerTable(), []
    table.pane.param.watch(lambda event: sent.append(event.new), "object")
    assert "No workers" in table.pane.object
    for memory, done in ((2**27, 0), (2**27 + 1000, 0), (2**27, 1_000), (2**27, 1_000)):
        table.show([replace(IDLE, memory=memory, done=done)], {})
    assert len(sent) == 2
    assert ">1,000<" in sent[1]


def test_workers_and_those_on_their_way_are_counted():
    said = sentences(PoolSnapshot((BUSY, IDLE, IDLE), starting=1, overdue=1))
    assert said[:2] == ["3 workers: 2 idle, 1 busy.", "1 more started, on the way."]
    assert "workers.log" in said[2]


def test_datasets_that_are_counted_together_are_called_so_in_the_language():
    usage = Usage((date(2026, 3, 1),), {"chirps": (2,), OTHERS: (1,)})
    with speaking(Language.of("fr")):
        chart = usage_chart(usage, ColumnDataSource())
    (legend,) = chart.legend
    assert [item.label["value"] for item in legend.items] == ["chirps", "autres jeux de données"]


def test_memory_near_its_limit_stands_out():
    assert "130 MB of 1.1 GB" in memory_bar(2**27, 2**30)
    assert "high" in memory_bar(2**30 - 1, 2**30)
    assert memory_bar(2**27, 0) == "130 MB"


def test_figures_say_their_units_and_what_goes():
    none = Throughput(1, 0, 0, 0, 0, 0, None)
    day = Throughput(24, 30, 10, 1, 900, 3_000_000_000, 75.0)
    disk_use = DiskUse(12, 5_000_000, (("rain", 12, 5_000_000),), 10**12, 90, 2, 70_000)
    cards = work_figures(Queue(3, 1, 90.0), RecentWork(none, day, ()), disk_use)
    told = [(one.value, one.note) for one in cards]
    assert told == [
        ("3 tasks", "1 running; the oldest waits 1 min 30 s"),
        ("no task", "none has succeeded"),
        ("30 tasks", "half took 1 min 15 s or less; 3.0 GB read"),
        ("10 tasks", "25 % of 40 that ended; 1 were cancelled"),
        ("5.0 MB", "12 results; 1.0 TB are free"),
        ("90 days", "2 results (70 kB) go in the next 7 days"),
    ]


def test_errors_are_text_not_markup():
    found = Failure("<script>", 2, "2026-03-01T12:00:00.000Z", "id", "'><script>")
    shown = failure_table([found], 30, "?task=")
    assert "<script>" not in shown
    assert "href='?task=id'>2026-03-01 12:00<" in shown


def test_an_address_that_all_can_reach_is_that_of_the_scheduler():
    found = {"host": "0.0.0.0", "port": 8787, "scheme": "http"}
    assert WebPages.of("tls://rain:8786", found) == WebPages("http://rain:8787/status", False)
    private = WebPages.of("tcp://rain:8786", found | {"host": "::1"})
    assert private == WebPages("http://[::1]:8787/status", True)
