"""Keeps the home folder to its owner: it holds areas, results, tokens' hashes and keys."""

from __future__ import annotations

import os
import stat
from pathlib import Path

#: permissions of others than the owner: the group, and everybody
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_home(home: Path) -> None:
    """Make the home folder, for its owner alone; one that exists stays as it is.

    Raises
    ------
    OSError : it cannot be made
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)


def hide_as_home(home: Path) -> int:
    """Let this process make files that are no more open to others than the home folder is.

    Whoever shares a home with a group has given the folder that group's permissions.

    Returns
    -------
    the umask that was set before
    """
    mode = home.stat().st_mode if home.is_dir() else 0o700
    before = os.umask(OTHERS)
    os.umask(before | (OTHERS & ~mode))
    return before


def open_to_others(home: Path) -> bool:
    """Whether everybody on this machine can look into the home folder."""
    return bool(home.stat().st_mode & stat.S_IRWXO)
