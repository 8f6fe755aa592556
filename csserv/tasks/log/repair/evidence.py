"""Where tasks can be found after damage: the log's files, copies of them, archives, results."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from csserv.errors import TaskLogError
from csserv.outputs.result_json import read_document
from csserv.tasks.log.lock import FileLock
from csserv.tasks.log.on_disk.journal import Change
from csserv.tasks.log.on_disk.mark import Mark
from csserv.tasks.log.on_disk.sealed import DamageError, Stored, unseal
from csserv.tasks.log.on_disk.set_aside import pending, read_regular
from csserv.tasks.log.on_disk.traces import traces
from csserv.tasks.log.repair.salvage import (
    Record,
    Salvaged,
    is_proved,
    salvage_file,
    salvage_journal,
)
from csserv.tasks.log.task import Task


@dataclass
class Evidence:
    """The tasks that one file or folder tells of.

    Attributes
    ----------
    name : of the file, as its keeper knows it
    tasks : id → record
    unproved : ids of those whose checksum does not match, though their requests do
    damage : what is wrong with the file; empty if nothing is
    lost : how many records of it cannot be read
    lost_ids : the ids of tasks that can be read in these
    is_away : whether it cannot be read now, so that nothing in it is lost
    """

    name: str
    tasks: dict[str, Record] = field(default_factory=dict)
    unproved: set[str] = field(default_factory=set)
    damage: str = ""
    lost: int = 0
    lost_ids: set[str] = field(default_factory=set)
    is_away: bool = False


@dataclass
class LogFiles:
    """The log as it can be read: number → record, as its journal leaves it."""

    records: dict[str, Record]
    evidence: list[Evidence]


def read_log(path: Path) -> LogFiles:
    """Read the JSON file and its journal.

    Raises
    ------
    TaskLogError : one cannot be read now, so that nobody knows what it holds; or is a newer one's
    """
    found, base, total = _read_file(path)
    journal = path.with_suffix(".journal")
    raw = _raw(journal)
    mark = Mark.read(FileLock(path.with_suffix(".lock")))
    acknowledged = mark.journal if mark and mark.sum == total else 0
    lines = Evidence(journal.name)
    text = _without_torn_line(raw or b"", acknowledged)
    read = salvage_journal(text)
    lines.lost, lines.lost_ids = read.lost, read.lost_ids
    lines.tasks = {str(one["id"]): one for one in read.unproved}
    lines.unproved = set(lines.tasks)
    if raw is None and os.path.lexists(journal):
        lines.damage = "is no file"
    elif read.damaged:
        lines.damage = f"has {read.damaged} damaged lines"
    elif acknowledged > len(text):
        lines.damage = f"has lost {acknowledged - len(text):,} bytes"
    if base.damage in ("is gone", "is empty") and not raw:
        base.damage = base.damage if traces(path, mark is not None) else ""
    records = dict(found.records)
    for change in read.changes:
        _apply(change, records)
    by_id = {str(one["id"]): one for one in records.values() if "id" in one}
    base.tasks = by_id
    base.unproved = {str(found.records[key]["id"]) for key in found.unproved}
    return LogFiles(records, [base, lines])


def copies(home: Path) -> Iterator[Evidence]:
    """Yield the files that were set aside, but for copies of what is still in its place."""
    here = [_raw(home / name) for name in ("task_log.json", "task_log.journal")]
    for path in pending(home):
        raw = _raw(path)
        if raw is not None and raw in here:
            continue
        if raw is None or path.name.endswith(".gone"):
            yield Evidence(path.name)
        elif ".journal." in path.name:
            read = salvage_journal(raw)
            records: dict[str, Record] = {}
            for change in read.changes:
                _apply(change, records, removes=False)
            tasks = {str(one["id"]): one for one in read.unproved} | _by_id(records)
            yield Evidence(path.name, tasks, lost=read.lost, lost_ids=read.lost_ids)
        elif path.name.startswith("task_log"):
            found = salvage_file(raw)
            unproved_ids = {str(found.records[key]["id"]) for key in found.unproved}
            tasks, ids = _by_id(found.records), found.lost_ids
            yield Evidence(path.name, tasks, unproved_ids, lost=found.lost, lost_ids=ids)
        else:
            yield Evidence(path.name)


def archives(home: Path) -> Iterator[Evidence]:
    """Yield the files of the archive."""
    for path in sorted((home / "archive").glob("task_log-*.json")):
        try:
            raw = _raw(path)
        except TaskLogError as error:
            yield Evidence(
                f"archive/{path.name}", damage=f"cannot be read now ({error})", is_away=True
            )
            continue
        if raw is None:
            yield Evidence(f"archive/{path.name}", damage="is no file")
            continue
        try:
            records = unseal(raw, path).tables["_default"]
            yield Evidence(f"archive/{path.name}", {one["id"]: one for one in records.values()})
        except (DamageError, KeyError, TypeError, AttributeError):
            found = salvage_file(raw)
            yield Evidence(
                f"archive/{path.name}",
                _by_id(found.records),
                damage="is damaged",
                lost=found.lost,
                lost_ids=found.lost_ids,
            )


def results(home: Path) -> Evidence:
    """Return the tasks that results tell of; their clients are not known."""
    found = Evidence("results/")
    with suppress(FileNotFoundError), os.scandir(home / "results") as entries:
        for entry in entries:
            record = _of_result(Path(entry.path))
            if record is not None:
                found.tasks[entry.name] = record
    return found


def _of_result(folder: Path) -> Record | None:
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        plain = read_document(folder / f"{folder.name}.json", with_series=False)
        asked, origin = plain["request"], plain["provenance"]
        steps = int(origin["steps_read"])
        files = [str(one["file"]) for one in origin["granules"]]
        area = folder.parent.parent / "areas" / f"{asked['area_sha256']}.geojson"
        request = {name: asked[name] for name in ("dataset", "operation", "period", "fingerprint")}
        request |= {"area": asked["area_sha256"], "area_title": str(asked["area"])}
        request |= {"zones": _zones(area), "files": len(files), "bytes": 0}
        request |= {"first_file": files[0], "last_file": files[-1]}
        request["options"] = asked.get("options") or {}
        record = {
            "id": plain["id"],
            "request": request,
            "submitted": origin["started"],
            "state": "succeeded",
            "done": steps,
            "total": steps,
            "attempt": 1,
            "started": origin["started"],
            "finished": origin["finished"],
            "request_id": str(origin.get("request_id", "")),
        }
        return record if plain["id"] == folder.name and is_proved(record) else None
    return None


def _zones(area: Path) -> int:
    with suppress(OSError, ValueError, LookupError, TypeError):
        return len(orjson.loads(read_regular(area))["features"])
    return 1


def _read_file(path: Path) -> tuple[Salvaged, Evidence, bytes]:
    evidence = Evidence(path.name)
    raw = _raw(path)
    if raw is None:
        evidence.damage = "is no file" if os.path.lexists(path) else "is gone"
        return Salvaged(), evidence, b""
    if not raw:
        evidence.damage = "is empty"
        return Salvaged(), evidence, b""
    try:
        stored = unseal(raw, path)
        _check_records(stored, path)
        return Salvaged(stored.tables.get("_default", {})), evidence, stored.sum
    except DamageError as error:
        evidence.damage = error.reason
    found = salvage_file(raw)
    evidence.lost, evidence.lost_ids = found.lost, found.lost_ids
    return found, evidence, b""


def _check_records(stored: Stored, path: Path) -> None:
    """Check that records are tasks; those with a right checksum may be of a newer version."""
    for record in stored.tables.get("_default", {}).values():
        try:
            Task.from_dict(record)
        except TaskLogError:
            if stored.is_sealed:
                raise
            raise DamageError(path, "is JSON, but no task log") from None


def _without_torn_line(raw: bytes, acknowledged: int) -> bytes:
    """Leave out a last line that is not complete and was never acknowledged."""
    end = raw.rfind(b"\n") + 1
    return raw[:end] if end >= acknowledged else raw


def _raw(path: Path) -> bytes | None:
    """Read a file; None if there is none, or something else in its place.

    Raises
    ------
    TaskLogError : it cannot be read now
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        return read_regular(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        if stat.S_ISLNK(path.lstat().st_mode):
            return None
        why = error.strerror or error
        raise TaskLogError(f"cannot read {path}: {why}; mend that first, nothing is lost") from None


def _apply(change: Change, records: dict[str, Record], removes: bool = True) -> None:
    for key, record in change.get("_default", {}).items():
        if record is not None:
            records[key] = record
        elif removes:
            records.pop(key, None)


def _by_id(records: Mapping[str, Any]) -> dict[str, Record]:
    return {
        str(one["id"]): one for one in records.values() if isinstance(one, dict) and "id" in one
    }
