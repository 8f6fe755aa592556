"""A whole server of its own: scheduler, workers and runner under a supervisor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from tinydb import TinyDB

from csserv import Service, Settings, Task, TaskState
from csserv.errors import SettingsError
from tests.processes import CSSERV, Supervisor, environment, eventually, free_port

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Server:
    """What an administrator keeps up, and what users see of it."""

    settings: Settings
    processes: Supervisor
    service: Service
    address: str

    def start_worker(self, name: str, *words: str) -> None:
        command = [*CSSERV, "start-worker", "--scheduler", self.address, *words]
        self.processes.start(name, command)

    def start_runner(self, name: str = "runner") -> None:
        self.processes.start(name, [*CSSERV, "run", "--scheduler", self.address])

    def worker_process(self, name: str) -> psutil.Process:
        """The process that works: the nanny's child."""
        found: list[psutil.Process] = []

        def look() -> list[psutil.Process]:
            found[:] = self.processes.workers(name)
            return found

        eventually(look, what=f"{name} has no worker process")
        return found[0]

    def has_workers(self, *names: str) -> bool:
        """Whether these workers are there and no others; not while nobody can be asked."""
        with suppress(SettingsError):
            return {one.uuid for one in self.service.workers()} == set(names)
        return False

    @contextmanager
    def for_a_test(self, workers: int) -> Iterator[None]:
        """Wait until it is as it was at first; end then what a test has started."""
        before = set(self.processes.commands)
        self.until_whole(workers)
        yield
        self.end_all_but(before)

    def end_all_but(self, names: set[str]) -> None:
        """End the processes that a test has started."""
        for name in set(self.processes.commands) - names:
            self.processes.end(name)

    def until_whole(self, workers: int) -> None:
        """Wait until a runner leads and so many workers are idle, whatever befell them before."""

        def is_whole() -> bool:
            with suppress(SettingsError):
                states = [one.state for one in self.service.workers()]
                return states == workers * ["idle"] and self.service.has_runner()
            return False

        eventually(is_whole, 120, "it does not recover", pause=0.5)

    def until_running(self, task: Task, steps: int = 1) -> None:
        """Wait until so many steps of a task are done."""
        for seen in self.service.watch(task):
            assert not seen.state.is_final, seen
            if seen.done >= steps:
                return

    def ends(self, task: Task, state: TaskState = TaskState.SUCCEEDED) -> Task:
        """Wait for a task's end, and see that it ended so, and left nothing behind."""
        ended = self.service.wait(task)
        assert ended.state is state, ended
        work = self.settings.home / "work"
        eventually(lambda: not list(work.glob(f"{task.id}*")), what="work is left")
        return ended


@contextmanager
def started(settings: Settings, workers: int = 2, **variables: str) -> Iterator[Server]:
    """Start a scheduler, workers and a runner.

    At the end no process is left, and plain TinyDB reads the log, each task once.
    """
    known: dict[str, object] = {"home": settings.home, "data": settings.data}
    # tasks must last here: kept numbers would answer a second one at once
    known["store_max"] = 0
    if settings.catalog:
        known["catalog"] = settings.catalog
    own = environment(known) | {"PYTHONPATH": str(ROOT)} | variables
    processes = Supervisor(own, settings.home.parent / "logs")
    port = free_port()
    with processes, Service(settings, starts_runner=False) as service:
        server = Server(settings, processes, service, f"tcp://127.0.0.1:{port}")
        processes.start("scheduler", [*CSSERV, "start-scheduler", "--port", str(port)])
        for number in range(1, workers + 1):
            server.start_worker(f"worker {number}")
        server.start_runner()
        eventually((settings.home / "scheduler").exists)
        yield server
    eventually(lambda: not processes.orphans(), 60, f"left: {processes.orphans()}")
    if (log := settings.home / "task_log.json").exists():
        with TinyDB(log, access_mode="r") as plain:
            ids = [one["id"] for one in plain]
        assert len(ids) == len(set(ids))
