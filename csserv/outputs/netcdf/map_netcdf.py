"""Maps as CF NetCDF, in a ZIP."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cftime
import h5py
import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.outputs.file_names import stamp
from csserv.outputs.map_cells import (
    Cells,
    Described,
    Layers,
    NamedMaps,
    Part,
    Projected,
    converted,
)
from csserv.outputs.netcdf.file_attributes import variable_attributes
from csserv.outputs.netcdf.step_intervals import LEAP_SECONDS, StepIntervals, time_units
from csserv.outputs.series import Series, iso

#: most values of a NetCDF chunk: 4 MB of float32
CHUNK = 1_000_000

#: cells of a chunk along rows and columns, at most
TALL, WIDE = 256, 256

#: how hard zlib-ng tries, 1 to 9: about as small as level 1 of zlib, in half of the time
LEVEL = 2

#: name of the variable of a projection
MAPPING = "crs"


def write_cells(
    folder: Path, cells: Cells, times: Sequence[cftime.datetime], layers: Layers
) -> Path:
    """Write the cells as raw float32, which ``archive_netcdf`` reads."""
    path = folder / f"{stamp(times[0], daily=False)}.f4"
    with path.open("wb") as file:
        for layer in layers:
            file.write(converted(cells, layer).tobytes())
    return path


def archive_netcdf(
    path: Path, cells: Cells, parts: Iterable[Part], series: Series, described: Described
) -> None:
    """Write one CF NetCDF4 file of all parts, in a ZIP."""
    _archive(path, [(cells, parts)], series, described)


def archive_named_netcdf(
    path: Path, maps: Sequence[NamedMaps], series: Series, described: Described
) -> None:
    """Write one CF NetCDF4 file with a variable for each quantity, in a ZIP."""
    _archive(path, [(one.cells, [one.part]) for one in maps], series, described)


def _archive(
    path: Path,
    quantities: Sequence[tuple[Cells, Iterable[Part]]],
    series: Series,
    described: Described,
) -> None:
    inner = path.with_suffix(".nc")
    first, *others = [cells for cells, _ in quantities]
    with netCDF4.Dataset(inner, "w", format="NETCDF4") as data:
        data.setncatts(dict(described.attributes))
        _define_time(data, series.times, described.intervals)
        _define_place(data, first, described)
        for cells, _ in quantities:
            _define_variable(data, cells, described.projected, len(series.times))
        if others:  # CF 1.11, 3.4
            said = " ".join(cells.variable for cells in others)
            data[first.variable].ancillary_variables = said
    with h5py.File(inner, "r+") as written:
        for cells, parts in quantities:
            _write_maps(written[cells.variable], cells, parts, len(series.times))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.write(inner, inner.name)
    inner.unlink()


def _write_maps(variable: h5py.Dataset, cells: Cells, parts: Iterable[Part], number: int) -> None:
    """Write the maps of so many steps, chunk by chunk, packed by us.

    The library takes 68 ms for a chunk of 8 MB; zlib-ng, and the order of bytes by numpy, 25.
    """
    rows, columns = cells.shape
    steps, tall, wide = variable.chunks
    layers = (layer for part in parts for layer in part.layers(cells))
    maps = np.empty((steps, rows, columns), np.float32)
    for first in range(0, number, steps):
        count = 0
        for count, layer in enumerate(itertools.islice(layers, steps), 1):
            maps[count - 1] = layer
        for row, column in itertools.product(range(0, rows, tall), range(0, columns, wide)):
            chunk = part = maps[:count, row : row + tall, column : column + wide]
            if part.shape != variable.chunks:  # at the ends of the axes; they are stored whole
                chunk = np.full(variable.chunks, np.nan, np.float32)
                chunk[tuple(map(slice, part.shape))] = part
            variable.id.write_direct_chunk((first, row, column), _packed(chunk))


def _packed(chunk: NDArray[np.float32]) -> bytes:
    """Return a chunk as HDF5's filters leave it: shuffled, and deflated."""
    from imagecodecs import zlibng_encode  # loaded where maps are written

    numbers = np.ascontiguousarray(chunk, "<f4").reshape(-1)
    planes: Any = np.ascontiguousarray(numbers.view(np.uint8).reshape(-1, 4).T)
    return bytes(zlibng_encode(planes, LEVEL))


