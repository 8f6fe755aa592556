"""The result of a task: a folder of files, and the ways to open them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from csserv.errors import InvalidAreaError, InvalidRequestError, TaskNotFinishedError
from csserv.notes import Note
from csserv.outputs.citation import Citation, cite
from csserv.outputs.further_dimensions import lengths_of
from csserv.outputs.result_json import each_series, is_compact, read_document
from csserv.outputs.series_result import SeriesResult, notes_in
from csserv.outputs.several_operations import operations_of
from csserv.request import Area

#: zones whose rows are written to a file together: of 40 years of days, they take 30 MB
ZONES_AT_ONCE = 50


@dataclass(frozen=True)
class Result(SeriesResult):
    """The outputs of one task on disk.

    Attributes
    ----------
    folder : folder of the files; its name is the task's id
    zones : the area of the request, or its GeoJSON file. If None, the file is looked for where a
        server stores it: ``areas/<sha256>.geojson`` beside the folder of all results
    copied : the JSON file, where it was copied away and has no folder of its own
    """

    folder: Path
    zones: Area | Path | None = None
    copied: Path | None = None

    @property
    def path(self) -> Path:
        """Path of the JSON file, which every result has."""
        return self.copied or self.folder / f"{self.folder.name}.json"

    @property
    def files(self) -> list[Path]:
        """Paths of all files: the JSON, and the ZIP of an export."""
        return [self.copied] if self.copied else sorted(self.folder.iterdir())

    @cached_property
    def json(self) -> dict[str, Any]:
        """The content of the JSON file: request, series, units, provenance.

        Raises
        ------
        TaskNotFinishedError : the folder has no result
        DamagedResultError : the file is not as it was written
        """
        return self._read()

    @cached_property
    def about(self) -> dict[str, Any]:
        """The content of the JSON file but for the series, which may be many.

        Raises
        ------
        TaskNotFinishedError : the folder has no result
        DamagedResultError : the file is not as it was written
        """
        if "json" in vars(self):  # it has been read
            return self.json
        return self._read(with_series=False)

    @property
    def in_arrays(self) -> dict[str, Any]:
        """``json``; where it is large, read anew, with numbers in arrays; see ``SeriesResult``."""
        if "json" in vars(self) or not self._is_compact:
            return self.json
        return self._read(arrays=True)  # not kept: a thousand zones over 40 years take 120 MB

    @property
    def _is_compact(self) -> bool:
        return self.path.exists() and is_compact(self.path)

    def by_zones(self, at_once: int = 1) -> Iterator[SeriesResult]:
        """Yield the result zone by zone, or some zones at a time: all may be more than memory.

        Each has the methods of a result that convert it: ``to_dataframe()``, ``to_xarray()``, …

        Parameters
        ----------
        at_once : how many zones each has; the last may have fewer

        Raises
        ------
        TaskNotFinishedError : the folder has no result
        DamagedResultError : the file is not as it was written; at its end, if its series are
        """
        if at_once < 1:
            raise InvalidRequestError(f"at_once is {at_once!r}; allowed is 1 or more")
        about = self.about
        known = vars(self).get("json")
        series = iter(known["series"]) if known else each_series(self.path)
        count = at_once * math.prod(lengths_of(about))
        while some := list(islice(series, count)):
            yield OfSomeZones(about | {"series": some}, self)

    @property
    def operations(self) -> list[str]:
        """The operations that were asked for."""
        return operations_of(self.about)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was assumed, left out or narrowed to answer the request."""
        return notes_in(self.about)

    @property
    def provenance(self) -> dict[str, Any]:
        """Where the numbers come from: dataset, files, versions, weighting, times."""
        return dict(self.about["provenance"])

    @cached_property
    def area(self) -> Area:
        """The area of the request, with the geometries of its zones.

        Raises
        ------
        InvalidAreaError : its file is gone, unreadable or damaged
        """
        if isinstance(self.zones, Area):
            return self.zones
        sha256 = self.about["request"]["area_sha256"]
        path = self.zones or self.folder.parent.parent / "areas" / f"{sha256}.geojson"
        try:
            raw = path.read_bytes()
            if not self.zones and hashlib.sha256(raw).hexdigest() != sha256:
                raise InvalidAreaError(
                    f"the stored area {path} is damaged; give the zones: Result(folder, zones=...)"
                )
            return Area.from_stored(raw.decode())
        except OSError as error:
            raise InvalidAreaError(
                f"the shapes of the zones cannot be read from {path}: {error.strerror}; "
                "give them: Result(folder, zones=...)"
            ) from None

    def citation(self) -> Citation:
        """Return how to cite the result, as text and as BibTeX."""
        return cite(self.about)

    def _read(self, with_series: bool = True, arrays: bool = False) -> dict[str, Any]:
        try:
            return read_document(self.path, with_series, arrays)
        except FileNotFoundError:
            raise TaskNotFinishedError(f"no result in {self.copied or self.folder}") from None


@dataclass(frozen=True, eq=False)
class OfSomeZones(SeriesResult):
    """A result for some of its zones."""

    json: dict[str, Any]
    whole: Result

    @property
    def area(self) -> Area:
        """The area of the request; other zones are in it as well."""
        return self.whole.area
