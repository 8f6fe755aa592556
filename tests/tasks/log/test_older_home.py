"""Logs that older versions have written: today's works on with them, and gives them back.

They were made by running those versions: 0.1.0, which had no checksums, and the first one with
them (schema 1), whose records have no ``request_id`` yet.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tinydb import TinyDB

from csserv.request import Area, Period, Request
from csserv.tasks.log.repair.repairing import plan_repair
from csserv.tasks.log.task import RequestRecord, Task, TaskState
from csserv.tasks.log.task_filter import TaskFilter
from csserv.tasks.log.task_log import TaskLog

STORED = ("home_of_0_1_0", "home_of_schema_1")

ROOT = Path(__file__).parents[3]

STATES = ["succeeded", "failed", "succeeded", "succeeded", "queued", "cancelled"]


@pytest.fixture(params=STORED)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copytree(Path(__file__).parent / request.param, tmp_path / "home"))


def records(home: Path) -> dict[str, dict]:
    """All records as plain TinyDB reads them, by the ids of their tasks."""
    found = {}
    for path in (home / "task_log.json", *sorted((home / "archive").glob("*.json"))):
        with TinyDB(path, access_mode="r") as db:
            found |= {one["id"]: dict(one) for one in db}
    return found


def work_on(home: Path) -> Task:
    """Do the task that waits, add one, and archive what has ended."""
    log = TaskLog(home)
    task = log.claim(60)
    assert task
    log.succeed(task, 31)
    point = Area.from_point(34.5, 0.5)
    request = Request("chirps", "mean", point, Period.parse("2020-03"))
    new = log.add(Task.of(RequestRecord.of(request, ["a"], 1), 3, "eve"), point)
    log.archive_finished(keep=0)
    log.checkpoint()
    return new


def test_log_of_an_older_version_is_read_and_worked_on_and_nothing_of_it_is_changed(home: Path):
    before = records(home)
    tasks = sorted(TaskLog(home).find(TaskFilter()), key=lambda one: one.id)
    assert [str(one.state) for one in tasks] == STATES
    assert all(TaskLog(home).area(one.request).sha256 == one.request.area for one in tasks)
    new = work_on(home)
    after = records(home)
    assert after.keys() == before.keys() | {new.id}
    for task_id, record in before.items():
        if record["state"] != "queued":
            assert after[task_id] == record
    assert not plan_repair(home).is_needed


@pytest.mark.parametrize("home", STORED[:1], indirect=True)
def test_what_the_page_says_gives_the_log_back_to_the_older_version(home: Path, monkeypatch):
    """0.1.0 refuses a record with a field that it does not know."""
    page = json.loads((ROOT / "notebooks/how_to/recover_from_trouble.ipynb").read_text("utf-8"))
    texts = ["".join(cell["source"]) for cell in page["cells"]]
    (code,) = [one for text in texts for one in text.split("```") if "request_id" in one]
    fields = set(next(iter(records(home).values())))
    new = work_on(home)
    assert set(records(home)[new.id]) > fields
    monkeypatch.setenv("CSSERV_HOME", str(home))
    exec(code.removeprefix("python\n"), {})
    assert all(set(one) <= fields for one in records(home).values())
    assert len(records(home)) == 7
    tasks = TaskLog(home).find(TaskFilter())
    assert len(tasks) == 7
    assert {one.id: one.state for one in tasks}[new.id] is TaskState.QUEUED
