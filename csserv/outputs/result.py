"""The result of a task: its folder, and how to open what is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cftime
import numpy as np
import pandas as pd
import xarray as xr

from csserv.errors import TaskNotFinishedError


@dataclass(frozen=True)
class Result:
    """The outputs of one task on disk."""

    folder: Path

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

    def to_xarray(self) -> xr.DataArray:
        """Read the series as ``(time,)``, or ``(zone, time)`` where there are several zones.

        A step without data is NaN; ``valid_percent`` is a coordinate [per cent].
        """
        series = self.json["series"]
        values = np.array([one["value"] for one in series], dtype=float)
        percent = np.array([one["valid_percent"] for one in series], dtype=float)
        array = xr.DataArray(
            values,
            coords={
                "zone": [one["zone"]["name"] for one in series],
                "zone_id": ("zone", [one["zone"]["id"] for one in series]),
                "time": self._times(series[0]["time"]),
                "valid_percent": (("zone", "time"), percent, {"units": "%"}),
            },
            dims=("zone", "time"),
            name=self.json["request"]["operation"],
            attrs={"units": self.json["units"], "dataset": self.json["request"]["dataset"]},
        )
        return array.isel(zone=0) if len(series) == 1 else array

    def to_dataframe(self) -> pd.DataFrame:
        """Read the series as rows of zone, time, value and valid_percent."""
        frames = [
            pd.DataFrame(
                {
                    "zone": one["zone"]["name"],
                    "time": self._times(one["time"]),
                    "value": np.array(one["value"], dtype=float),
                    "valid_percent": one["valid_percent"],
                }
            )
            for one in self.json["series"]
        ]
        return pd.concat(frames, ignore_index=True)

    def _times(self, texts: list[str]) -> pd.DatetimeIndex | xr.CFTimeIndex:
        calendar = self.json["calendar"]
        if calendar in ("standard", "gregorian", "proleptic_gregorian"):
            return pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601")).as_unit("s")
        return xr.CFTimeIndex([_time(text, calendar) for text in texts])


def _time(text: str, calendar: str) -> cftime.datetime:
    form = "%Y-%m-%dT%H:%M:%S" if "T" in text else "%Y-%m-%d"
    return cftime.datetime.strptime(text, form, calendar=calendar)
