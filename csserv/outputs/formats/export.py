"""Exports: the cells as GeoTIFFs or CF NetCDF, or the series as CSV, in a ZIP."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cftime
import numpy as np

from csserv.outputs.file_names import stamp
from csserv.outputs.formats.spreadsheet_text import shown_text
from csserv.outputs.map_cells import (
    Cells,
    Described,
    Field,
    Layers,
    NamedMaps,
    Part,
    converted,
)
from csserv.outputs.netcdf.map_netcdf import (
    archive_named_netcdf,
    archive_netcdf,
    write_cells,
)
from csserv.outputs.series import Series

PartWriter = Callable[[Path, Cells, Sequence[cftime.datetime], Layers], Path]

Archiver = Callable[[Path, Cells, Iterable[Part], Series, Described], None]

NamedArchiver = Callable[[Path, Sequence[NamedMaps], Series, Described], None]


@dataclass(frozen=True)
class Format:
    """An export format."""

    part: PartWriter | None  #: writes the file of one block; None if the format needs no cells
    archive: Archiver  #: writes the ZIP of all parts
    archive_named: NamedArchiver | None = None  #: writes the ZIP of maps of several quantities


def write_tiffs(
    folder: Path, cells: Cells, times: Sequence[cftime.datetime], layers: Layers
) -> Path:
    """Write a GeoTIFF for each step into an uncompressed ZIP, from which the archive copies."""
    path = folder / f"{stamp(times[0], daily=False)}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive, _TiffWriter(cells) as tiffs:
        for time, layer in zip(times, layers, strict=True):
            archive.writestr(f"{stamp(time, cells.daily)}.tif", tiffs.tiff(layer, time))
    return path


def archive_tiffs(
    path: Path, cells: Cells, parts: Iterable[Part], series: Series, described: Described
) -> None:
    """Copy the GeoTIFFs of all parts into one ZIP, in time order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for part in parts:
            with zipfile.ZipFile(part.path) as source:
                for name in source.namelist():
                    archive.writestr(name, source.read(name))


def archive_named_tiffs(
    path: Path, maps: Sequence[NamedMaps], series: Series, described: Described
) -> None:
    """Write the GeoTIFFs of several quantities into one ZIP; each statistic has a folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for one in maps:
            folder = f"{one.name}/" if one.name else ""
            plain = replace(one.cells, scale=1.0, offset=0.0)
            layers = one.part.layers(plain)
            with _TiffWriter(plain) as tiffs:
                for time, layer in zip(one.part.times, layers, strict=True):
                    name = f"{folder}{stamp(time, plain.daily)}.tif"
                    archive.writestr(name, tiffs.tiff(layer, time))


def archive_csv(
    path: Path, cells: Cells, parts: Iterable[Part], series: Series, described: Described
) -> None:
    """Write the series as CSV, in a ZIP: zone, date, value, valid per cent, perhaps complete.

    Coordinates of further dimensions of which several are asked for follow the zone; statistics
    against what is normal come last.
    """
    archive_rows(path, cells.attributes.get("units", ""), [series])


def archive_rows(path: Path, units: str, groups: Iterable[Series]) -> None:
    """Write what ``archive_csv`` does, of series that come some zones at a time."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{path.stem}.csv", "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text, lineterminator="\n")
        for number, series in enumerate(groups):
            if number == 0:
                writer.writerow(_header(series, units))
            writer.writerows(
                [shown_text(one) if isinstance(one, str) else one for one in row]
                for row in series.rows()
            )


def _header(series: Series, units: str) -> list[str]:
    more = [] if series.steps_percent is None else ["valid days [%]"]
    more += ["complete"] if series.complete else []
    further = series.selections[0]
    compared = series.against[0] if series.against else ()  # an export is of one operation
    return ["zone", *further, "date", f"value [{units}]", "valid [%]", *more, *compared]


#: the export that is made of the series alone
ROWS = "csv"

#: export name → format
FORMATS = {
    "geotiff": Format(write_tiffs, archive_tiffs, archive_named_tiffs),
    "netcdf": Format(write_cells, archive_netcdf, archive_named_netcdf),
    ROWS: Format(None, archive_csv),
}


class _TiffWriter:
    """Writes GeoTIFFs of the same cells; while it is open, GDAL need not be set up for each."""

    def __init__(self, cells: Cells) -> None:
        from rasterio import Env  # slow to import, and few requests are for maps
        from rasterio.transform import from_origin

        self._cells = cells
        self._gdal = Env()
        north, west = cells.lat[0] + cells.dlat / 2, cells.lon[0] - cells.dlon / 2
        self._profile = {
            "driver": "GTiff",
            "height": cells.shape[0],
            "width": cells.shape[1],
            "count": 1,
            "dtype": "float32",
            "crs": "EPSG:4326",
            "transform": from_origin(west, north, cells.dlon, cells.dlat),
            "nodata": np.nan,
            "compress": "deflate",
            "zlevel": 1,
        }

    def __enter__(self) -> _TiffWriter:
        self._gdal.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._gdal.__exit__(*error)

    def tiff(self, layer: Field, time: cftime.datetime) -> bytes:
        """Return a map as a file."""
        from rasterio.io import MemoryFile

        cells = self._cells
        with MemoryFile() as memory:
            with memory.open(**self._profile) as tiff:
                tiff.write(converted(cells, layer), 1)
                tiff.update_tags(TIME=time.isoformat(), SOURCE=cells.title)
                tiff.set_band_description(1, cells.variable)
                tiff.set_band_unit(1, cells.attributes.get("units", ""))
            return bytes(memory.read())
