"""Writing files atomically: first as a draft, synced to disk, then renamed."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil

from csserv.machine.written_whole import sync, written_whole


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
    with written_whole(path, synced=False, private=private, swept=True) as draft:
        draft.write_bytes(content)
        sync(draft)
        when_written()
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
