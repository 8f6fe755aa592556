"""How many submits and cycles a second the task log takes, and how fast a status is found.

    python benchmarks/tasklog.py [--folder DIR]

Every write is synced to disk. Each figure is the median of three runs; the peer of the same run
is the bare disk: a file of one task's size replaced and synced, over and over.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tinydb import TinyDB

from csserv.outputs.durable import replace_file
from csserv.request import Area, Period, Request
from csserv.tasks.log.archived.archive import Archive
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.task_log import TaskLog

REQUEST = Request("rain", "mean", Area.from_box(30, 0, 32, 2), Period.parse("2019"))
PROCESSES = 8
RUNS = 3


def new_task(number: int) -> Task:
    """Make a task as a submission would."""
    return Task.of(RequestRecord.of(REQUEST), attempts=3, client=f"client {number % 7}")


def fill(home: Path, count: int) -> None:
    """Write a log of open tasks."""
    TaskLog(home)
    documents = {str(i): new_task(i).to_dict() for i in range(1, count + 1)}
    TinyDB(home / "task_log.json").storage.write({"_default": documents})
    TaskLog(home).add(new_task(0), REQUEST.area)


def submits(home: Path, seconds: float = 3.0) -> float:
    """Count the tasks that one process submits a second [1/s]."""
    log = TaskLog(home)
    count, end = 0, time.monotonic() + seconds
    start = time.monotonic()
    while time.monotonic() < end:
        log.add(new_task(count), REQUEST.area)
        count += 1
    return count / (time.monotonic() - start)


def cycle(home: Path, seconds: float) -> int:
    """Claim, finish and submit a task, over and over; return how often."""
    log = TaskLog(home)
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        task = log.claim(60)
        if task is None:
            raise SystemExit("the log ran empty")
        log.succeed(task, 1)
        log.add(new_task(count), REQUEST.area)
        count += 1
    return count


def cycles(home: Path, seconds: float = 4.0) -> float:
    """Count the cycles a second of eight processes together [1/s]."""
    command = [sys.executable, __file__, "--cycle", str(home), str(seconds)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    return sum(int(one.communicate()[0]) for one in running) / seconds


def bare_disk(home: Path, seconds: float = 1.0) -> float:
    """Count the small files that are replaced and synced a second: the peer [1/s]."""
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        replace_file(home / "peer", b"x" * 700)
        count += 1
    return count / seconds


def status(home: Path, archived: int) -> float:
    """Find archived tasks among many; the median time of one look-up, opened anew [ms]."""
    done = [
        new_task(i).claimed(60).ended(TaskState.SUCCEEDED, done=1, total=1) for i in range(archived)
    ]
    for first in range(0, archived, 5000):
        Archive(home / "archive").add([task.to_dict() for task in done[first : first + 5000]])
    times = []
    for task in done[:: archived // 200]:
        start = time.perf_counter()
        TaskLog(home).get(task.id)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> None:
    """Print a table."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--folder", type=Path, help="where to write; a disk, not memory")
    words.add_argument("--cycle", nargs=2, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.cycle:
        print(cycle(Path(given.cycle[0]), float(given.cycle[1])))
        return
    print(f"{'measure':<44}{'a second':>10}{'of bare disk':>14}")
    for count in (1_000, 10_000):
        for name, measure in (("submits, 1 process", submits), ("cycles, 8 processes", cycles)):
            rate, peer = measured(measure, count, given.folder)
            print(f"{name}, {count:,} open tasks".ljust(44), f"{rate:9.0f}{rate / peer:14.2f}")
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        TaskLog(Path(folder))
        found = status(Path(folder), 100_000)
    print(f"{'status among 100,000 archived tasks':<44} {found:.2f} ms")


def measured(
    measure: Callable[[Path], float], count: int, parent: Path | None
) -> tuple[float, float]:
    """Return the medians of a measure and of its peer, one after the other in each run."""
    rates, peers = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            home = Path(folder)
            fill(home, count)
            peers.append(bare_disk(home))
            rates.append(measure(home))
            with TinyDB(home / "task_log.json", access_mode="r") as plain:
                if len(plain) < count:
                    raise SystemExit(f"plain TinyDB reads {len(plain)} of {count} tasks")
    return statistics.median(rates), statistics.median(peers)


if __name__ == "__main__":
    main()
