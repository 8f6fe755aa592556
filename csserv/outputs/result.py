"""The result of a task: its folder, and how to open what is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csserv.errors import InvalidAreaError, TaskNotFinishedError
from csserv.outputs.citation import Citation, cite
from csserv.request import Area

if TYPE_CHECKING:  # slow to import, so loaded where they are made
    import geopandas as gpd
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Result:
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

    def to_xarray(self) -> xr.DataArray:
        """Read the series as ``(time,)``, or ``(zone, time)`` where there are several zones.

        A step without data is NaN; ``valid_percent`` is a coordinate [per cent], and for longer
        time steps so are ``last_day`` and ``complete``. Attributes are those of CF.
        """
        from csserv.outputs import tables

        return tables.to_xarray(self.json)

    def to_dataframe(self, wide: bool = False) -> pd.DataFrame:
        """Read the series as rows of zone, zone_id, time, value and valid_percent.

        Parameters
        ----------
        wide : a row a time and a column a zone instead, by name, or by id where two names agree
        """
        from csserv.outputs import tables

        return tables.to_dataframe(self.json, wide)

    def to_geodataframe(
        self, zones: gpd.GeoDataFrame | None = None, wide: bool = False
    ) -> gpd.GeoDataFrame:
        """Read the series with the shapes of the zones: a row a zone and time.

        Parameters
        ----------
        zones : the frame that ``map_zones`` was given: its columns and shapes are kept, and rows
            are found by its index. Without it, the shapes are those of ``area``
        wide : a row a zone and a column a time instead, named by it: ``"2019-03-01"``
        """
        from csserv.outputs import shapes

        return shapes.to_geodataframe(self.json, self.area if zones is None else zones, wide)

    def citation(self) -> Citation:
        """Say how to cite the numbers, as text and as BibTeX."""
        return cite(self.json)
