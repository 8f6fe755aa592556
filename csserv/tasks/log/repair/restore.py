"""Restores a home from a backup, once each byte of it has been checked."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from csserv.errors import TaskLogError
from csserv.machine.private_home import make_home
from csserv.machine.written_whole import sync
from csserv.tasks.log.on_disk.sealed import SCHEMA
from csserv.tasks.log.repair.alone import alone
from csserv.tasks.log.repair.backup import FORMAT, MANIFEST, OWN_FILES

#: names that may be in a home and make it no less empty: locks, logs, what can be made anew
NO_CONTENT = (
    "runner.lock",
    "serving.lock",
    "serving.json",
    "task_log.lock",
    "runner.log",
    "figures.json",
    "cache",
    ".restoring",
)

#: most bytes of a file that are read at once
PIECE = 1_000_000


def restore(source: Path, home: Path, replaces: bool = False) -> dict[str, Any]:
    """Restore a home; return what the backup says of itself.

    Parameters
    ----------
    replaces : if the home is not empty, move what is there into a folder ``replaced-<time>`` of it

    Raises
    ------
    TaskLogError : the backup is damaged, the home is not empty, or a runner or server works in it
    """
    manifest = check_backup(source)
    make_home(home)
    with alone(home):
        there = [path for path in home.iterdir() if path.name not in NO_CONTENT and _holds(path)]
        if there and not replaces:
            raise TaskLogError(
                f"{home} is not empty ({there[0].name}): restore into another folder, or with "
                "--replace, which keeps what is there in replaced-<time>"
            )
        stage = home / ".restoring"
        shutil.rmtree(stage, ignore_errors=True)
        try:
            _extract(source, stage, manifest)
            _put_in_place(stage, home, there)
        except OSError as error:
            raise TaskLogError(f"cannot write {home}: {error.strerror or error}") from None
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return manifest


def check_backup(source: Path) -> dict[str, Any]:
    """Compare all of a backup with its checksums, and return its manifest; nothing is written.

    Raises
    ------
    TaskLogError : it is damaged, no backup, or of a newer version
    """
    found: dict[str, list[Any]] = {}
    manifest: dict[str, Any] | None = None
    try:
        for name, member in _members(source):
            with closing(member):
                if name == MANIFEST:
                    manifest = orjson.loads(member.read())
                    continue
                digest, size = hashlib.sha256(), 0
                while piece := member.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                found[name] = [size, digest.hexdigest()]
    except FileNotFoundError:
        raise TaskLogError(f"there is no file {source}") from None
    except (OSError, tarfile.TarError, ValueError, EOFError) as error:
        raise TaskLogError(f"{source} is no whole backup ({error}); nothing was written") from None
    if manifest is None or not isinstance(manifest.get("files"), dict):
        raise TaskLogError(f"{source} is no whole backup: its end is missing; nothing was written")
    if manifest.get("format", 0) > FORMAT or manifest.get("schema", 0) > SCHEMA:
        raise TaskLogError(f"{source} was made by csserv {manifest.get('csserv')}: install that")
    if manifest["files"] != found:
        wrong = next(
            name
            for name in manifest["files"].keys() | found.keys()
            if manifest["files"].get(name) != found.get(name)
        )
        raise TaskLogError(f"{source} is damaged: {wrong} is not as it was; nothing was written")
    return manifest


def _members(source: Path) -> Iterator[tuple[str, Any]]:
    """Yield name and content of each file; a backup has no others, and none outside of a home."""
    with tarfile.open(source, "r:") as tar:
        for info in tar:
            parts = Path(info.name).parts
            is_ours = info.name in (*OWN_FILES, MANIFEST, "task_log.json") or (
                len(parts) > 1 and parts[0] in ("archive", "areas", "favourites", "results")
            )
            member = tar.extractfile(info) if info.isreg() else None
            if member is None or not is_ours or ".." in parts or info.name.startswith("/"):
                raise ValueError(f"{info.name} is no file of a backup")
            yield info.name, member


def _extract(source: Path, stage: Path, manifest: dict[str, Any]) -> None:
    for name, member in _members(source):
        if name == MANIFEST:
            continue
        path = stage / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(member), path.open("wb") as file:
            if name in OWN_FILES:
                os.fchmod(file.fileno(), 0o600)
            shutil.copyfileobj(member, file, PIECE)
            file.flush()
            os.fsync(file.fileno())
    for name, written in manifest.get("folders", {}).items():
        if (stage / name).is_dir():
            os.utime(stage / name, (written, written))  # results are kept by their age
    for folder in [path for path in stage.rglob("*") if path.is_dir()]:
        sync(folder)


def _put_in_place(stage: Path, home: Path, there: list[Path]) -> None:
    if there:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
        old = home / f"replaced-{moment}"
        old.mkdir()
        for path in there:
            if not path.name.startswith("replaced-"):
                path.rename(old / path.name)
    (home / "task_log.lock").unlink(missing_ok=True)  # its mark is of the log that was here
    # the log last: a home that was killed half restored has none
    for path in sorted(stage.iterdir(), key=lambda one: one.name == "task_log.json"):
        if path.is_dir() and (home / path.name).is_dir():
            (home / path.name).rmdir()  # it is empty
        path.rename(home / path.name)
    sync(home)


def _holds(path: Path) -> bool:
    return not path.is_dir() or any(path.iterdir())
