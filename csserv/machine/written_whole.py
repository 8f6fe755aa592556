"""Files that are whole or absent: written as a draft beside them, which then takes their place."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from uuid import uuid4


@contextmanager
def written_whole(
    target: Path,
    *,
    synced: bool = True,
    private: bool = False,
    alone: bool = False,
    swept: bool = False,
) -> Iterator[Path]:
    """Give the path of a draft; what is written to it is the file at the end of the block.

    Until then the file is what it was, or absent; so it stays where the block raises an error, and
    the draft is removed. A file that takes the place of another has its permissions.

    Parameters
    ----------
    target : path of the file
    synced : whether the file and its name are on disk at the end; without, a power cut may lose it
    private : only the owner may read the file, and the draft from its beginning
    alone : nobody else writes this file: drafts that were left by killed writers are removed first;
        should one still run, it fails
    swept : the draft is named after this process, by which ``sweep_drafts`` removes what killed
        ones left; not where several hosts write
    """
    if alone:
        for left in target.parent.glob(f".{escape(target.name)}.*.draft"):
            left.unlink(missing_ok=True)
    mark = str(os.getpid()) if swept else uuid4().hex
    draft = target.with_name(f".{target.name}.{mark}.draft")
    try:
        if private:
            draft.unlink(missing_ok=True)
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield draft
        if not private:
            with suppress(OSError):  # there is none before it, or the disk knows no permissions
                draft.chmod(stat.S_IMODE(target.stat().st_mode))
        if synced:
            sync(draft)
        draft.replace(target)
    except BaseException:
        with suppress(OSError):  # the folder is gone, or can no longer be written
            draft.unlink()
        raise
    if synced:
        sync(target.parent)


def sync(path: Path) -> None:
    """Wait until a file or folder is on disk (fsync)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
