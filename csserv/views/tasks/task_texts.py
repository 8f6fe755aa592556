"""Texts about tasks: title, advice, progress, durations and times."""

from __future__ import annotations

from datetime import UTC, datetime

from csserv.errors import CsservError, TaskNotFoundError
from csserv.language import from_to, listed, local_number, mark, said_area, tr
from csserv.request import Options
from csserv.tasks.log.task import Task, TaskState
from csserv.zonal.over_time.timestep import NATIVE

#: state of a task without a result → what the user can do
ADVICE = {
    TaskState.QUEUED: mark(
        "The task waits for its turn. This page shows the result as it comes; it may "
        "be closed meanwhile: the task goes on, and its address stays."
    ),
    TaskState.RUNNING: mark("The chart fills as soon as the first steps are known."),
    TaskState.FAILED: mark(
        "There is no result. Run it again once the reason has passed, or change what "
        "was asked. A damaged file is mended by those who keep this server: tell them its name."
    ),
    TaskState.CANCELLED: mark(
        "There is no result, as the task was cancelled. Run it again to have one."
    ),
}

#: said of a task that is not found
NO_TASK = mark(
    "There is no such task here: it was deleted, or a part of its address is missing. "
    "Look for it on the Tasks page, or ask again on the Request page."
)

#: share done from which the time left is estimated [1]
FIRST_SHARE = 0.03


def title(task: Task) -> str:
    """Write the request of a task in a line."""
    request = task.request
    return tr(
        "{what} of {dataset}, {area}",
        what=_index(task) or tr(request.what),
        dataset=request.dataset,
        area=said_area(request.area_title),
    )


def computed(task: Task) -> str:
    """Return what a task computes: an operation, and perhaps an index of its values."""
    return listed([tr(task.request.what), _index(task)])


def _index(task: Task) -> str:
    index = Options.as_known(task.request.options).index
    return tr("index {name}", name=index) if index else ""


def advice(task: Task) -> str:
    """Return what the user can do while a task has no result; empty if it has one.

    What went wrong is not part of it: that is the error of the task.
    """
    return tr(ADVICE.get(task.state, ""))


def sentence(error: CsservError | str) -> str:
    """Write an error as a sentence, with capital and full stop."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def unavailable(error: CsservError) -> str:
    """Write why a task cannot be shown, and what to do."""
    if isinstance(error, TaskNotFoundError):
        return tr(NO_TASK)
    return tr("{error} Ask again on the Request page.", error=sentence(error))


def time_left(task: Task) -> str:
    """Write the estimated time left of a running task; empty when it has ended."""
    if task.state is TaskState.QUEUED:
        return tr("waiting")
    if task.state is not TaskState.RUNNING:
        return ""
    if task.progress < FIRST_SHARE:
        return tr("starting")
    return tr("{time} left", time=time_span(task.seconds * (1 / task.progress - 1)))


def duration(task: Task) -> str:
    """Write how long a task ran; empty until it has ended."""
    return time_span(task.seconds) if task.state.is_final and task.started else ""


def steps_and_time(task: Task) -> str:
    """Write the steps of a task that are done, and its time left or its duration."""
    steps = ""
    if task.total:
        done, total = (local_number(f"{one:,}") for one in (task.done, task.total))
        steps = tr("{done} of {total} steps", done=done, total=total)
    time = time_left(task) or (tr("took {time}", time=duration(task)) if duration(task) else "")
    return listed([steps, time])


def time_span(seconds: float) -> str:
    """Write a time span [s] in one or two units.

    >>> time_span(0.3), time_span(75), time_span(7260)
    ('0.3 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 10:
        return tr("{seconds} s", seconds=local_number(f"{seconds:.1f}"))
    whole = round(seconds)
    if whole < 60:
        return tr("{seconds} s", seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return tr("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    return tr("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def utc_time(text: str | None) -> str:
    """Write a time of the log, UTC, to the second.

    >>> utc_time("2026-03-01T12:30:05.123Z")
    '2026-03-01 12:30:05'
    """
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def time_step(task: Task) -> str:
    """Write the time step of the request of a task."""
    options = Options.as_known(task.request.options)
    step = tr("as the data") if options.time_step == NATIVE else tr(options.time_step)
    if options.accumulate == 1:
        return step
    return tr("{step}, {count} taken together", step=step, count=options.accumulate)


def compared_with(task: Task) -> str:
    """Write the index and the years that a task compares with; empty if it does not."""
    options = Options.as_known(task.request.options)
    if not options.against:
        return _index(task)
    years = tr("compared with {years}", years=from_to(options.against))
    own = tr("without a value's own year") if options.own_year == "out" else ""
    return listed([_index(task), years, own])
