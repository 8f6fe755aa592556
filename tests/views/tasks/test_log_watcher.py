"""What listeners of the task log are called with, and when."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from csserv import Area, Service, Task, TaskState
from csserv.tasks.log.task_log import TaskLog
from csserv.views.tasks.log_watcher import ChangedTasks, LogWatcher

BOX = Area.from_box(30, 0, 32, 2)


@pytest.fixture
def watcher(service: Service) -> Iterator[LogWatcher]:
    watcher = LogWatcher(service, interval=0.01)
    yield watcher
    watcher.close()


def submit(service: Service) -> Task:
    return service.submit("rain", "mean", BOX, "2019-01")


def test_all_who_listen_hear_of_a_change_by_another_process(watcher: LogWatcher, service: Service):
    heard: list[queue.Queue[ChangedTasks]] = [queue.Queue(), queue.Queue()]
    for one in heard:
        watcher.listen(one.put)
    with Service(service.settings, starts_runner=False) as other:
        task = submit(other)
        assert all(one.get(timeout=60) == {task.id: task} for one in heard)
        cancelled = other.cancel(task)
    assert all(one.get(timeout=60) == {task.id: cancelled} for one in heard)


def test_who_has_stopped_hears_no_more_and_who_fails_spoils_nothing(
    watcher: LogWatcher, service: Service
):
    heard: queue.Queue[ChangedTasks] = queue.Queue()
    left: list[ChangedTasks] = []
    stop = watcher.listen(left.append)
    watcher.listen(lambda changed: 1 / 0)
    watcher.listen(heard.put)
    stop()
    task = submit(service)
    assert list(heard.get(timeout=60)) == [task.id]
    service.cancel(task)
    assert list(heard.get(timeout=60)) == [task.id]
    assert left == []


def test_progress_is_told_apart_from_other_changes_and_leases_are_none(service: Service):
    watcher, log = LogWatcher(service), TaskLog(service.settings.home)
    key = submit(service).id
    seen = [watcher.changes()]
    for change in (
        lambda: log.claim(60),
        lambda: log.write_progress({key: (1, 4)}, 60),
        lambda: log.write_progress({key: (1, 4)}, 120),  # as it was, for longer
        lambda: log.write_progress({key: (2, 4)}, 120),
        lambda: service.cancel(key),
    ):
        change()
        seen.append(watcher.changes())
    watcher.close()
    told = [
        tuple([(one.state, one.done) for one in changed.values()] for changed in two)
        for two in seen
    ]
    running = TaskState.RUNNING
    assert told == [
        ([(TaskState.QUEUED, 0)], []),
        ([(running, 0)], []),
        ([], [(running, 1)]),
        ([], []),
        ([], [(running, 2)]),
        ([(TaskState.CANCELLED, 2)], []),
    ]


def test_steps_are_told_to_those_only_who_follow_the_task(watcher: LogWatcher, service: Service):
    changed, progressed = ({task.id: task} for task in (submit(service), submit(service)))
    heard: dict[str, list[ChangedTasks]] = {"all": [], "turns": [], "this": []}
    watcher.changes()
    watcher.listen(heard["all"].append)
    watcher.listen(heard["turns"].append, lambda task: False)
    watcher.listen(heard["this"].append, lambda task: task.id in progressed)
    watcher.notify({}, progressed)
    watcher.notify({}, changed)
    watcher.notify(changed, {})
    assert heard == {
        "all": [progressed, changed, changed],
        "turns": [changed],
        "this": [progressed, changed],
    }


def test_thread_ends_when_the_watcher_is_closed(service: Service):
    watcher = LogWatcher(service)
    watcher.close()
    assert not [one for one in threading.enumerate() if one is watcher._thread]
