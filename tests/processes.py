"""Processes as a server has them: started again whenever they end, found again to be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psutil

from csserv.tasks.log.lock import FileLock

PYTHON = [sys.executable, "-m"]
CSSERV = [*PYTHON, "csserv"]

#: in the environment of every process of a site, so that orphans are found
MARK = "SITE_OF_TEST"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Mapping[str, object], mark: str = "") -> dict[str, str]:
    """The variables of a process that knows these settings only."""
    own = {f"CSSERV_{name.upper()}": str(value) for name, value in settings.items()}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CSSERV_")}
    return kept | own | ({MARK: mark} if mark else {})


@dataclass
class Supervisor:
    """Starts processes and starts them again when they end, as systemd would."""

    variables: dict[str, str]
    folder: Path  #: for their output
    mark: str = field(default_factory=lambda: uuid4().hex)
    commands: dict[str, Callable[[], list[str]]] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    restarts: bool = True
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Supervisor:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._look_after, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        for name in reversed(list(self.commands)):
            self.end(name)

    def start(self, name: str, command: list[str] | Callable[[], list[str]]) -> None:
        """Start a process and keep it running; a callable makes its command each time anew."""
        make = command if callable(command) else lambda: command
        with self._lock:
            self.commands[name] = make
            self.running[name] = self._popen(name)

    def end(self, name: str, seconds: float = 30) -> None:
        """End a process in good order."""
        with self._lock:
            self.commands.pop(name)
            process = self.running.pop(name)
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self, name: str) -> None:
        """Kill a process with -9; it is started again."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.running[name].pid, signal.SIGKILL)

    def stop_all(self) -> None:
        """Stop all processes, those that they have started too (SIGSTOP)."""
        for process in _marked(self.mark):
            with contextlib.suppress(psutil.Error):
                process.suspend()

    def kill_all(self) -> None:
        """Kill all processes with -9, those that they have started too."""
        while found := list(_marked(self.mark)):
            for process in found:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            time.sleep(0.05)

    def children(self, name: str, word: str) -> list[psutil.Process]:
        """Children of a process that have a word in their command line."""
        with contextlib.suppress(psutil.Error):
            found = psutil.Process(self.running[name].pid).children(recursive=True)
            return [one for one in found if word in " ".join(_command(one))]
        return []

    def workers(self, name: str) -> list[psutil.Process]:
        """Worker processes that a process has started."""
        return workers_below(self.running[name].pid)

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def orphans(self) -> list[str]:
        """Processes of this site that are still there."""
        return [" ".join(_command(process)) for process in _marked(self.mark)]

    def _look_after(self) -> None:
        while not self._stop.wait(0.1):
            with self._lock:
                for name, process in list(self.running.items()):
                    if process.poll() is not None and self.restarts:
                        self.running[name] = self._popen(name)

    def _popen(self, name: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as output:
            return subprocess.Popen(
                self.commands[name](),
                env=self.variables | {MARK: self.mark},
                cwd=self.folder,
                stdout=output,
                stderr=output,
            )


def suspend(pid: int, home: Path) -> None:
    """Stop a runner while it does not hold the log: one that does is killed, not followed."""
    lock = FileLock(home / "task_log.lock")
    os.kill(pid, signal.SIGSTOP)
    while not lock.is_free():
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.01)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.1)


def eventually(
    holds: Callable[[], object], seconds: float = 60, what: str = "", pause: float = 0.05
) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what or "it did not come about"
        time.sleep(pause)


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def has_ended(process: psutil.Process) -> bool:
    """Whether a process is no more; one that its parent has not asked about yet has ended, too."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True


def workers_below(pid: int) -> list[psutil.Process]:
    """Worker processes below a process: forked of a fork server, or spawned where there is none."""
    with contextlib.suppress(psutil.Error):
        return [one for one in psutil.Process(pid).children(recursive=True) if is_worker(one)]
    return []


@contextlib.contextmanager
def halted_runners(home: Path) -> Iterator[None]:
    """Let no runner of a home do anything for a while: what is submitted then waits."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "run" in process.cmdline() and process.environ().get("CSSERV_HOME") == str(home):
                found.append(process)
    assert found, "no runner works in this home"
    lock = FileLock(home / "task_log.lock")
    try:
        eventually(lambda: _halted(found, lock), 30, what="a runner holds the log")
        yield
    finally:
        lock.close()
        for process in found:
            process.resume()


def _halted(processes: list[psutil.Process], lock: FileLock) -> bool:
    """Halt processes, unless one is amid a change of the log, which nobody could use then."""
    for process in processes:
        process.suspend()
    if lock.is_free():
        return True
    for process in processes:
        process.resume()
    return False


def is_worker(process: psutil.Process) -> bool:
    """Whether it is a worker process; a forked one has the command line of its fork server."""
    words = " ".join(_command(process))
    if "multiprocessing.forkserver" not in words:
        return "spawn_main" in words
    with contextlib.suppress(psutil.Error):
        parent = process.parent()
        return parent is not None and "multiprocessing.forkserver" in " ".join(_command(parent))
    return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
