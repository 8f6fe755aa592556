"""NetCDF files of made-up fields, by the CF conventions; each says that it is synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.machine.written_whole import written_whole

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: stands for a missing value
FILL = np.float32(-9999.0)

#: days are counted from here
ORIGIN = date(1980, 1, 1)

#: what each file says of itself
ATTRIBUTES = {
    "Conventions": "CF-1.8",
    "title": "SYNTHETIC sample data of csserv",
    "source": "synthetic: seeded random fields, neither observed nor modelled",
    "comment": "Synthetic: made from random numbers, in the layout of a real product.",
}


@dataclass(frozen=True, eq=False)
class SampleAxes:
    """Where and when the fields of a file are.

    Attributes
    ----------
    lat, lon : cell centres [degrees], rising
    begins : (time,) days since ``ORIGIN`` on which steps begin
    ends : days on which they end; unsaid in the file if None
    chunk : most steps, rows and columns of a chunk
    """

    lat: Floats
    lon: Floats
    begins: Ints
    ends: Ints | None = None
    chunk: tuple[int, int, int] = (31, 60, 60)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of steps, rows and columns."""
        return len(self.begins), len(self.lat), len(self.lon)


@dataclass(frozen=True)
class SampleVariable:
    """How a variable is written: its units and names, as CF has them."""

    units: str
    standard_name: str
    long_name: str
    cell_methods: str = "time: mean"


@dataclass(frozen=True, eq=False)
class SampleField:
    """A variable, and its values (time, lat, lon); ``FILL`` where there is none."""

    variable: SampleVariable
    values: NDArray[np.float32] = field(repr=False)


def write_sample(
    path: Path,
    axes: SampleAxes,
    fields: Mapping[str, SampleField],
    attributes: Mapping[str, str] | None = None,
) -> Path:
    """Write a file; it appears whole or not at all.

    Parameters
    ----------
    fields : name of a variable → its field
    attributes : of the file, in place of ``ATTRIBUTES`` and besides
    """
    with (
        written_whole(path, synced=False) as draft,
        netCDF4.Dataset(draft, "w", format="NETCDF4") as data,
    ):
        data.setncatts(ATTRIBUTES | dict(attributes or {}))
        _write_axes(data, axes)
        for name, one in fields.items():
            _write_field(data, name, one, axes)
    return path


def _write_axes(data: netCDF4.Dataset, axes: SampleAxes) -> None:
    for name, values, units, axis in (
        ("time", axes.begins, f"days since {ORIGIN} 00:00:00", "T"),
        ("latitude", axes.lat, "degrees_north", "Y"),
        ("longitude", axes.lon, "degrees_east", "X"),
    ):
        data.createDimension(name, len(values))
        variable = data.createVariable(name, "f8" if name == "time" else "f4", (name,))
        variable.units, variable.axis, variable.standard_name = units, axis, name
        if name == "time":
            variable.calendar = "standard"
        variable[:] = values
    if axes.ends is not None:
        data.createDimension("bounds", 2)
        data["time"].bounds = "time_bounds"
        bounds = data.createVariable("time_bounds", "f8", ("time", "bounds"))
        bounds[:] = np.stack([axes.begins, axes.ends], axis=1)


def _write_field(data: netCDF4.Dataset, name: str, one: SampleField, axes: SampleAxes) -> None:
    variable = data.createVariable(
        name,
        "f4",
        ("time", "latitude", "longitude"),
        zlib=True,
        complevel=4,
        shuffle=True,
        chunksizes=tuple(map(min, axes.shape, axes.chunk)),
        fill_value=FILL,
    )
    variable.setncatts(vars(one.variable))
    variable[:] = one.values
