"""Writing files atomically: first as a draft, synced to disk, then renamed."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil


def replace_file(
    path: Path,
    content: bytes,
    private: bool = False,
    when_written: Callable[[], None] = lambda: None,
) -> None:
    """Replace a file atomically; on return the new content is on disk.

    Drafts beside it whose process on this host was killed are removed.

    Parameters
    ----------
    private : only the owner may read the file
    when_written : called when the new content is on disk, before it takes the old one's place; if
        it raises an error, the old one stays
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb") as file:
            if private:
                os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        when_written()
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sweep_drafts(path.parent)
    sync(path.parent)


def sweep_drafts(folder: Path) -> None:
    """Remove the drafts of processes that no longer exist."""
    for draft in folder.glob(".*.draft"):
        writer = draft.name.split(".")[-2]
        if writer.isdigit() and not psutil.pid_exists(int(writer)):
            draft.unlink(missing_ok=True)


def publish_folder(draft: Path, final: Path) -> None:
    """Rename a folder to its final name, once everything in it is on disk.

    If the final folder exists, an earlier attempt published it, and it stays.
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
    """Wait until a file or folder is on disk (fsync)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
