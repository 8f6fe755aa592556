"""Files that are whole or absent: written aside, synced to disk, renamed."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import psutil


def replace_file(path: Path, content: bytes, private: bool = False) -> None:
    """Put new content in place of a file in one step that outlasts a power cut.

    Drafts that killed processes of this host left beside it are removed. A private file may be
    read by its owner only.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb") as file:
            if private:
                os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sweep_drafts(path.parent)
    sync(path.parent)


def sweep_drafts(folder: Path) -> None:
    """Remove the drafts whose writers are no more."""
    for draft in folder.glob(".*.draft"):
        writer = draft.name.split(".")[-2]
        if writer.isdigit() and not psutil.pid_exists(int(writer)):
            draft.unlink(missing_ok=True)


def publish_folder(draft: Path, final: Path) -> None:
    """Rename a folder to its final name in one step, once all that is in it is on disk.

    A folder that is there already is whole, from an attempt whose ending was not heard: it stays.
    """
    for path in draft.iterdir():
        sync(path)
    sync(draft)
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        draft.rename(final)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        shutil.rmtree(draft, ignore_errors=True)
    sync(final.parent)


def sync(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
