"""Builds the log anew from all that tells of its tasks: first a plan, then the deed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from csserv.errors import TaskLogError
from csserv.outputs.durable import replace_file
from csserv.tasks.log.archived.archive import Archive
from csserv.tasks.log.database import SafeTinyDB
from csserv.tasks.log.on_disk.set_aside import FOLDER, SETTLED, pending, set_aside, settle
from csserv.tasks.log.repair.alone import alone
from csserv.tasks.log.repair.evidence import Evidence, archives, copies, read_log, results
from csserv.tasks.log.repair.losses import find_losses
from csserv.tasks.log.repair.salvage import Record
from csserv.tasks.log.task import Task, TaskState


@dataclass(frozen=True)
class RepairPlan:
    """What a repair does.

    Attributes
    ----------
    said : what was found and what is done about it, a sentence each
    missing : what cannot be found, a sentence each
    records : number → record of the log as it will be
    waiting : files that were set aside, and will have been used
    """

    said: tuple[str, ...]
    missing: tuple[str, ...]
    records: dict[str, Record] = field(repr=False)
    waiting: tuple[Path, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.said or self.waiting)


def plan_repair(home: Path) -> RepairPlan:
    """Look at all files of a home, and say what a repair would do; nothing is changed.

    Raises
    ------
    TaskLogError : a file cannot be read now, or a newer version wrote it
    """
    if not home.is_dir():
        raise TaskLogError(f"there is no folder {home} to repair (CSSERV_HOME)")
    log = read_log(home / "task_log.json")
    archived = list(archives(home))
    aside = list(copies(home))
    made = results(home)
    said, missing = _damages([*log.evidence, *archived], aside)
    if archived:
        known = {one.name.partition("/")[2] for one in archived if one.damage}
        faults = Archive(home / "archive").faults()
        said += [f"archive/{name} {why}" for name, why in faults.items() if name not in known]
    builder = _Builder(log.records, archived)
    said += builder.drop_archived()
    for source in (log.evidence[1], *aside, *archived, made):
        said += builder.add(source)
    said += builder.end_those_with_results(made)
    missing += [f"areas/{one}.geojson, of a task that waits" for one in builder.lacking(home)]
    waiting = tuple(pending(home))
    if said or waiting:
        missing += find_losses(home, [*log.evidence, *archived, *aside], builder.known)
    return RepairPlan(tuple(said), tuple(missing), builder.records, waiting)


def repair(home: Path) -> RepairPlan:
    """Plan a repair and carry it out; safe to be killed at any moment, and to do twice.

    Raises
    ------
    TaskLogError : a runner or a server works in the home, or a file cannot be read or written
    """
    with alone(home):
        plan = plan_repair(home)
        if plan.is_needed:
            _carry_out(home, plan)
    return plan


def _carry_out(home: Path, plan: RepairPlan) -> None:
    log = home / "task_log.json"
    for path in (log, log.with_suffix(".journal")):
        if path.is_file() and path.stat().st_size and set_aside(home, path) is None:
            raise TaskLogError(f"no copy of {path} can be written; nothing was changed")
    SafeTinyDB(log).rebuild({"_default": plan.records})
    Archive(home / "archive").mend_all()
    settle(home, pending(home))
    report = "".join(f"{line}\n" for line in (*plan.said, *plan.missing))
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    replace_file(home / FOLDER / SETTLED / f"repair.{moment}.txt", report.encode())


class _Builder:
    """The records of the log to be: each task once."""

    def __init__(self, records: dict[str, Record], archived: list[Evidence]) -> None:
        self.records: dict[str, Record] = {}
        self._ids: dict[str, str] = {}  # task id → number
        self._archived = {
            key: task for one in archived for key, task in one.tasks.items() if task.get("finished")
        }
        for key, record in records.items():
            task_id = str(record.get("id"))
            if task_id not in self._ids:
                self.records[key] = record
                self._ids[task_id] = key
        self._next = max((int(key) for key in records), default=0) + 1

    @property
    def known(self) -> dict[str, Record]:
        """Task id → record, of the log to be and of the archive."""
        return self._archived | {key: self.records[one] for key, one in self._ids.items()}

    def drop_archived(self) -> list[str]:
        """Leave out what is in the archive, too: the line that moved it there may be lost."""
        double = [one for one in self._ids if one in self._archived]
        for task_id in double:
            del self.records[self._ids.pop(task_id)]
        return [f"{len(double)} tasks of the log are in the archive: they stay there"] * bool(
            double
        )

    def add(self, source: Evidence) -> list[str]:
        """Add the tasks that nothing else tells of."""
        known = self._ids.keys() | self._archived.keys()
        news = {key: one for key, one in source.tasks.items() if key not in known}
        is_old = "task_log-" in source.name  # of the archive, so that it has ended
        for task_id, record in news.items():
            key = str(self._next)
            self._next += 1
            whole = Task.from_dict(record).to_dict() | record
            is_cut = is_old and not record.get("finished")
            self.records[key] = _ended(whole) if is_cut else whole
            self._ids[task_id] = key
        return [f"{len(news)} tasks are taken from {source.name}"] * bool(news)

    def end_those_with_results(self, made: Evidence) -> list[str]:
        """End the tasks whose result is whole, though the line that ended them is lost."""
        ended = 0
        for task_id, result in made.tasks.items():
            key = self._ids.get(task_id)
            if key is None or self.records[key].get("state") not in ("queued", "running"):
                continue
            ending = {name: result[name] for name in ("state", "done", "total", "finished")}
            started = self.records[key].get("started") or result["started"]
            rest = {"started": started, "lease_until": None, "error": None}
            self.records[key] = self.records[key] | ending | rest
            ended += 1
        return [f"{ended} open tasks have a whole result: they have succeeded"] * bool(ended)

    def lacking(self, home: Path) -> list[str]:
        """Return the SHA-256 of areas that open tasks need and that are gone."""
        tasks = [Task.from_dict(one) for one in self.records.values()]
        wanted = {one.request.area for one in tasks if one.state is TaskState.QUEUED}
        return sorted(one for one in wanted if not (home / "areas" / f"{one}.geojson").is_file())


def _damages(files: list[Evidence], aside: list[Evidence]) -> tuple[list[str], list[str]]:
    said = []
    for one in files:
        if one.damage:
            unproved = f", {len(one.unproved)} of them by their requests" if one.unproved else ""
            said.append(f"{one.name} {one.damage}: {len(one.tasks)} tasks are read{unproved}")
    everything = [*files, *aside]
    lost = [f"{one.lost} records of {one.name} cannot be read" for one in everything if one.lost]
    return said, lost


def _ended(record: Record) -> Record:
    """Return a record of the archive of which only the request is known."""
    error = "how it ended is not known: its record was damaged; submit it again"
    return record | {"state": "failed", "finished": record["submitted"], "error": error}
