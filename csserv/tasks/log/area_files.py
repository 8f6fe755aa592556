"""The areas of tasks, as GeoJSON files beside the log; equal areas share one file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container
from pathlib import Path

from csserv.errors import TaskFailedError, TaskLogError
from csserv.outputs.durable import replace_file, sweep_drafts
from csserv.request import Area
from csserv.tasks.log.on_disk.set_aside import move_aside, read_regular, set_aside


class AreaFiles:
    """A folder of areas, each named by its SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, area: Area) -> None:
        """Write an area to disk, unless it is there already.

        Raises
        ------
        TaskLogError : the disk is full, or cannot be written to
        """
        path, text = self._path(area.sha256), area.geojson.encode()
        if _holds(path, text):
            return
        home = self._folder.parent
        try:
            if os.path.lexists(path) and set_aside(home, path, settled=True) is None:
                move_aside(home, path)  # a folder in its place
            replace_file(path, text)
        except OSError as error:
            raise TaskLogError(f"cannot write {path}: {error.strerror}") from error

    def read(self, sha256: str) -> Area:
        """Read an area by its SHA-256.

        Raises
        ------
        TaskFailedError : its file is missing, unreadable or damaged
        """
        path = self._path(sha256)
        try:
            raw = read_regular(path)
        except OSError as error:
            why = error.strerror or error
            raise TaskFailedError(f"the stored area cannot be read: {why}") from None
        if hashlib.sha256(raw).hexdigest() != sha256:
            set_aside(self._folder.parent, path)
            raise TaskFailedError(
                f"the stored area {path} is damaged; submit the request again with its area"
            )
        return Area.from_stored(raw.decode())

    def faults(self) -> dict[str, str]:
        """Read all areas; return file → what is wrong with it. Nothing is changed."""
        found = {}
        for path in sorted(self._folder.glob("*.geojson")):
            try:
                if hashlib.sha256(read_regular(path)).hexdigest() != path.stem:
                    found[path.name] = "is damaged"
            except OSError as error:
                found[path.name] = f"cannot be read: {error.strerror or error}"
        return found

    def keep_only(self, kept: Container[str]) -> None:
        """Remove the files of all areas but those given by their SHA-256."""
        for path in self._folder.glob("*.geojson"):
            if path.stem not in kept:
                path.unlink(missing_ok=True)
        sweep_drafts(self._folder)

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.geojson"


def _holds(path: Path, text: bytes) -> bool:
    try:
        return path.stat().st_size == len(text) and read_regular(path) == text
    except OSError:
        return False
