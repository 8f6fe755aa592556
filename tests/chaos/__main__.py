"""``python -m tests.chaos``: many tasks, many kills, a table.

A scheduler, two workers, two runners and two submitters run under a supervisor; at random moments
one of them is killed with -9. Then everything acknowledged must have ended once, whole.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from csserv.catalog.samples.synthetic import SampleSpec, build_sample_archive
from csserv.tasks.log.task_log import TaskLog
from tests.chaos.check import Witness, await_end, breaches
from tests.processes import CSSERV, PYTHON, Supervisor, environment, free_port

ROOT = Path(__file__).parent.parent.parent
SAMPLE = SampleSpec(west=33, south=-6, east=43, north=6, cell=0.05, years=(2019,), forecast_days=5)

#: who is killed → how often
VICTIMS = {
    "runner": 12,
    "worker": 16,
    "worker in assemble": 8,
    "nanny": 8,
    "scheduler": 8,
    "submitter": 12,
}


@dataclass(frozen=True)
class Report:
    """What came of a storm."""

    seconds: int
    tasks: int  #: acknowledged
    kills: dict[str, int]  #: who → how often
    states: dict[str, int]  #: state → tasks that ended so
    claims: dict[int, int]  #: how often claimed → tasks
    reasons: list[str]  #: why tasks failed
    looks: int  #: at the log, with plain TinyDB
    breaches: dict[str, list[str]]  #: law → cases

    def __str__(self) -> str:
        lines = [f"{self.tasks} tasks acknowledged, {self.seconds} s", "", "killed with -9:"]
        lines += [f"  {kind:<22}{count:>4}" for kind, count in sorted(self.kills.items())]
        lines += [f"  {'together':<22}{sum(self.kills.values()):>4}", ""]
        lines += [f"ended: {self.states}", f"claims a task: {self.claims}"]
        lines += [f"reason: {reason}" for reason in self.reasons]
        lines += [f"looks at the log with plain TinyDB: {self.looks}", "", "breaches:"]
        lines += [f"  {law:<42}{len(cases):>4}" for law, cases in self.breaches.items()]
        lines += [f"{law}: {cases[:5]}" for law, cases in self.breaches.items() if cases]
        return "\n".join(lines)


@dataclass
class Storm:
    """A server, and the one who kills its processes."""

    home: Path
    data: Path
    tasks: int
    kills: int
    seed: int
    pace: float = 2.0  #: mean time between kills [s]
    say: Callable[[str], None] = lambda text: None
    killed: Counter[str] = field(default_factory=Counter)
    cancelled: int = 0
    open: set[str] = field(default_factory=set)  #: tasks known to be open

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.notes = self.home.parent / "notes"
        self.notes.touch()
        # a task may be hit more often than the default of three allows: that is no fault of ours
        variables = environment({"home": self.home, "data": self.data, "attempts": 12})
        variables |= {"PYTHONPATH": str(ROOT)}
        self.server = Supervisor(variables, self.home.parent / "logs")

    def run(self) -> Report:
        """Let it rage; return what came of it."""
        started = time.monotonic()
        self.home.mkdir(exist_ok=True)
        with Witness(self.home) as witness:
            with self.server:
                self._start_server()
                while sum(self.killed.values()) < self.kills or not self._is_enough():
                    self._strike()
                    self._cancel_one()
                self.notes.with_name("enough").touch()
                time.sleep(2)
                acknowledged, tried = self._noted("ack"), self._noted("try")
                await_end(self.home, acknowledged, 600)
                await_end(self.home, tried, 600)
                time.sleep(12)  # the sweep comes by every ten seconds
            orphans = self._orphans()
        wrong = breaches(self.home, acknowledged, tried)
        wrong["an ending was changed"] = witness.changed
        wrong["plain TinyDB could not read the log"] = witness.unreadable
        wrong["a process is left"] = orphans
        tasks = [TaskLog(self.home).get(name) for name in sorted(acknowledged)]
        return Report(
            seconds=round(time.monotonic() - started),
            tasks=len(acknowledged),
            kills=dict(self.killed),
            states=dict(Counter(str(task.state) for task in tasks)),
            claims=dict(sorted(Counter(task.attempt for task in tasks).items())),
            reasons=sorted({str(task.error) for task in tasks if task.state == "failed"}),
            looks=witness.looks,
            breaches=wrong,
        )

    def _start_server(self) -> None:
        address = f"tcp://127.0.0.1:{(port := free_port())}"
        server = self.server
        server.start("scheduler", [*CSSERV, "start-scheduler", "--port", str(port)])
        for number in (1, 2):
            server.start(f"worker {number}", [*CSSERV, "start-worker", "--scheduler", address])
        for number in (1, 2):
            server.start(f"runner {number}", [*CSSERV, "run", "--scheduler", address])
        for number in (1, 2):
            words = [f"client {number}", str(self.notes)]
            server.start(f"submitter {number}", [*PYTHON, "tests.chaos.submitter", *words])

    def _strike(self) -> None:
        time.sleep(self.chance.uniform(0, 2 * self.pace))
        self._await_an_ending()
        kind = self.chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        if STRIKES[kind](self):
            self.killed[kind] += 1
            self.say(f"{len(self._noted('ack'))} tasks; killed: {kind}")

    def _await_an_ending(self) -> None:
        """Wait until a task has ended since the last strike: a slow machine is not starved."""
        log, end = TaskLog(self.home), time.monotonic() + 60
        while (seen := log.open_ids()) >= self.open and time.monotonic() < end:
            self.open |= seen
            time.sleep(0.2)
        self.open = seen

    def _kill(self, name: str) -> bool:
        self.server.kill(f"{name} {self.chance.choice((1, 2))}")
        return True

    def _kill_leader(self) -> bool:
        """Kill the runner that wrote last; the other one only stands by."""
        logs = [self.server.folder / f"runner {number}.log" for number in (1, 2)]
        self.server.kill(max(logs, key=lambda path: path.stat().st_mtime).stem)
        return True

    def _kill_scheduler(self) -> bool:
        self.server.kill("scheduler")
        return True

    def _kill_worker(self) -> bool:
        workers = self._workers()
        return bool(workers) and _kill9(self.chance.choice(workers))

    def _kill_in_assemble(self) -> bool:
        """Wait until a result is being put together, and kill who does it."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if list((self.home / "work").glob("*/draft-*")):
                return sum(map(_kill9, self._workers())) > 0
            time.sleep(0.002)
        return False

    def _workers(self) -> list[psutil.Process]:
        """Worker processes: the children of the nannies."""
        return [child for number in (1, 2) for child in self.server.workers(f"worker {number}")]

    def _cancel_one(self) -> None:
        if self.chance.random() < 0.3 and (open_ids := sorted(TaskLog(self.home).open_ids())):
            TaskLog(self.home).cancel(self.chance.choice(open_ids))
            self.cancelled += 1

    def _noted(self, word: str) -> set[str]:
        lines = self.notes.read_text().splitlines()
        return {line.split()[1] for line in lines if line.startswith(word)}

    def _is_enough(self) -> bool:
        return len(self._noted("ack")) >= self.tasks

    def _orphans(self) -> list[str]:
        end = time.monotonic() + 20
        while (left := self.server.orphans()) and time.monotonic() < end:
            time.sleep(0.2)
        return left


STRIKES: dict[str, Callable[[Storm], bool]] = {
    "runner": Storm._kill_leader,
    "worker": Storm._kill_worker,
    "worker in assemble": Storm._kill_in_assemble,
    "nanny": lambda storm: storm._kill("worker"),
    "scheduler": Storm._kill_scheduler,
    "submitter": lambda storm: storm._kill("submitter"),
}


def _kill9(process: psutil.Process) -> bool:
    try:
        os.kill(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--tasks", type=int, default=500)
    words.add_argument("--kills", type=int, default=60)
    words.add_argument("--pace", type=float, default=3.0, help="mean time between kills [s]")
    words.add_argument("--seed", type=int, default=random.randrange(10**6))
    words.add_argument("--keep", type=Path, help="a folder to work in, and to leave")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = given.keep or Path(folder)
        place.mkdir(exist_ok=True)
        build_sample_archive(place / "data", spec=SAMPLE)
        storm = Storm(
            place / "home", place / "data", given.tasks, given.kills, given.seed, given.pace, _say
        )
        found = storm.run()
    print(f"seed {given.seed}\n{found}")
    return 1 if any(found.breaches.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
