"""The areas of tasks, as GeoJSON files beside the log; equal areas share one file."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from csserv.errors import TaskFailedError, TaskLogError
from csserv.outputs.durable import replace_file, sweep_drafts
from csserv.request import Area
from csserv.request.limits import Limits


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
        path = self._path(area.sha256)
        if path.exists():
            return
        try:
            replace_file(path, area.geojson.encode())
        except OSError as error:
            raise TaskLogError(f"cannot write {path}: {error.strerror}") from error

    def read(self, sha256: str) -> Area:
        """Read an area by its SHA-256.

        Raises
        ------
        TaskFailedError : its file is missing or unreadable
        """
        try:
            text = self._path(sha256).read_text(encoding="utf-8")
        except OSError as error:
            raise TaskFailedError(f"the stored area cannot be read: {error.strerror}") from None
        return Area.from_geojson(text, limits=Limits())  # the limits were checked at submit

    def keep_only(self, kept: Container[str]) -> None:
        """Remove the files of all areas but those given by their SHA-256."""
        for path in self._folder.glob("*.geojson"):
            if path.stem not in kept:
                path.unlink(missing_ok=True)
        sweep_drafts(self._folder)

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.geojson"