def _define_time(
    data: netCDF4.Dataset, times: Sequence[cftime.datetime], intervals: StepIntervals | None
) -> None:
    data.createDimension("time", len(times))
    variable = data.createVariable("time", "f8", ("time",))
    ends = (intervals.start, intervals.end) if intervals else ()
    units = time_units(map(iso, itertools.chain(times, *ends)))
    calendar = times[0].calendar
    variable.setncatts({"units": units, "calendar": calendar, "standard_name": "time", "axis": "T"})
    variable.setncatts({"long_name": "beginning of the step", "units_metadata": LEAP_SECONDS})
    variable[:] = cftime.date2num(list(times), units, calendar)
    if intervals:
        numbers = [cftime.date2num(list(one), units, calendar) for one in ends]
        _define_bounds(data, "time", np.stack(numbers, axis=-1))


def _define_place(data: netCDF4.Dataset, cells: Cells, described: Described) -> None:
    names = _names(cells)
    for name, length in zip(names, cells.shape, strict=True):
        data.createDimension(name, length)
    for name, values, units, bounds in (
        ("lat", cells.lat, "degrees_north", described.lat_bounds),
        ("lon", cells.lon, "degrees_east", described.lon_bounds),
    ):
        over = names if values.ndim == 2 else (name,)
        fill = np.nan if np.isnan(values).any() else None  # cells of a map that lie nowhere
        coordinate = data.createVariable(name, "f8", over, fill_value=fill)
        long_name = "latitude" if name == "lat" else "longitude"
        coordinate.setncatts({"units": units, "standard_name": long_name, "long_name": long_name})
        if values.ndim == 1:
            coordinate.axis = "Y" if name == "lat" else "X"
        coordinate[:] = values
        _define_bounds(data, name, bounds)
    if described.projected:
        data.createVariable(MAPPING, "i4", ()).setncatts(dict(described.projected.mapping))
        for name, (numbers, attributes) in described.projected.axes.items():
            axis = data.createVariable(name, "f8", (name,))
            axis.setncatts(dict(attributes))
            axis[:] = numbers


def _define_bounds(data: netCDF4.Dataset, name: str, bounds: NDArray[np.float64]) -> None:
    """Write the edges of a coordinate; by CF, they have its attributes."""
    corners = bounds.shape[-1]
    dimension = "bnds" if corners == 2 else "corner"
    if dimension not in data.dimensions:
        data.createDimension(dimension, corners)
    data[name].bounds = f"{name}_bnds"
    fill = np.nan if "_FillValue" in data[name].ncattrs() else None
    over = (*data[name].dimensions, dimension)
    data.createVariable(f"{name}_bnds", "f8", over, fill_value=fill)[:] = bounds


def _define_variable(
    data: netCDF4.Dataset, cells: Cells, projected: Projected | None, number: int
) -> None:
    """Define a variable of maps at so many steps."""
    rows, columns = cells.shape
    steps = max(1, min(31, CHUNK // (min(rows, TALL) * columns), number))
    variable = data.createVariable(
        cells.variable,
        "f4",
        ("time", *_names(cells)),
        zlib=True,
        complevel=1,
        shuffle=True,
        chunksizes=(steps, min(rows, TALL), min(columns, WIDE)),
        fill_value=np.float32(np.nan),
        endian="little",
    )
    variable.setncatts(variable_attributes(cells.attributes))
    if cells.lat.ndim == 2:
        variable.coordinates = "lat lon"
    if projected:
        variable.grid_mapping = MAPPING


def _names(cells: Cells) -> tuple[str, str]:
    return ("y", "x") if cells.lat.ndim == 2 else ("lat", "lon")
