"""A GeoTIFF in the words of the netCDF library: a field along time or bands, rows and columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.corrections import Corrections
from csserv.catalog.read.geotiff.band_dates import EPOCH
from csserv.catalog.read.geotiff.tiff_file import TiffFile, open_tiff
from csserv.catalog.read.other_formats.plain_dataset import (
    UNNAMED,
    Index,
    PlainDataset,
    PlainVariable,
)
from csserv.catalog.read.times.file_dates import date_of_name
from csserv.catalog.read.times.stamps import CountedTimes
from csserv.catalog.read.times.steps_from import steps_from

#: attributes of a field that GDAL keeps of a NetCDF file, or that people write
KEPT = ("long_name", "standard_name", "cell_methods")


@contextmanager
def open_tiff_dataset(path: Path, told: Corrections, only_header: bool) -> Iterator[PlainDataset]:
    """Open a GeoTIFF; see :func:`open_tiff`."""
    with open_tiff(path, only_header) as file:
        yield _dataset(file, path, told)


def _dataset(file: TiffFile, path: Path, told: Corrections) -> PlainDataset:
    title = file.tags.get("title") or file.tags.get("TIFFTAG_IMAGEDESCRIPTION") or ""
    data = PlainDataset({"title": title} if title else {}, any_name=True)
    y, x = _add_place(data, file)
    along = _add_bands(data, file, path, told)
    data.add(_field(file, (*along, y, x)))
    return data


def _add_place(data: PlainDataset, file: TiffFile) -> tuple[str, str]:
    """Add rows and columns: of degrees, of a projection, or of what the file does not say."""
    names = ("lat", "lon") if file.is_geographic else ("y", "x")
    said: list[dict[str, Any]] = [{}, {}]
    if file.is_geographic:
        said = [{"units": "degrees_north"}, {"units": "degrees_east"}]
    elif file.crs:
        unit = {"units": file.length_unit} if file.length_unit else {}
        said = [unit | {"standard_name": f"projection_{one}_coordinate"} for one in names]
    if file.crs:
        data.add(PlainVariable.of_values("crs", (), np.array(0), crs_wkt=file.crs))
    edges = (file.y, file.y_bounds), (file.x, file.x_bounds)
    for name, attributes, (centres, bounds) in zip(names, said, edges, strict=True):
        if len(centres) == 1:  # from which no one could tell how large the cell is
            attributes["bounds"] = f"{name}_bounds"
            data.add(PlainVariable.of_values(f"{name}_bounds", (name, "side"), bounds))
        data.add(PlainVariable.of_values(name, (name,), centres, **attributes))
    return names


def _add_bands(
    data: PlainDataset, file: TiffFile, path: Path, told: Corrections
) -> tuple[str, ...]:
    """Add what the bands are: times, or else names; nothing for a single band that says no date."""
    times = file.times
    if times is None and told.band_step:
        first, _ = date_of_name(path, told.first_band)
        numbers = steps_from(first, told.band_step, file.bands)
        times = CountedTimes(numbers.astype(np.float64), EPOCH, "", step=told.band_step)
    if times is not None:
        said = {"units": times.units, "standard_name": "time"}
        said |= {"calendar": times.calendar} if times.calendar else {}
        said |= {"time_step": times.step} if times.step else {}
        data.add(PlainVariable.of_values("time", ("time",), times.numbers, **said))
        return ("time",)
    if file.bands == 1:
        return ()
    are_named = all(file.names) and len(set(file.names)) == file.bands
    numbers = np.arange(1, file.bands + 1)
    labels: NDArray[Any] = np.array(file.names) if are_named else numbers
    data.add(PlainVariable.of_values("band", ("band",), labels))
    return ("band",)


def _field(file: TiffFile, dimensions: tuple[str, ...]) -> PlainVariable:
    alone = file.bands == 1 and file.times is None and file.names[0]
    shape = (file.bands, file.rows, file.columns)[-len(dimensions) :]
    said: dict[str, Any] = {name: file.tags[name] for name in KEPT if name in file.tags}
    said |= {"units": file.units} if file.units else {}
    said |= {"grid_mapping": "crs"} if file.crs else {}
    if file.nodata is not None:
        said["_FillValue"] = file.nodata
    if (file.scale, file.offset) != (1.0, 0.0):
        said |= {"scale_factor": file.scale, "add_offset": file.offset}

    def take(index: Index) -> NDArray[Any]:
        spans = [range(one.start, one.stop) for one in index]
        bands = spans[0] if len(spans) == 3 else range(1)
        read = file.read(bands, *spans[-2:])
        return read if len(spans) == 3 else read[0]

    return PlainVariable(
        name=str(alone or UNNAMED),
        dimensions=dimensions,
        shape=shape,
        dtype=file.dtype,
        attributes=said,
        take=take,
        chunk=(1, *file.block)[-len(dimensions) :],
    )
