"""Actions on tasks: cancel, run again, delete; for one task or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from csserv.errors import CsservError
from csserv.language import mark
from csserv.request import Options
from csserv.service import Service
from csserv.tasks.log.task import SUMS, Task
from csserv.tasks.plan.preparation import ALL


@dataclass(frozen=True)
class Action:
    """An action on a task.

    Attributes
    ----------
    applies_to : whether the action makes sense for a task in its state
    permission : the method that the service must allow to the caller
    run : does it; returns the task that results, if any
    confirm : whether the user must confirm it
    """

    label: str
    icon: str
    applies_to: Callable[[Task], bool]
    permission: str
    run: Callable[[Service, Task], Task | None]
    confirm: bool = False


def submit_again(service: Service, task: Task) -> Task:
    """Submit the request of a task again, on the data as they are now."""
    request = task.request
    if request.fetch:
        return service.fetch(request.dataset, **request.fetch, client=task.client)
    if request.prepare == SUMS:
        step = Options.from_dict(request.options).time_step
        return service.make_sums(request.dataset, step, client=task.client)
    if request.prepare:
        return service.prepare(
            request.dataset,
            service.task_area(task),
            request.operation,
            None if request.prepare == ALL else request.period.replace(" ", ""),
            options=Options.from_dict(request.options),
            client=task.client,
        )
    return service.submit(
        request.dataset,
        request.operation,
        service.task_area(task),
        request.period.replace(" ", ""),
        options=Options.from_dict(request.options),
        client=task.client,
        priority=task.priority,
    )


def is_over(task: Task) -> bool:
    """Whether a task has ended."""
    return task.state.is_final


#: name → action
ACTIONS = {
    "cancel": Action(
        mark("Cancel"),
        "block",
        lambda task: not is_over(task),
        "cancel",
        lambda s, task: s.cancel(task),
    ),
    "again": Action(mark("Run again"), "replay", is_over, "submit", submit_again),
    "delete": Action(
        mark("Delete"),
        "delete",
        is_over,
        "delete",
        lambda service, task: service.delete(task),
        confirm=True,
    ),
}


@dataclass
class Outcome:
    """The outcome of an action: tasks it succeeded for, tasks that resulted, error messages."""

    done: list[Task] = field(default_factory=list)
    made: list[Task] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def allowed_tasks(service: Service, name: str, tasks: Iterable[Task]) -> list[Task]:
    """Return those of the tasks to which the caller may apply an action."""
    action = ACTIONS[name]
    return [
        task
        for task in tasks
        if action.applies_to(task) and not service.refusal(action.permission, task)
    ]


def perform(service: Service, name: str, tasks: Iterable[Task]) -> Outcome:
    """Apply an action to tasks, one after the other; an error does not stop the others."""
    outcome = Outcome()
    for task in tasks:
        try:
            made = ACTIONS[name].run(service, task)
        except CsservError as error:
            outcome.problems.append(str(error))
            continue
        outcome.done.append(task)
        if made is not None:
            outcome.made.append(made)
    return outcome
