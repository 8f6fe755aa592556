"""The table of tasks: what is in it, in which order, and what can be done with its rows."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from csserv import Area, Service, Task, TaskState
from csserv.errors import TaskExpiredError, TaskNotFoundError
from csserv.views.tasks.task_actions import Outcome, allowed_tasks, perform
from csserv.views.tasks.task_buttons import TaskButtons
from csserv.views.tasks.task_card import TaskCard
from csserv.views.tasks.task_rows import COLUMNS, RowFilter, row, sort_tasks
from csserv.views.tasks.task_table import NO_TASKS, NONE_FITS, ROWS_PER_PAGE, TaskTable
from csserv.views.tasks.task_texts import title, unavailable
from csserv.views.tasks.workers_at_work import WorkersAtWork

BOX = Area.from_box(30, 0, 32, 2)


def submit(service: Service, client: str = "", day: int = 1) -> Task:
    period = f"2019-01-{day:02}"
    return service.submit("rain", "mean", BOX, period, client=client)


def test_row_says_what_a_task_is_and_who_works_on_it(service: Service):
    task = replace(submit(service, "amina").claimed(60), done=1, total=4)
    found = dict(zip(COLUMNS, row(task, {task.id: ["0b6f9d2e-6a0c"]})[2:], strict=True))
    assert found["progress"].startswith("25%, ")
    assert found["progress"].endswith(" left")
    del found["progress"], found["submitted"]
    assert list(found.values()) == [
        *("running", "box 30 0 32 2", "rain", "mean", "2019-01-01 to 2019-01-01"),
        "as the data",
        *("amina", "0b6f9d2e"),
    ]


def test_an_index_is_told_from_the_values_that_it_is_of(service: Service):
    task = submit(service)
    dry = replace(task, request=replace(task.request, options={"index": "spi", "accumulate": 3}))
    assert title(task) == "mean of rain, box 30 0 32 2"
    assert title(dry) == "index spi of rain, box 30 0 32 2"
    assert row(dry, {})[2 + list(COLUMNS).index("operation")] == "mean, index spi"
    assert [RowFilter(text="SPI").matches(one) for one in (task, dry)] == [False, True]


def test_card_says_why_there_is_no_result_and_what_to_do(service: Service):
    spell = "<img src=x onerror=alert(1)>"
    card = TaskCard(service)
    card.task = submit(service).claimed(60).ended(TaskState.FAILED, error=f"cannot read {spell}")
    assert card.error.object == "Cannot read &lt;img src=x onerror=alert(1)&gt;."
    assert "Run it again once the reason has passed" in card.advice.object
    card.task = service.cancel(submit(service, spell))
    assert spell not in card.facts.object
    assert '<span class="state cancelled">cancelled</span>' in card.state.object
    assert not card.error.visible
    assert "as the task was cancelled. Run it again" in card.advice.object
    assert "Ask again" in unavailable(TaskExpiredError("task 1 ended on 2026-05-09"))
    assert "home" not in unavailable(TaskNotFoundError("no task '1' in /home/task_log.json"))


def test_tasks_are_filtered_and_sorted(service: Service):
    tasks = [submit(service, who) for who in ("b", "a", "c")]
    cancelled = service.cancel(tasks[2])
    every = [*tasks[:2], cancelled]
    assert [one.client for one in sort_tasks(every, "client")] == ["a", "b", "c"]
    assert [one.client for one in sort_tasks(every, "-submitted")] == ["c", "a", "b"]
    assert [one for one in every if RowFilter(state="cancelled").matches(one)] == [cancelled]
    assert [one for one in every if RowFilter(client="a").matches(one)] == [tasks[1]]
    assert [one for one in every if RowFilter(text="BOX 30").matches(one)] == every
    assert not [one for one in every if RowFilter(dataset="snow").matches(one)]


def test_table_shows_news_forgets_what_is_gone_and_pages(service: Service):
    tasks = [submit(service, day=1 + i % 28) for i in range(ROWS_PER_PAGE + 2)]
    table = TaskTable(tasks[:-1], client="me")
    table.update({tasks[-1].id: tasks[-1]})
    assert len(table.grid.rows) == ROWS_PER_PAGE
    assert table.grid.rows[0][0] == tasks[-1].id
    table.pages.value = 1
    assert len(table.grid.rows) == 2
    table.grid.selected = [tasks[0].id]
    assert table.selected == [tasks[0]]
    cancelled = service.cancel(tasks[0])
    table.update({cancelled.id: cancelled})
    assert table.selected == [cancelled]
    table.state = str(TaskState.CANCELLED)
    assert [one[0] for one in table.grid.rows] == [cancelled.id]
    table.remove([cancelled])
    assert (table.grid.rows, table.selected, table.grid.selected) == ([], [], [])
    assert table.grid.empty == NONE_FITS
    table.param.update(state="", mine=True)
    assert table.grid.rows == []
    assert TaskTable([]).grid.empty == NO_TASKS


def test_acts_are_done_with_those_tasks_that_they_fit(service: Service):
    tasks = [submit(service, "amina", day) for day in (1, 2)]
    assert allowed_tasks(service, "delete", tasks) == []
    outcome = perform(service, "cancel", tasks)
    ended = outcome.made
    assert [one.state for one in ended] == [TaskState.CANCELLED] * 2
    again = perform(service, "again", ended).made
    assert [one.request.fingerprint for one in again] == [one.request.fingerprint for one in tasks]
    assert {one.client for one in again} == {"amina"}
    outcome = perform(service, "delete", [ended[0], again[0], ended[1]])
    assert outcome.done == ended
    [problem] = outcome.problems
    assert "cancel it first" in problem
    assert {one.id for one in service.tasks()} == {one.id for one in again}


def test_a_fetch_is_queued_again_as_a_fetch_and_cannot_be_changed_into_a_request(
    service: Service,
) -> None:
    task = service.cancel(service.fetch("tamsat", "2024", box=(33, -5, 42, 6)))
    buttons = TaskButtons(service, on_change=lambda task: None, tasks=[task])
    assert not buttons.change.visible
    (again,) = perform(service, "again", [task]).made
    assert again.request == task.request
    assert again.request.fetch["box"] == [33.0, -5.0, 42.0, 6.0]


def test_deleting_asks_first(service: Service):
    ended = service.cancel(submit(service))
    told: list[tuple[str, Outcome]] = []
    buttons = TaskButtons(service, on_done=lambda *what: told.append(what), tasks=[ended])
    visible = {name: one.visible for name, one in buttons.buttons.items()}
    assert visible == {"cancel": False, "again": True, "delete": True}

    async def press() -> None:
        buttons.buttons["delete"].clicks += 1
        assert service.task(ended) == ended
        buttons.sure.clicks += 1
        for _ in range(600):
            await asyncio.sleep(0.1)
            if told:
                break

    asyncio.run(press())
    assert [(name, outcome.done) for name, outcome in told] == [("delete", [ended])]
    with pytest.raises(Exception, match="no task"):
        service.task(ended)


def test_nobody_works_where_no_runner_does(service: Service):
    assert WorkersAtWork(service).refresh() == {}
