"""Files that could not be read, kept under names with their time; nothing is written over them."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from csserv.machine.written_whole import sync
from csserv.outputs.durable import replace_file

#: folder of files that `csserv repair` is to look at, and in it one of those it has done with
FOLDER, SETTLED = "damaged", "settled"

#: folder in it of files that have nothing to do with tasks
ACCOUNTS = "accounts"


def set_aside(home: Path, path: Path, settled: bool = False, room: str = "") -> Path | None:
    """Keep a copy of a damaged file, unless there is one; None if it cannot be copied.

    What is no file, such as a folder in its place, stays where it is.

    Parameters
    ----------
    settled : whether all in it is known, so that nothing is left to do
    room : of its folder: ``ACCOUNTS``, or none
    """
    with suppress(OSError, MemoryError):
        raw = read_regular(path)
        folder = home / FOLDER / (SETTLED if settled else room)
        for known in folder.glob(f"{path.name}.*"):
            if known.is_file() and known.stat().st_size == len(raw) and known.read_bytes() == raw:
                return known
        copy = _free_name(folder, path.name)
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(copy, raw, private=True)
        return copy
    return None


def move_aside(home: Path, path: Path) -> Path | None:
    """Move away whatever stands in the place of a file; None if nothing does."""
    if not os.path.lexists(path):
        return None
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    copy = _free_name(home / FOLDER, path.name)
    path.rename(copy)
    sync(path.parent)
    return copy


def note_lost(home: Path, name: str, said: str) -> None:
    """Keep a sentence about a file that is gone, so that it is told until it is repaired."""
    note = home / FOLDER / f"{name}.gone"
    if not note.exists():
        with suppress(OSError):
            note.parent.mkdir(parents=True, exist_ok=True)
            replace_file(note, f"{said}\n".encode())


def pending(home: Path, room: str = "") -> list[Path]:
    """List what was set aside and is not repaired yet, the oldest first."""
    try:
        with os.scandir(home / FOLDER / room) as entries:
            return [Path(one.path) for one in sorted(entries, key=_age) if _counts(one)]
    except OSError:
        return []


def settle(home: Path, paths: list[Path]) -> None:
    """Move what has been repaired out of the way; it is kept."""
    folder = home / FOLDER / SETTLED
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        with suppress(FileNotFoundError):
            path.rename(folder / path.name)
    sync(folder)


def read_regular(path: Path) -> bytes:
    """Read a file; what is no file is refused, and never waited for.

    Raises
    ------
    OSError : it cannot be read, or is no file
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path.name} is no file")
        return file.read()


def _free_name(folder: Path, name: str) -> Path:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    return folder / f"{name}.{moment}"


def _age(entry: os.DirEntry[str]) -> str:
    return entry.name.rpartition(".20")[2]


def _counts(entry: os.DirEntry[str]) -> bool:
    return entry.name not in (SETTLED, ACCOUNTS) and not entry.name.endswith(".draft")
