"""What a repair cannot find: the tasks that something still tells of, though no record does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from csserv.tasks.log.archived.archive import Archive
from csserv.tasks.log.on_disk.set_aside import read_regular
from csserv.tasks.log.repair.evidence import Evidence
from csserv.tasks.log.repair.salvage import Record

#: beginning of the names of archived files, before their month
_MONTHLY = "task_log-"


def find_losses(
    home: Path, files: Sequence[Evidence], records: Mapping[str, Record]
) -> Iterator[str]:
    """Yield a sentence for each thing that is lost, or may be; nothing is changed.

    Parameters
    ----------
    files : all that was read
    records : task id → its record, as far as one was found
    """
    lost = {one for file in files for one in file.lost_ids} - records.keys()
    yield from _cut_records(files, lost)
    yield from _later_changes(files, records)
    yield from _only_indexed(home, files, records.keys() | lost)
    yield from _only_results(home, records)
    yield from _only_areas(home, records)


def _cut_records(files: Sequence[Evidence], lost: Collection[str]) -> Iterator[str]:
    for task_id in sorted(lost):
        where = " and ".join(one.name for one in files if task_id in one.lost_ids)
        yield f"task {task_id}: of its record in {where}, only the id can be read"


def _later_changes(files: Sequence[Evidence], records: Mapping[str, Record]) -> Iterator[str]:
    for file in files:
        for task_id in sorted(file.lost_ids & records.keys()) if ".journal" in file.name else ():
            state = records[task_id].get("state")
            yield f"a change of task {task_id} in {file.name}: it is {state} as far as is known"


def _only_indexed(home: Path, files: Sequence[Evidence], known: Collection[str]) -> Iterator[str]:
    """Tell of archived tasks; those of whole months that are gone were kept for their time."""
    names = [one.name.rpartition("/")[2] for one in files if one.damage or "/" not in one.name]
    damaged = {one.removeprefix(_MONTHLY)[:7] for one in names if one.startswith(_MONTHLY)}
    away = {one.name.rpartition("/")[2] for one in files if one.is_away}
    for task_id, ended, dataset, file in Archive(home / "archive").indexed_beside(known):
        if file not in away and (file or ended[:7] in damaged):
            yield (
                f"task {task_id} of {dataset}, which ended on {ended[:10]}: "
                "only the index of the archive tells of it"
            )


def _only_results(home: Path, records: Mapping[str, Record]) -> Iterator[str]:
    with suppress(OSError):
        for path in sorted((home / "results").iterdir()):
            if path.name not in records:
                yield f"task {path.name}: its result cannot be read, and no record tells of it"


def _only_areas(home: Path, records: Mapping[str, Record]) -> Iterator[str]:
    asked = {str((one.get("request") or {}).get("area")) for one in records.values()}
    for path in sorted((home / "areas").glob("*.geojson")):
        if path.stem not in asked:
            where = f"areas/{path.name}"
            yield f"a task that asked for {_title(path)}: no record has its area ({where})"


def _title(path: Path) -> str:
    with suppress(OSError, ValueError, AttributeError):
        return str(orjson.loads(read_regular(path)).get("title") or "an area")
    return "an area that cannot be read"
