"""What tells that a home once had a task log, so that a missing one is not taken for a new one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def traces(log: Path, is_marked: bool) -> str:
    """Say what is there that only a task log leaves; empty if nothing is.

    Areas do not count: a first submission that was killed leaves one.

    Parameters
    ----------
    log : path of the JSON file
    is_marked : whether its lock file or its journal tells of one
    """
    if is_marked:
        return "tasks were written to it"
    if any(log.parent.glob(f"archive/{log.stem}-*.json")):
        return "archive/ has its older tasks"
    with suppress(OSError), os.scandir(log.parent / "results") as results:
        if any(Path(one.path, f"{one.name}.json").exists() for one in results):
            return "results/ has results of its tasks"
    return ""
