"""What must hold after the storm; each law counts its breaches."""

from __future__ import annotations

import json
import re
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinydb import TinyDB

from csserv.request import Period
from csserv.tasks.log.task import Task, TaskState
from csserv.tasks.log.task_log import TaskLog


@dataclass
class Witness:
    """Looks at the log with plain TinyDB all the time; remembers how each task ended."""

    home: Path
    endings: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)  #: tasks that ended and then were otherwise
    unreadable: list[str] = field(default_factory=list)
    looks: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _looks_on: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def away(self, forgets: bool = False) -> Iterator[None]:
        """Look away for a while.

        Parameters
        ----------
        forgets : how tasks had ended: what is seen may not be on disk yet when the power is cut
        """
        with self._looks_on:
            yield
            if forgets:
                self.endings.clear()

    def __enter__(self) -> Witness:
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._stop.wait(0.05):
            with self._looks_on:
                self._look()

    def _look(self) -> None:
        try:
            with TinyDB(self.home / "task_log.json", access_mode="r") as db:
                found = list(db)
        except FileNotFoundError:
            return
        except Exception as error:
            self.unreadable.append(repr(error))
            return
        self.looks += 1
        for one in found:
            self._compare(one["id"], one["state"])

    def _compare(self, task_id: str, state: str) -> None:
        before = self.endings.get(task_id)
        if before is not None and before != state:
            self.changed.append(f"{task_id}: {before}, then {state}")
        if TaskState(state).is_final:
            self.endings[task_id] = state


def await_end(home: Path, ids: set[str], seconds: float) -> None:
    """Wait until all tasks have ended."""
    log = TaskLog(home)
    end = time.monotonic() + seconds
    while open_ids := ids & log.open_ids():
        if time.monotonic() > end:
            raise AssertionError(f"{len(open_ids)} tasks have not ended: {sorted(open_ids)[:5]}")
        time.sleep(0.5)


def unexplained(reasons: Iterable[str], expected: Sequence[str]) -> list[str]:
    """Return the reasons for which tasks failed that none of some patterns explains."""
    return [one for one in reasons if not any(re.search(text, one) for text in expected)]


def breaches(home: Path, acknowledged: set[str], tried: set[str]) -> dict[str, list[str]]:
    """Return, law by law, what breaks it."""
    documents = _documents(home)
    count = Counter(one["id"] for one in documents)
    tasks = {one["id"]: Task.from_dict(one) for one in documents}
    ended = [tasks[name] for name in acknowledged & tasks.keys()]
    done = [task for task in tasks.values() if task.state is TaskState.SUCCEEDED]
    results = {path.name for path in (home / "results").glob("*")}
    return {
        "an acknowledged task is lost": sorted(acknowledged - tasks.keys()),
        "a task is there that nobody asked for": sorted(tasks.keys() - tried),
        "a task is there twice": [name for name, n in count.items() if n > 1],
        "a task has not ended": [task.id for task in ended if not task.state.is_final],
        "a result is not whole": [why for task in done if (why := _fault(home, task))],
        "two answers to one question differ": _differing(home, done),
        "a task without success has a result": sorted(results - {task.id for task in done}),
        "files are left in work/": [path.name for path in (home / "work").glob("*")],
        "drafts are left": [str(path) for path in home.rglob(".*.draft")],
    }


def _documents(home: Path) -> list[dict[str, Any]]:
    paths = [home / "task_log.json", *(home / "archive").glob("task_log-*.json")]
    found = []
    for path in paths:
        with TinyDB(path, access_mode="r") as db:
            found += [dict(one) for one in db]
    return found


def _fault(home: Path, task: Task) -> str | None:
    folder = home / "results" / task.id
    try:
        plain = json.loads((folder / f"{task.id}.json").read_text())
        series = plain["series"][0]
        steps = _steps(task)
        if len(series["time"]) != steps or len(plain["series"]) != task.request.zones:
            return f"{task.id}: {len(series['time'])} steps of {steps}"
        if task.request.operation in ("geotiff", "netcdf", "csv"):
            with zipfile.ZipFile(folder / f"{task.id}.zip") as archive:
                bad = archive.testzip()
                tiffs = len(archive.namelist())
            if bad or (task.request.operation == "geotiff" and tiffs != steps):
                return f"{task.id}: {bad or tiffs} in its ZIP"
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        return f"{task.id}: {error}"
    return None


def _steps(task: Task) -> int:
    """Count the steps that a result has: days, or the months or years that they lie in."""
    period = Period.parse(task.request.period)
    first, last = period.start, period.end
    years = last.year - first.year + 1
    months = 12 * years - (first.month - 1) - (12 - last.month)
    step = task.request.options.get("time_step", "native")
    return {"monthly": months, "yearly": years}.get(step, task.total)


def _differing(home: Path, done: list[Task]) -> list[str]:
    answers: dict[str, str] = {}
    wrong = []
    for task in done:
        path = home / "results" / task.id / f"{task.id}.json"
        if not path.exists():  # counted as not whole
            continue
        plain = json.loads(path.read_text())
        answer = json.dumps(plain["series"])
        if answers.setdefault(task.request.fingerprint, answer) != answer:
            wrong.append(task.id)
    return wrong
