"""Tasks in words: how long they take, when they were asked, what they ask."""

from __future__ import annotations

from datetime import UTC, datetime

from csserv.errors import CsservError, TaskNotFoundError
from csserv.tasks.log.task import Task, TaskState
from csserv.zonal.timestep import NATIVE

#: state → icon, and the theme's colour
STATES = {
    TaskState.QUEUED: ("schedule", "default"),
    TaskState.RUNNING: ("autorenew", "info"),
    TaskState.SUCCEEDED: ("check_circle", "success"),
    TaskState.FAILED: ("error", "error"),
    TaskState.CANCELLED: ("block", "warning"),
}

#: state of a task without a result → what to do
ADVICE = {
    TaskState.QUEUED: "The task waits for its turn. This page shows the result as it comes; it may "
    "be closed meanwhile: the task goes on, and its address stays.",
    TaskState.RUNNING: "The chart fills as soon as the first steps are known.",
    TaskState.FAILED: "There is no result. Run it again once the reason has passed, or change what "
    "was asked. A damaged file is mended by those who keep this server: tell them its name.",
    TaskState.CANCELLED: "There is no result, as the task was cancelled. Run it again to have one.",
}

#: with less done than this, nobody can tell how long the rest takes [1]
FIRST_SHARE = 0.03


def title(task: Task) -> str:
    """Say what a task asks, in a line."""
    asked = task.request
    return f"{asked.operation} of {asked.dataset}, {asked.area_title}"


def advice(task: Task) -> str:
    """Say what can be done where a task has no result to show (yet); empty where it has.

    What went wrong is not said here: that is the error of the task.
    """
    return ADVICE.get(task.state, "")


def sentence(error: CsservError | str) -> str:
    """Write an error as a sentence."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def unseen(error: CsservError) -> str:
    """Say why a task cannot be shown, and what to do."""
    if isinstance(error, TaskNotFoundError):
        return (
            "There is no such task here: it was deleted, or a part of its address is missing. "
            "Look for it on the Tasks page, or ask again on the Request page."
        )
    return f"{sentence(error)} Ask again on the Request page."


def left(task: Task) -> str:
    """Say how long a task still takes, as far as one can tell."""
    if task.state is TaskState.QUEUED:
        return "waiting"
    if task.state is not TaskState.RUNNING:
        return ""
    if task.progress < FIRST_SHARE:
        return "starting"
    return f"{span(task.seconds * (1 / task.progress - 1))} left"


def took(task: Task) -> str:
    """Say how long a task took."""
    return span(task.seconds) if task.state.is_final and task.started else ""


def reached(task: Task) -> str:
    """Say how many steps of a task are done, and how long it takes or took."""
    steps = f"{task.done:,} of {task.total:,} steps" if task.total else ""
    time = left(task) or (f"took {took(task)}" if took(task) else "")
    return ", ".join(part for part in (steps, time) if part)


def span(seconds: float) -> str:
    """Write a time span in one or two units.

    >>> span(0.3), span(75), span(7260)
    ('0.3 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def moment(text: str | None) -> str:
    """Write a moment of the log, UTC, to the second.

    >>> moment("2026-03-01T12:30:05.123Z")
    '2026-03-01 12:30:05'
    """
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def time_step(task: Task) -> str:
    """Say which time step a task asks for."""
    step = str(task.request.options.get("time_step", NATIVE))
    return "as the data" if step == NATIVE else step
