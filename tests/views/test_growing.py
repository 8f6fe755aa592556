"""A chart that fills while its task runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from csserv import Area, Service
from csserv.errors import TaskExpiredError
from csserv.views.growing import Growing
from csserv.views.opened import known_so_far
from csserv.views.series import SeriesTable
from csserv.views.series_view import SeriesView
from tests.views.test_series import daily, many


def lengths(view: SeriesView) -> list[int]:
    """How long the lines of the chart are."""
    assert view._chart is not None
    return [len(line.data["time"]) for line, _ in view._chart._sources]


def test_lines_of_the_same_chart_grow(service: Service):
    task = service.submit("rain", "mean", Area.from_box(30, 0, 32, 2), "2019-01")
    known: list[SeriesTable | None] = [None, daily([1.0]), daily([1.0, 2.0]), many(40)]
    view, seen = SeriesView(), []

    async def show(table: SeriesTable) -> None:
        await view.grow(table)
        seen.append((id(view._chart), lengths(view)))

    async def run() -> None:
        growing = Growing(lambda task: known.pop(0), show, pause=0)
        while known:
            await growing.hear(task)

    asyncio.run(run())
    assert [size for _, size in seen] == [[1], [2], [3] * 12]
    assert seen[0][0] == seen[1][0]


def test_news_that_come_in_haste_are_looked_at_once_more(service: Service):
    task = service.submit("rain", "mean", Area.from_box(30, 0, 32, 2), "2019-01")
    reads: list[int] = []
    shown: list[int] = []

    def read(task: object) -> SeriesTable:
        reads.append(1)
        return daily([1.0] * len(reads))

    async def show(table: SeriesTable) -> None:
        shown.append(len(table.times))

    async def run() -> None:
        growing = Growing(read, show, pause=0.01)
        await asyncio.gather(*(growing.hear(replace(task, done=done)) for done in range(50)))

    asyncio.run(run())
    assert shown == [1, 2]


def test_nothing_is_shown_after_the_end(service: Service):
    task = service.submit("rain", "mean", Area.from_box(30, 0, 32, 2), "2019-01")
    shown: list[object] = []

    async def show(table: SeriesTable) -> None:
        shown.append(table)

    growing = Growing(lambda task: growing.stop() or daily([1.0]), show, pause=0)
    asyncio.run(growing.hear(task))
    assert shown == []


def test_nothing_is_known_of_a_task_that_waits_or_is_over(service: Service):
    task = service.submit("rain", "mean", Area.from_box(30, 0, 32, 2), "2019-01")
    assert known_so_far(service, task) is None
    assert known_so_far(service, service.cancel(task)) is None


def test_results_are_compared_zone_by_zone_and_those_that_are_gone_are_named():
    view = SeriesView()
    own = many(3)

    def gone() -> SeriesTable:
        raise TaskExpiredError("the result is no longer kept")

    async def run() -> None:
        await view.show(own, {"other": lambda: many(2), "gone": gone})
        view.zones = ["Zone 1"]
        view.compared = ["other", "gone"]
        async with asyncio.timeout(30):  # choices are drawn by tasks of their own
            while view._chart is None or len(view.tables()) < 2 or len(lengths(view)) != 2:
                await asyncio.sleep(0.01)

    asyncio.run(run())
    assert [table.zones for table in view.tables()] == [("Zone 1",), ("Zone 1",)]
    assert view._problem.object == "gone: the result is no longer kept"
    assert view._problem.visible
    assert view._axes.visible
