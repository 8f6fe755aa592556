"""The areas that tasks ask about: files beside the log, each area once, by content hash."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from csserv.errors import TaskFailedError, TaskLogError
from csserv.outputs.durable import replace_file, sweep_drafts
from csserv.request import Area
from csserv.request.limits import Limits


class Areas:
    """A folder of areas."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, area: Area) -> None:
        """Put an area on disk, unless it is there.

        Raises
        ------
        TaskLogError : the disk is full, or may not be written to
        """
        path = self._path(area.sha256)
        if path.exists():
            return
        try:
            replace_file(path, area.geojson.encode())
        except OSError as error:
            raise TaskLogError(f"cannot write {path}: {error.strerror}") from error

    def read(self, sha256: str) -> Area:
        """Read an area back.

        Raises
        ------
        TaskFailedError : its file is missing or unreadable
        """
        try:
            text = self._path(sha256).read_text(encoding="utf-8")
        except OSError as error:
            raise TaskFailedError(f"the stored area cannot be read: {error.strerror}") from None
        return Area.from_geojson(text, limits=Limits())  # they were checked at submit

    def drop_all_but(self, kept: Container[str]) -> None:
        """Remove the areas that nobody asks about any more."""
        for path in self._folder.glob("*.geojson"):
            if path.stem not in kept:
                path.unlink(missing_ok=True)
        sweep_drafts(self._folder)

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.geojson"
