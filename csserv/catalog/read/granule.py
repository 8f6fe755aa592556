"""One file, read in uniform form: (time, lat, lon), north up, NaN where missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import netCDF4

from csserv.catalog.read.axes import FindPlace, find_axes, find_variable
from csserv.catalog.read.corrections import NONE, Corrections
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.file_kinds import why_out_of_reach
from csserv.catalog.read.grid import Floats, Window
from csserv.catalog.read.header import Header
from csserv.catalog.read.header_reader import HeaderReader, Reading
from csserv.catalog.read.other_formats.data_formats import open_data
from csserv.catalog.read.packing_attributes import DeclaredPacking, read_declared_packing
from csserv.catalog.read.place.horizontal import find_horizontal
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.source import READING, UNREADABLE, Source, trouble
from csserv.catalog.read.windows import read_window
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError, InvalidRequestError, StaleGranuleError, UnnamedFileError

if TYPE_CHECKING:  # loaded where a file is opened as a whole: no worker does
    import xarray as xr

ReadHeader: TypeAlias = "Callable[[Granule, Signature], Header]"


@dataclass(frozen=True)
class Granule:
    """One file and the variable to read from it, ``group/variable`` where in a group.

    Its corrections may give it other names, which count where the first is not in the file.
    """

    path: Path
    variable: str
    corrections: Corrections = NONE

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variable; the first counts that the file has."""
        return self.variable, *self.corrections.aliases

    def header(self) -> Header:
        """Read the metadata of the file; ``Headers`` of the header store keeps what was read.

        Raises
        ------
        StaleGranuleError : the file is gone, or changes meanwhile
        GranuleError : the file is unreadable, or has no such variable, or not its axes
        """
        return self.read_header(self.sign())

    def sign(self) -> Signature:
        """Return what changes when the file does.

        Raises
        ------
        StaleGranuleError : the file is gone
        GranuleError : its folder is not accessible
        """
        try:
            return Signature.of_path(self.path)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not self.path.is_symlink():
                raise StaleGranuleError(f"{self.path.name} is gone") from None
            why = why_out_of_reach(self.path, error)
            raise GranuleError(f"cannot read {self.path.name}: {why}") from None

    def read_header(self, signed: Signature, read: ReadHeader | None = None) -> Header:
        """Read what a file says of itself that was seen before, for :meth:`header`'s errors.

        Parameters
        ----------
        read : reads it, in place of reading all of it anew
        """
        try:
            header = read(self, signed) if read else self.read_anew(signed).header
        except GranuleError:
            if self.sign() == signed:
                raise
            raise StaleGranuleError(f"{self.path.name} changes while it is read") from None
        if self.sign() != signed:
            raise StaleGranuleError(f"{self.path.name} changes while it is read")
        return header

    def read_anew(self, signed: Signature, find_place: FindPlace = find_horizontal) -> Reading:
        """Read all of what the file says of itself, whether or not it changes meanwhile.

        Parameters
        ----------
        find_place : as ``find_horizontal``

        Raises
        ------
        GranuleError : as of :meth:`header`
        """
        reader = HeaderReader(self.names, self.corrections, find_place)
        with self.opened(only_header=True) as data:
            return reader.read(data, self.path, signed)

    def describe(self, header: Header) -> dict[str, Any]:
        """Return name, title, size and modification time of the file, for a result's provenance."""
        seconds = header.signature.mtime_ns / 1e9
        modified = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
        return {
            "file": self.path.name,
            "title": header.title,
            "bytes": header.signature.size,
            "modified": modified.replace("+00:00", "Z"),
        }

    def source(
        self,
        steps: range,
        chosen: Mapping[str, str] | None = None,
        known: Header | None = None,
    ) -> Source:
        """Return what a worker needs to read some steps.

        Parameters
        ----------
        known : the header as the dataset has it, in the units of its other files

        Raises
        ------
        InvalidRequestError : see ``Header.pick``
        """
        header = known or self.header()
        try:
            pick = header.pick(chosen or {})
        except InvalidRequestError as error:
            raise InvalidRequestError(f"{self.path.name}: {error}") from None
        return Source(
            path=self.path,
            variable=header.variable,
            signature=header.signature,
            steps=steps,
            pick=pick,
            layout=header.layout,
            index=header.index,
        )

    def read(
        self,
        steps: range,
        window: Window,
        chosen: Mapping[str, str] | None = None,
        known: Header | None = None,
    ) -> Floats:
        """Read some steps of a window.

        Parameters
        ----------
        steps : indices of the steps
        window : part of the grid; it may pass the last column of a grid round the globe
        chosen : coordinate to take of each dimension other than time, latitude and longitude
        known : its header, where that was read

        Returns
        -------
        values : (time, lat, lon) float64, in the file's units, north up, columns from west to east;
            NaN where missing (_FillValue, missing_value, or outside the valid range)
        """
        source = self.source(steps, chosen, known)
        return read_window(source, window)

    def open(self, chosen: Mapping[str, str] | None = None) -> xr.DataArray:
        """Read the whole file as an xarray.DataArray.

        Returns
        -------
        data : (time, lat, lon), north up, with the variable's attributes; NaN where missing

        Raises
        ------
        GranuleError : the grid is curved, or the file is unreadable
        InvalidRequestError : see ``Header.pick``
        """
        import xarray as xr

        header = self.header()
        grid = header.grid
        if isinstance(grid, CurvedGrid):
            raise GranuleError(f"{self.path.name} is on a curved grid; open it with xarray")
        window = Window(0, 0, grid.rows, grid.columns)
        return xr.DataArray(
            self.read(range(len(header.times)), window, chosen, header),
            coords={
                "time": xr.CFTimeIndex(list(header.times)),
                "lat": ("lat", grid.lat(window), {"units": "degrees_north"}),
                "lon": ("lon", grid.lon(window), {"units": "degrees_east"}),
            },
            dims=("time", "lat", "lon"),
            name=self.variable,
            attrs={**dict(header.attributes), "units": header.units},
        )

    def find_place(self) -> Placed:
        """Find where its cells lie, and by what of the file.

        Raises
        ------
        GranuleError : the file cannot be read, or its cells cannot be placed
        """
        name, told = self.header().variable, self.corrections
        with self.opened(only_header=True) as data:
            return find_axes(data, name, bool(told.time_from_name), told.crs).place

    def declared_packing(self) -> DeclaredPacking:
        """Read how its values are packed, and where that is stated.

        Raises
        ------
        GranuleError : the file cannot be read, or an attribute makes no sense
        """
        name = self.header().variable
        with self.opened(only_header=True) as data:
            return read_declared_packing(find_variable(data, name), self.corrections)

    @contextmanager
    def opened(self, only_header: bool = False) -> Iterator[netCDF4.Dataset]:
        """Open the file as the netCDF library does; errors become ``GranuleError``.

        Parameters
        ----------
        only_header : whether no values of its fields will be read
        """
        try:
            with READING, open_data(self.path, self.corrections, only_header) as data:
                yield data
        except UnnamedFileError as error:
            raise GranuleError(f"cannot read {self.path.name}: {error}") from None
        except GranuleError as error:
            raise GranuleError(f"cannot use {self.path.name}: {error}") from None
        except UNREADABLE as error:
            why = trouble(error, self.path)
            raise GranuleError(f"cannot read {self.path.name}: {why}") from error
