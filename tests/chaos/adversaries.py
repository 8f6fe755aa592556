"""Who spoils the work of a server: a row each, with the reasons for which tasks may fail then."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import psutil

from csserv.errors import CsservError
from csserv.tasks.log.on_disk.area_files import AreaFiles
from csserv.tasks.log.repair.repairing import plan_repair
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from tests.processes import PYTHON
from tests.silent import silent

if TYPE_CHECKING:
    from tests.chaos.storm import Storm

ROOT = Path(__file__).parent.parent.parent

#: how long csserv may take to put right what it can by itself [s]
HEALS_WITHIN = 20


@dataclass(frozen=True)
class Adversary:
    """One way to spoil the work.

    Attributes
    ----------
    weight : how often it strikes, beside the others
    strike : does it; returns whether it could
    reasons : what a task may say that failed because of it
    needs_disk : whether the home must be on a disk of its own
    """

    weight: int
    strike: Callable[[Storm], bool]
    reasons: tuple[str, ...] = ()
    needs_disk: bool = False


def kill(process: psutil.Process) -> bool:
    """Kill a process with -9."""
    try:
        os.kill(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def kill_one_of(name: str) -> Callable[[Storm], bool]:
    def strike(storm: Storm) -> bool:
        storm.server.kill(f"{name} {storm.chance.choice((1, 2))}")
        return True

    return strike


def kill_leader(storm: Storm) -> bool:
    storm.server.kill(storm.leader())
    return True


def kill_scheduler(storm: Storm) -> bool:
    storm.server.kill("scheduler")
    return True


def kill_worker(storm: Storm) -> bool:
    workers = storm.workers()
    return bool(workers) and kill(storm.chance.choice(workers))


def kill_in_assemble(storm: Storm) -> bool:
    """Wait until a result is being put together, and kill who does it."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if list((storm.home / "work").glob("*/draft-*")):
            return sum(map(kill, storm.workers())) > 0
        storm.relieve()
        time.sleep(0.002)
    return False


def stop(storm: Storm, process: psutil.Process) -> bool:
    """Stop a process for a while, as a machine does that is suspended (SIGSTOP)."""
    with contextlib.suppress(psutil.Error):
        process.suspend()
        storm.later(storm.chance.uniform(1, 40), lambda: _go_on(process))
        return True
    return False


def _go_on(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.Error):
        process.resume()


def stop_named(name: str) -> Callable[[Storm], bool]:
    def strike(storm: Storm) -> bool:
        return stop(storm, psutil.Process(storm.server.running[name].pid))

    return strike


def stop_leader(storm: Storm) -> bool:
    return stop(storm, psutil.Process(storm.server.running[storm.leader()].pid))


def stop_worker(storm: Storm) -> bool:
    workers = storm.workers()
    return bool(workers) and stop(storm, storm.chance.choice(workers))


def silence_file(storm: Storm) -> bool:
    """Let nobody open a data file for a while, as on a server of files that is away."""
    path = storm.chance.choice(sorted(storm.data.glob("chirps/*.nc*")))
    held = contextlib.ExitStack()
    try:
        held.enter_context(silent(path))
    except AssertionError:  # somebody reads it now
        held.close()
        return False
    storm.later(storm.chance.uniform(2, 30), held.close)
    return True


def add_blind_worker(storm: Storm) -> bool:
    """Start a worker that does not see the data, as one whose disk is not mounted."""
    empty = storm.place / "empty"
    empty.mkdir(exist_ok=True)
    return _add_guest(storm, "blind worker", CSSERV_DATA=empty)


def add_worker_of_other_code(storm: Storm) -> bool:
    """Start a worker whose code makes other numbers."""
    other = storm.place / "other"
    if not other.exists():
        shutil.copytree(ROOT / "csserv", other / "csserv")
        path = other / "csserv" / "zonal" / "statistics.py"
        code = path.read_text().replace("def divide(", "def divide_as_it_was(")
        path.write_text(f"{code}\n\ndef divide(*given):\n    return 2 * divide_as_it_was(*given)\n")
    return _add_guest(storm, "worker of other code", PYTHONPATH=other)


def _add_guest(storm: Storm, name: str, **variables: object) -> bool:
    if name in storm.server.commands:
        return False
    storm.server.start(name, storm.worker(**variables))
    storm.later(storm.chance.uniform(10, 40), lambda: storm.server.end(name))
    return True


def flip_bit(storm: Storm) -> bool:
    """Flip a bit of a file of the log."""

    return _damage(storm, _flip)


def cut_file(storm: Storm) -> bool:
    """Cut the end of a file of the log off."""

    return _damage(storm, lambda file, place, mask: file.truncate(place))


def spoil_kept_numbers(storm: Storm) -> bool:
    """Flip a bit of a file of kept numbers, cut its end off, or remove the whole folder."""
    return _spoil(storm, storm.home / "kept", "*/*/*.kept")


def spoil_sums(storm: Storm) -> bool:
    """Do the same to time sums; or have some made, and kill who makes them half of the time."""
    if storm.chance.random() < 0.5:
        return _spoil(storm, storm.data / ".sums", "*/*.h5")
    seconds = storm.chance.choice((1.0, 1.5, 30.0, 30.0))  # it may wait for a silent file
    with contextlib.suppress(subprocess.SubprocessError):
        words = [*PYTHON, "tests.chaos.summing", str(storm.data)]
        subprocess.run(words, env=storm.variables, timeout=seconds, check=True)
    return True


