"""Checks that each process can write its log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from csserv.doctor.finding import Finding, ok, problem, warning
from csserv.settings import Settings

#: logs of a home, where no other file is set: of the runner and the workers that a server starts
IN_HOME = ("runner.log", "workers.log")

#: a log of this size is told, as nothing begins it anew [bytes]
LARGE = 2**30


def check_log_files(settings: Settings) -> Iterator[Finding]:
    """Check that the log files can be written; none is made, as its owner might be another one."""
    given = [settings.log_file] if settings.log_file else []
    paths = given or [path for name in IN_HOME if (path := settings.home / name).exists()]
    sound = True
    for path in paths:
        if why := unwritable(path):
            sound = False
            mend = f"chown it to {os.getuid()}, or set CSSERV_LOG_FILE to another file"
            yield problem("log files", f"{path} {why}", mend)
        elif path.exists() and settings.log_max and not os.access(path.parent, os.W_OK | os.X_OK):
            sound = False
            said = f"{path} cannot be begun anew: nothing can be made in {path.parent}"
            yield warning(
                "log files", said, "CSSERV_LOG_MAX=none, and logrotate; or another folder"
            )
        elif path.exists() and path.stat().st_size > max(LARGE, (settings.log_max or 0) * 2e6):
            sound = False
            size = f"{path.stat().st_size / 1e9:.1f} GB"
            yield warning("log files", f"{path} has {size}", "CSSERV_LOG_MAX=50, or logrotate")
    if sound:
        yield ok("log files", f"{', '.join(map(str, given)) or 'stderr'} can be written")


def unwritable(path: Path) -> str:
    """Say why a log cannot be written; empty if it can."""
    if path.exists():
        if not (path.is_file() or path.is_char_device()):
            return "is no file"
        return "" if os.access(path, os.W_OK) else "cannot be written by this user"
    folder = next(one for one in path.parents if one.exists())  # the rest is made
    if not folder.is_dir():
        return f"cannot be made: {folder} is no folder"
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"cannot be made in {folder}"
