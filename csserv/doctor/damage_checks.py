"""Checks of the files of a home, byte by byte where they have checksums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from csserv.access.account_repair import plan_accounts
from csserv.doctor.finding import Finding, ok, problem, warning
from csserv.errors import SettingsError
from csserv.outputs.result_json import each_series
from csserv.settings import Settings
from csserv.tasks.log.on_disk.area_files import AreaFiles
from csserv.tasks.log.on_disk.set_aside import FOLDER, SETTLED
from csserv.tasks.log.repair.repairing import plan_repair
from csserv.views.parts.amounts import counted

REPAIR = "stop csserv, then run: csserv repair"

#: files that were put right are mentioned for so long [days]
RECENT = 7


def check_damage(settings: Settings) -> Iterator[Finding]:
    """Check the task log, archive, areas, results, tokens and users for damage."""
    home = settings.home
    if not home.is_dir():  # told by the check of the folders
        return
    sound = True
    plan = plan_repair(home)
    for said in (*plan.said, *(f"not found: {one}" for one in plan.missing)):
        sound = False
        yield problem("damage", said, REPAIR)
    for path in plan.waiting:
        sound = False
        yield problem("damage", f"{FOLDER}/{path.name} was set aside", REPAIR)
    for name, why in AreaFiles(home / "areas").faults().items():
        sound = False
        yield problem("damage", f"areas/{name} {why}", "submit a request with that area again")
    for name, why in _broken_results(home):
        sound = False
        mend = "submit its request again, and remove this task"
        yield problem("damage", f"results/{name} {why}", mend)
    for said in _broken_accounts(home):
        sound = False
        yield problem("damage", said, REPAIR)
    yield from _put_right(home)
    if sound:
        yield ok("damage", "log, archive, areas and results are as they were written")


def _broken_results(home: Path) -> Iterator[tuple[str, str]]:
    for folder in sorted((home / "results").glob("*")):
        path = folder / f"{folder.name}.json"
        try:
            for _ in each_series(path):  # one at a time: all may be more than memory
                pass
        except FileNotFoundError:
            if folder.is_dir() and any(folder.iterdir()):
                yield folder.name, "has no JSON"
        except (OSError, ValueError) as error:
            yield f"{folder.name}/{path.name}", f"cannot be read ({error})"


def _broken_accounts(home: Path) -> Iterator[str]:
    try:
        for plan in plan_accounts(home):
            yield from (*plan.said, *(f"not found: {one}" for one in plan.missing))
    except SettingsError as error:  # it cannot be read now
        yield str(error)


def _put_right(home: Path) -> Iterator[Finding]:
    """Mention what csserv has put right by itself: a disk that damages one file damages more."""
    since = datetime.now(UTC).timestamp() - RECENT * 86400
    paths = [path for path in (home / FOLDER / SETTLED).glob("*") if path.stat().st_mtime > since]
    if paths:
        said = f"{counted(len(paths), 'damaged file')} of the last {RECENT} days put right"
        yield warning("damage", said, f"look at the disk; they are in {FOLDER}/{SETTLED}/")
