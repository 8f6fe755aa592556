"""What can be done with tasks: one table, for buttons on one task and on many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from csserv.errors import CsservError
from csserv.request import Options
from csserv.service import Service
from csserv.tasks.log.task import Task


@dataclass(frozen=True)
class Action:
    """Something that can be done with a task.

    Attributes
    ----------
    fits : whether it makes sense for a task as it stands
    needs : what the service must allow for it
    do : does it; returns the task that comes of it, if one does
    asks : whether a person is asked first
    """

    label: str
    icon: str
    fits: Callable[[Task], bool]
    needs: str
    do: Callable[[Service, Task], Task | None]
    asks: bool = False


def submit_again(service: Service, task: Task) -> Task:
    """Ask again what a task asked, of the data as they are now."""
    asked = task.request
    return service.submit(
        asked.dataset,
        asked.operation,
        service.task_area(task),
        asked.period.replace(" ", ""),
        options=Options.from_dict(asked.options),
        client=task.client,
        priority=task.priority,
    )


def is_over(task: Task) -> bool:
    """Whether a task has ended."""
    return task.state.is_final


#: name → what can be done with tasks that somebody has chosen
ACTS = {
    "cancel": Action(
        "Cancel", "block", lambda task: not is_over(task), "cancel", lambda s, task: s.cancel(task)
    ),
    "again": Action("Run again", "replay", is_over, "submit", submit_again),
    "delete": Action(
        "Delete", "delete", is_over, "delete", lambda service, task: service.delete(task), asks=True
    ),
}


@dataclass
class Outcome:
    """What came of it, task by task: those it was done with, new ones, and what went wrong."""

    done: list[Task] = field(default_factory=list)
    made: list[Task] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def allowed(service: Service, name: str, tasks: Iterable[Task]) -> list[Task]:
    """Return those of the tasks that something can be done with, by whoever asks."""
    act = ACTS[name]
    return [task for task in tasks if act.fits(task) and not service.refusal(act.needs, task)]


def perform(service: Service, name: str, tasks: Iterable[Task]) -> Outcome:
    """Do something with tasks, one after the other; one that fails does not stop the others."""
    outcome = Outcome()
    for task in tasks:
        try:
            made = ACTS[name].do(service, task)
        except CsservError as error:
            outcome.problems.append(str(error))
            continue
        outcome.done.append(task)
        if made is not None:
            outcome.made.append(made)
    return outcome
