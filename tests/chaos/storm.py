"""A server, and who spoils its work at random moments; then it is counted what was lost."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from csserv.tasks.log.task import Task
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog
from tests.chaos.adversaries import UNKNOWN, Adversary
from tests.chaos.check import Witness, await_end, breaches, unexplained
from tests.chaos.disk import Disk
from tests.processes import CSSERV, PYTHON, Supervisor, environment, free_port

ROOT = Path(__file__).parent.parent.parent

#: settings of the server: a task may be hit more often than the default of three allows, which is
#: no fault of ours; who hangs is given up sooner, as nobody can wait for minutes here; and the
#: runner answers only the smallest requests by itself, of which no numbers are kept
SETTINGS = {
    "attempts": 12,
    "lease_seconds": 20,
    "file_timeout": 8,
    "block_deadline": 20,
    "small_request": 1,
}


@dataclass(frozen=True)
class Report:
    """What came of a storm."""

    seconds: int
    tasks: int  #: acknowledged
    strikes: dict[str, int]  #: who → how often
    states: dict[str, int]  #: state → tasks that ended so
    claims: dict[int, int]  #: how often claimed → tasks
    reasons: list[str]  #: why tasks failed
    told: list[str]  #: records that are gone, and that csserv has said to be
    looks: int  #: at the log, with plain TinyDB
    breaches: dict[str, list[str]]  #: law → cases

    def __str__(self) -> str:
        lines = [f"{self.tasks} tasks acknowledged, {self.seconds} s", "", "strikes:"]
        lines += [f"  {kind:<22}{count:>4}" for kind, count in sorted(self.strikes.items())]
        lines += [f"  {'together':<22}{sum(self.strikes.values()):>4}", ""]
        lines += [f"ended: {self.states}", f"claims a task: {self.claims}"]
        lines += [f"reason: {reason}" for reason in self.reasons]
        lines += [f"records cut off, and told so: {len(self.told)}"]
        lines += [f"looks at the log with plain TinyDB: {self.looks}", "", "breaches:"]
        lines += [f"  {law:<42}{len(cases):>4}" for law, cases in self.breaches.items()]
        lines += [f"{law}: {cases[:5]}" for law, cases in self.breaches.items() if cases]
        return "\n".join(lines)


@dataclass
class Storm:
    """A server, and the one who spoils its work."""

    home: Path
    data: Path
    tasks: int
    strikes: int
    seed: int
    adversaries: Mapping[str, Adversary]
    pace: float = 2.0  #: mean time between strikes [s]
    disk: Disk | None = None  #: of the home, where it has one of its own
    say: Callable[[str], None] = lambda text: None
    struck: Counter[str] = field(default_factory=Counter)
    open: set[str] = field(default_factory=set)  #: tasks known to be open
    told: set[str] = field(default_factory=set)  #: tasks whose records are known to be gone
    silent: list[str] = field(default_factory=list)  #: damage that nobody told of
    _later: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.place = self.home.parent if self.disk is None else self.disk.folder.parent
        self.notes = self.place / "notes"
        self.notes.touch()
        variables = environment({"home": self.home, "data": self.data} | SETTINGS)
        self.variables = variables | {"PYTHONPATH": str(ROOT)}
        self.server = Supervisor(self.variables, self.place / "logs")
        self.witness = Witness(self.home)
        self.address = f"tcp://127.0.0.1:{free_port()}"

    def run(self) -> Report:
        """Let it rage; return what came of it."""
        started = time.monotonic()
        self.home.mkdir(exist_ok=True)
        with self.witness:
            with self.server:
                self._start_server()
                while sum(self.struck.values()) < self.strikes or not self._is_enough():
                    self._strike()
                    self._cancel_one()
                self._relieve(all_of_it=True)
                self.notes.with_name("enough").touch()
                time.sleep(2)
                acknowledged, tried = self._noted("ack"), self._noted("try")
                await_end(self.home, acknowledged - self.told, 600)
                await_end(self.home, tried, 600)
                time.sleep(12)  # the sweep comes by every ten seconds
            orphans = self._orphans()
        return self._report(round(time.monotonic() - started), acknowledged, tried, orphans)

    def _report(
        self, seconds: int, acknowledged: set[str], tried: set[str], orphans: list[str]
    ) -> Report:
        wrong = breaches(self.home, acknowledged - self.told, tried)
        wrong["plain TinyDB could not read the log"] = self.witness.unreadable
        wrong["damage that nobody told of"] = self.silent
        wrong["a process is left"] = orphans
        known = {one.id: one for one in TaskLog(self.home).find(TaskFilter(), 0, 1_000_000)}
        tasks: list[Task] = [known[name] for name in sorted(acknowledged & known.keys())]
        damaged = {task.id for task in tasks if UNKNOWN in str(task.error)}
        changed = [one for one in self.witness.changed if one.partition(":")[0] not in damaged]
        wrong["an ending was changed"] = changed
        reasons = sorted({str(task.error) for task in tasks if task.state == "failed"})
        expected = [text for name in self.struck for text in self.adversaries[name].reasons]
        wrong["a task failed for no reason of theirs"] = unexplained(reasons, expected)
        return Report(
            seconds=seconds,
            tasks=len(acknowledged),
            strikes=dict(self.struck),
            states=dict(Counter(str(task.state) for task in tasks)),
            claims=dict(sorted(Counter(task.attempt for task in tasks).items())),
            reasons=reasons,
            told=sorted(self.told & acknowledged),
            looks=self.witness.looks,
            breaches=wrong,
        )

    def _start_server(self) -> None:
        port = self.address.rpartition(":")[2]
        self.server.start("scheduler", [*CSSERV, "start-scheduler", "--port", port])
        for number in (1, 2):
            self.server.start(f"worker {number}", self.worker())
        self.start_users_of_the_log()

    def worker(self, **variables: object) -> list[str]:
        """Return the command of a worker, with environment variables of its own."""
        own = [f"{name}={value}" for name, value in variables.items()]
        return ["env", *own, *CSSERV, "start-worker", "--scheduler", self.address]

    def start_users_of_the_log(self) -> None:
        """Start the runners and submitters."""
        for number in (1, 2):
            self.server.start(f"runner {number}", [*CSSERV, "run", "--scheduler", self.address])
        for number in (1, 2):
            words = [f"client {number}", str(self.notes)]
            self.server.start(f"submitter {number}", [*PYTHON, "tests.chaos.submitter", *words])

    def end_users_of_the_log(self) -> None:
        """End the runners and submitters in good order."""
        for name in ("submitter 1", "submitter 2", "runner 1", "runner 2"):
            self.server.end(name)

    def csserv(self, *words: str) -> str:
        """Run a command, and return what it says."""
        done = subprocess.run(
            [*CSSERV, *words], env=self.variables, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    def leader(self) -> str:
        """Return the runner that wrote last; the other one only stands by."""
        logs = [self.server.folder / f"runner {number}.log" for number in (1, 2)]
        return max(logs, key=lambda path: path.stat().st_mtime).stem

    def workers(self) -> list[psutil.Process]:
        """List the worker processes: the children of the nannies."""
        return [child for number in (1, 2) for child in self.server.workers(f"worker {number}")]

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after a while."""
        self._later.append((time.monotonic() + seconds, act))

    def relieve(self) -> None:
        """Undo what is due to be undone."""
        self._relieve()

    def _relieve(self, all_of_it: bool = False) -> None:
        due = [one for one in self._later if all_of_it or one[0] <= time.monotonic()]
        for one in due:
            self._later.remove(one)
            one[1]()

    def _strike(self) -> None:
        self._wait(self.chance.uniform(0, 2 * self.pace))
        self._await_an_ending()
        weights = [one.weight for one in self.adversaries.values()]
        kind = self.chance.choices(list(self.adversaries), weights)[0]
        if self.adversaries[kind].strike(self):
            self.struck[kind] += 1
            self.say(f"{len(self._noted('ack'))} tasks; {kind}")

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._relieve()
            time.sleep(0.1)

    def _await_an_ending(self) -> None:
        """Wait until a task has ended since the last strike: a slow machine is not starved."""
        end, seen = time.monotonic() + 60, set(self.open)
        while seen >= self.open and time.monotonic() < end:
            self.open |= seen
            self._wait(0.2)
            with contextlib.suppress(Exception):  # it is damaged, or its disk is full
                seen = TaskLog(self.home).open_ids()
        self.open = seen

    def _cancel_one(self) -> None:
        if self.chance.random() < 0.3:
            with contextlib.suppress(Exception):
                open_ids = sorted(TaskLog(self.home).open_ids())
                TaskLog(self.home).cancel(self.chance.choice(open_ids))

    def _noted(self, word: str) -> set[str]:
        lines = self.notes.read_text().splitlines()
        return {line.split()[1] for line in lines if line.startswith(word)}

    def _is_enough(self) -> bool:
        return len(self._noted("ack")) >= self.tasks

    def _orphans(self) -> list[str]:
        end = time.monotonic() + 60
        while (left := self.server.orphans()) and time.monotonic() < end:
            time.sleep(0.2)
        return left
