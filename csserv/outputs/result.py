"""The result of a task: its folder, and how to open what is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from csserv.errors import InvalidAreaError, TaskNotFinishedError
from csserv.outputs.answer import Answer
from csserv.outputs.citation import Citation, cite
from csserv.request import Area


@dataclass(frozen=True)
class Result(Answer):
    """The outputs of one task on disk.

    Attributes
    ----------
    folder : holds the files; named as the task
    zones : the area that was asked about, or its GeoJSON file; without it, the file is looked for
        where a server has it, ``areas/<sha256>.geojson`` beside the folder of all results
    """

    folder: Path
    zones: Area | Path | None = None

    @property
    def path(self) -> Path:
        """The JSON file, which every task has."""
        return self.folder / f"{self.folder.name}.json"

    @property
    def files(self) -> list[Path]:
        """All files: the JSON, and the ZIP of an export."""
        return sorted(self.folder.iterdir())

    @cached_property
    def json(self) -> dict[str, Any]:
        """What the JSON says: request, series, units, provenance.

        Raises
        ------
        TaskNotFinishedError : there is no result in the folder
        """
        try:
            plain: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise TaskNotFinishedError(f"no result in {self.folder}") from None
        return plain

    @property
    def provenance(self) -> dict[str, Any]:
        """Where the numbers come from: dataset, files, versions, weighting, times."""
        return dict(self.json["provenance"])

    @cached_property
    def area(self) -> Area:
        """The area that was asked about, with the shapes of its zones.

        Raises
        ------
        InvalidAreaError : its file is gone or unreadable
        """
        if isinstance(self.zones, Area):
            return self.zones
        name = f"{self.json['request']['area_sha256']}.geojson"
        path = self.zones or self.folder.parent.parent / "areas" / name
        try:
            return Area.from_geojson(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidAreaError(
                f"the shapes of the zones cannot be read from {path}: {error.strerror}; "
                "give them: Result(folder, zones=...)"
            ) from None

    def citation(self) -> Citation:
        """Say how to cite the numbers, as text and as BibTeX."""
        return cite(self.json)
