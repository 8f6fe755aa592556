"""A consistent copy of a living home in one file, and back; each file with its SHA-256."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson

from csserv.errors import TaskLogError
from csserv.machine.written_whole import written_whole
from csserv.outputs.provenance import now, versions
from csserv.tasks.log.database import SafeTinyDB
from csserv.tasks.log.on_disk.sealed import SCHEMA, seal

#: version of the layout of a backup
FORMAT = 1

MANIFEST = "manifest.json"

#: files of a home beside its log that a backup has; tokens and users as hashes, as they are stored
OWN_FILES = ("csserv.toml", "tokens.json", "users.json")

#: and folders: areas of tasks, and what users have saved
OWN_FOLDERS = ("areas", "favourites")


@dataclass
class Saved:
    """What a backup has.

    Attributes
    ----------
    tasks : how many, those of the archive not counted
    files : name → size and SHA-256
    left_out : names of what vanished meanwhile, or could not be read
    """

    tasks: int
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    folders: dict[str, float] = field(default_factory=dict)  #: of results → when they were written

    def manifest(self) -> dict[str, Any]:
        """Return what the backup says of itself."""
        return {
            "format": FORMAT,
            "schema": SCHEMA,
            "csserv": versions()["csserv"],
            "made": now(),
            "tasks": self.tasks,
            "folders": self.folders,
            "files": self.files,
        }


def back_up(home: Path, target: Path, with_results: bool = True) -> Saved:
    """Copy a home into a file, while tasks may be submitted and run.

    Log and archives are copied as they are at one moment; areas and results are those of their
    tasks. Running tasks are in it as running: they are queued again where it is restored.

    Raises
    ------
    TaskLogError : the log cannot be read, or the file cannot be written
    """
    if not (home / "task_log.json").exists():
        raise TaskLogError(f"there is no task log in {home} (CSSERV_HOME)")
    try:
        # private: it has tokens and requests
        with (
            written_whole(target, private=True, swept=True) as draft,
            tarfile.open(draft, mode="w") as tar,
        ):
            return _write(home, tar, with_results)
    except OSError as error:
        raise TaskLogError(f"cannot write {target}: {error.strerror or error}") from None


def _write(home: Path, tar: tarfile.TarFile, with_results: bool) -> Saved:
    db = SafeTinyDB(home / "task_log.json")
    with ExitStack() as held:
        with db.transaction() as table:  # nobody writes to log or archive
            records = {str(one.doc_id): dict(one) for one in table}
            open_files = [
                (path, held.enter_context(path.open("rb")))
                for path in sorted((home / "archive").glob("*"))
                if path.is_file() and path.name.startswith(("task_log-", "index.s"))
            ]
            index = {path.name: file.read() for path, file in open_files if "index" in path.name}
        saved = Saved(len(records))
        _add_bytes(tar, saved, "task_log.json", seal({"_default": records})[0])
        for path, file in open_files:
            name = f"archive/{path.name}"
            if path.name in index:  # SQLite writes into it
                _add_bytes(tar, saved, name, index[path.name])
            else:
                _add(tar, saved, name, file)
    folders = [name for folder in OWN_FOLDERS for name in _names(home / folder, folder)]
    _add_files(home, tar, saved, [*OWN_FILES, *folders])
    if with_results:
        _add_results(home, tar, saved)
    text = orjson.dumps(saved.manifest(), option=orjson.OPT_INDENT_2)
    _add_bytes(tar, Saved(0), MANIFEST, text)
    return saved


def _add_results(home: Path, tar: tarfile.TarFile, saved: Saved) -> None:
    for name in _names(home / "results", "results"):
        folder = home / name
        if not folder.is_dir():
            continue
        with ExitStack() as held:  # all or nothing, as a result may be removed meanwhile
            try:
                written = folder.stat().st_mtime
                files = [
                    (one.name, held.enter_context(one.open("rb")))
                    for one in sorted(folder.iterdir())
                ]
            except OSError:
                saved.left_out.append(name)
                continue
            saved.folders[name] = written
            for one, file in files:
                _add(tar, saved, f"{name}/{one}", file)


def _add_files(home: Path, tar: tarfile.TarFile, saved: Saved, names: list[str]) -> None:
    for name in names:
        path = home / name
        if not path.is_file():
            continue
        try:
            with path.open("rb") as file:
                _add(tar, saved, name, file)
        except OSError:
            saved.left_out.append(name)


def _add_bytes(tar: tarfile.TarFile, saved: Saved, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = len(content), int(datetime.now(UTC).timestamp())
    tar.addfile(info, io.BytesIO(content))
    saved.files[name] = len(content), hashlib.sha256(content).hexdigest()


def _add(tar: tarfile.TarFile, saved: Saved, name: str, file: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    status = os.fstat(file.fileno())
    info.size, info.mtime = status.st_size, int(status.st_mtime)
    read = Hashing(file)
    tar.addfile(info, read)
    saved.files[name] = info.size, read.digest


class Hashing(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read some bytes."""
        piece = self._file.read(size)
        self._sum.update(piece)
        return piece

    @property
    def digest(self) -> str:
        """SHA-256 of what was read."""
        return self._sum.hexdigest()


def _names(folder: Path, prefix: str) -> Iterator[str]:
    with suppress(FileNotFoundError):
        for path in sorted(folder.iterdir()):
            if not (path.name.startswith(".") or path.suffix == ".lock"):
                yield f"{prefix}/{path.name}"
