"""Writes a step as a CF NetCDF file of the archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.origins import write_origins
from csserv.catalog.read.source import READING
from csserv.errors import DiskFullError
from csserv.ingest.products.step_length import StepLength
from csserv.ingest.stored.field import Field
from csserv.ingest.stored.ledger import Arrival
from csserv.ingest.stored.origin_variables import write_arrival
from csserv.machine.disk_space import told_when_full
from csserv.machine.written_whole import written_whole

#: most cells of a chunk on a side
SIDE = 200

#: of deflate
LEVEL = 4


@dataclass(frozen=True)
class Description:
    """What the files of a dataset say of themselves, beside their numbers."""

    variable: str
    title: str
    source: str
    licence: str
    references: str


def write_step(
    path: Path, field: Field, step: StepLength, arrival: Arrival, said: Description
) -> None:
    """Write one step; on return the file is whole, on disk, and has its name.

    Raises
    ------
    DiskFullError : it cannot be written; says why
    """
    try:
        _write(path, field, step, arrival, said)
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise DiskFullError(f"cannot write {path}: {why}") from None


def _write(path: Path, field: Field, step: StepLength, arrival: Arrival, said: Description) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        written_whole(path, swept=True) as draft,
        told_when_full(path.parent),
        READING,
        netCDF4.Dataset(draft, "w") as file,
    ):
        _describe(file, arrival, said)
        _write_time(file, arrival.start, step)
        write_arrival(file, arrival)
        _write_place(file, field)
        _write_values(file, field, said.variable)
        # of no other file: xarray opens files as one where all have the same variables
        write_origins(file, (), "")


def _describe(file: netCDF4.Dataset, arrival: Arrival, said: Description) -> None:
    moment = arrival.retrieved.isoformat(timespec="seconds")
    file.Conventions = "CF-1.11"
    file.title, file.source = said.title, said.source
    file.references, file.license = said.references, said.licence
    file.history = f"{moment} csserv {version('csserv')} fetch: from {arrival.address}"


def _write_time(file: netCDF4.Dataset, start: datetime, step: StepLength) -> None:
    unit, seconds = ("minutes", 60) if step.is_short else ("days", 86400)
    file.createDimension("time", 1)
    file.createDimension("bound", 2)
    epoch = datetime(1970, 1, 1)
    numbers = [(one - epoch).total_seconds() / seconds for one in (start, step.end(start))]
    time = file.createVariable("time", "f8", ("time",))
    time.units, time.calendar = f"{unit} since 1970-01-01 00:00:00", "standard"
    time.standard_name, time.long_name = "time", "start of the step"
    time.axis, time.bounds = "T", "time_bnds"
    time[:] = numbers[:1]
    file.createVariable("time_bnds", "f8", ("time", "bound"))[:] = [numbers]


def _write_place(file: netCDF4.Dataset, field: Field) -> None:
    grid, window = field.grid, field.window
    axes = (
        ("lat", grid.lat(window), grid.lat_bounds(window), "latitude", "degrees_north", "Y"),
        ("lon", grid.lon(window), grid.lon_bounds(window), "longitude", "degrees_east", "X"),
    )
    for name, centres, bounds, standard_name, units, axis in axes:
        file.createDimension(name, len(centres))
        variable = file.createVariable(name, "f8", (name,))
        variable.standard_name, variable.units, variable.axis = standard_name, units, axis
        variable.bounds = f"{name}_bnds"
        variable[:] = centres
        file.createVariable(f"{name}_bnds", "f8", (name, "bound"))[:] = bounds


def _write_values(file: netCDF4.Dataset, field: Field, name: str) -> None:
    packing, shape = field.packing, field.stored.shape
    dtype = packing.native
    stored, fill = _with_one_mark(field.stored, packing)
    chunk = (1, *(min(side, SIDE) for side in shape[1:]))
    how: dict[str, Any] = {"zlib": True, "complevel": LEVEL, "shuffle": True}
    how |= {"chunksizes": chunk, "fill_value": fill}
    variable = file.createVariable(name, dtype, ("time", "lat", "lon"), **how)
    variable.set_auto_maskandscale(False)
    variable.long_name, variable.units = file.title, field.units
    if not packing.is_plain:
        variable.scale_factor, variable.add_offset = packing.scale, packing.offset
    for bound, number in (("valid_min", packing.low), ("valid_max", packing.high)):
        if number is not None:
            variable.setncattr(bound, dtype.type(number))
    variable[:] = stored


def _with_one_mark(stored: NDArray[Any], packing: Packing) -> tuple[NDArray[Any], Any]:
    """Put one mark in place of all that stand for missing values, as CF has it; return it, too.

    Returns
    -------
    stored, fill : fill is False where no number stands for missing ones
    """
    dtype = packing.native
    if not packing.marks:
        return stored, dtype.type(np.nan) if dtype.kind == "f" else False
    fill = dtype.type(packing.marks[0])
    marked = packing.marked(stored)
    return stored if marked is None else np.where(marked, fill, stored), fill