def _spoil(storm: Storm, folder: Path, pattern: str) -> bool:
    """Flip a bit of a derived file, cut its end off, or remove the whole folder."""
    paths = sorted(folder.glob(pattern))
    how = storm.chance.choice(("flip", "flip", "cut", "remove"))
    if not paths:
        return False
    if how == "remove":
        shutil.rmtree(folder, ignore_errors=True)
        return True
    with contextlib.suppress(FileNotFoundError):  # it made room for others meanwhile
        path = storm.chance.choice(paths)
        place = storm.chance.randrange(max(1, path.stat().st_size))
        with path.open("r+b", buffering=0) as file:
            if how == "cut":
                file.truncate(place)
            else:
                _flip(file, place, 1 << storm.chance.randrange(8))
        return True
    return False


def _flip(file: FileIO, place: int, mask: int) -> None:
    """Change bits of one byte; others write to the file meanwhile, and lose nothing by that."""
    byte = os.pread(file.fileno(), 1, place)
    os.pwrite(file.fileno(), bytes(one ^ mask for one in byte), place)


def _damage(storm: Storm, change: Callable[[FileIO, int, int], object]) -> bool:
    path = storm.chance.choice(list(_files_of_log(storm.home)))
    with storm.witness.away():
        before = path.read_bytes()
        place, mask = storm.chance.randrange(len(before)), 1 << storm.chance.randrange(8)
        with path.open("r+b", buffering=0) as file:  # in place, as a disk does it
            change(file, place, mask)
        _await_health(storm, path, before)
    return True


def _files_of_log(home: Path) -> Iterator[Path]:
    names = (
        "task_log.json",
        "task_log.journal",
        "archive/*.json",
        "archive/*.sqlite",
        "areas/*.g*",
    )
    for name in names:
        yield from (path for path in home.glob(name) if path.stat().st_size)


def _await_health(storm: Storm, path: Path, before: bytes) -> None:
    """Wait until csserv has put a file right, or has it told and repaired."""
    end = time.monotonic() + HEALS_WITHIN
    while time.monotonic() < end:
        storm.relieve()
        if not _is_damaged(storm.home):
            return
        time.sleep(0.2)
    said = storm.csserv("doctor")
    if "damage" not in said:
        storm.silent.append(f"{path.name}: {said[-300:]}")
    storm.end_users_of_the_log()
    storm.csserv("repair", "--yes")
    if path.parent.name == "archive" and path.suffix == ".json":
        storm.told |= _ids(before) - {task.id for task in _known(storm.home)}
    storm.start_users_of_the_log()


def _is_damaged(home: Path) -> bool:
    try:
        return plan_repair(home).is_needed or bool(AreaFiles(home / "areas").faults())
    except CsservError:
        return True


def _ids(archive: bytes) -> set[str]:
    return {one["id"] for one in orjson.loads(archive)["_default"].values()}


def _known(home: Path) -> list[Task]:
    return TaskLog(home).find(TaskFilter(), 0, 1_000_000)


def fill_disk(storm: Storm) -> bool:
    """Leave no room on the disk for a while."""
    disk = storm.disk
    if disk is None:
        return False
    disk.fill()
    storm.later(storm.chance.uniform(2, 10), disk.empty)
    return True


def cut_power(storm: Storm) -> bool:
    """Lose all that is not on disk yet, and all processes with it; then start the machine again."""
    disk = storm.disk
    if disk is None:
        return False
    with storm.witness.away(forgets=True):
        storm.server.restarts = False
        # no machine runs on without power, and a file system that is shut down may yet say that
        # something is on disk which was on its way there
        storm.server.stop_all()
        disk.cut_power()
        storm.server.kill_all()
        disk.restore_power()
        storm.server.restarts = True
    return True


#: what a task may say whose file of data does not answer, whose area is damaged
SILENT = (r"does not answer", r"has not answered", r"no progress for")
#: or whose record in the archive is: it is on disk once
UNKNOWN = "how it ended is not known: its record was damaged"
DAMAGED = (r"the stored area .*(is damaged|cannot be read)", UNKNOWN)
FULL = (r"[Nn]o space left", r"cannot write")

#: by name; how often each is met is about how often it happens
KILLS = {
    "kill runner": Adversary(12, kill_leader),
    "kill worker": Adversary(16, kill_worker),
    "kill worker in assemble": Adversary(8, kill_in_assemble),
    "kill nanny": Adversary(8, kill_one_of("worker")),
    "kill scheduler": Adversary(8, kill_scheduler),
    "kill submitter": Adversary(12, kill_one_of("submitter")),
}

ADVERSARIES = KILLS | {
    "stop runner": Adversary(8, stop_leader),
    "stop worker": Adversary(6, stop_worker),
    "stop nanny": Adversary(4, stop_named("worker 1")),
    "stop scheduler": Adversary(4, stop_named("scheduler")),
    "stop submitter": Adversary(4, stop_named("submitter 1")),
    "silent file": Adversary(8, silence_file, SILENT),
    "blind worker": Adversary(8, add_blind_worker),
    "worker of other code": Adversary(6, add_worker_of_other_code),
    "flip bit": Adversary(10, flip_bit, DAMAGED),
    "cut file": Adversary(6, cut_file, DAMAGED),
    "spoilt kept numbers": Adversary(12, spoil_kept_numbers),
    "spoilt time sums": Adversary(12, spoil_sums),
    "full disk": Adversary(6, fill_disk, FULL, needs_disk=True),
    "power cut": Adversary(8, cut_power, needs_disk=True),
}
