"""What one file says of itself: enough to plan a request and to read its chunks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cftime

from csserv.catalog.read.axes import Further
from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.further.selections import index_of, several_of
from csserv.catalog.read.grid import Grid, Window
from csserv.catalog.read.hdf5.chunks import ChunkIndex
from csserv.catalog.read.origins import Origin
from csserv.catalog.read.times.calendar_units import to_dates
from csserv.catalog.read.times.stamps import Stamps
from csserv.catalog.signature import Signature
from csserv.errors import InvalidRequestError
from csserv.request.period import Day


@dataclass(frozen=True)
class Header:
    """The metadata of a file: enough to plan a request and to read its chunks."""

    variable: str  #: as it is called in this file
    grid: Grid | CurvedGrid
    stamps: Stamps
    units: str
    attributes: tuple[tuple[str, str], ...]  #: those of ``_attributes`` that the file has
    title: str
    further: tuple[Further, ...]  #: dimensions other than time, latitude and longitude
    layout: Layout
    index: ChunkIndex | None  #: byte offsets of the chunks; None where the netCDF library must read
    signature: Signature
    origins: Mapping[str, Origin]  #: path → file that ``csserv optimise`` merged into this one
    fill: float | None  #: the number that stands for missing values, where the file states one
    placing: tuple[str, ...] = ()  #: what was assumed of its cells or left out, a sentence each

    @cached_property
    def times(self) -> tuple[cftime.datetime, ...]:
        """Time stamps of the steps, as the file has them."""
        return tuple(to_dates(self.stamps.moments, self.stamps.calendar))

    @property
    def calendar(self) -> str:
        """Cftime's name of the calendar."""
        return self.stamps.calendar

    @property
    def first(self) -> Day:
        """Year, month, day of the first time stamp."""
        return _day(to_dates(self.stamps.moments[:1], self.calendar)[0])

    @property
    def last(self) -> Day:
        """Year, month, day of the last time stamp."""
        return _day(to_dates(self.stamps.moments[-1:], self.calendar)[0])

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of what the header says and of the places and sizes of its chunks.

        The file is not opened: 15,000 known files take half a second. Nearly any new number changes
        the compressed size of its chunk, and so the hash; ``csserv.checking.byte_hashes`` tells of
        all.
        """
        storage, packing = self.layout.storage, self.layout.packing
        said = [
            self.variable,
            self.units,
            sorted(self.attributes),
            repr(self.fill),
            self.calendar,
            self.layout.order,
            storage.chunk,
            storage.codec,
            repr((packing.scale, packing.offset)),
            self.signature.size,
            _grid_hash(self.grid),
        ]
        found = hashlib.sha256(json.dumps(said).encode())
        found.update(self.stamps.moments.astype("<i8").tobytes())
        if self.index is not None:
            found.update(self.index.places.astype("<i8").tobytes())
        return found.hexdigest()

    def stamps_of(self, chosen: Mapping[str, str]) -> Stamps:
        """Return the time stamps, of the lead time that is chosen where there are several."""
        leads = self.stamps.leads
        index = 0
        if leads and leads.dimension in chosen:
            dimension = next(f for f in self.further if f.name == leads.dimension)
            if several_of(dimension, chosen[dimension.name]):
                raise InvalidRequestError(
                    f"each {dimension.name} is valid at days of its own, so that several have no "
                    f"time in common; choose one (select: {dimension.name}={dimension.labels[0]})"
                )
            index = index_of(dimension, chosen)
        return self.stamps.valid_for(chosen, index)

    def pick(self, chosen: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
        """Turn the coordinates chosen of further dimensions into indices.

        Parameters
        ----------
        chosen : dimension → coordinate, as text

        Returns
        -------
        pick : (position of the dimension, index in it) of each further dimension

        Raises
        ------
        InvalidRequestError : a dimension or coordinate does not exist, or a dimension has no
            choice; the message lists what is allowed
        """
        known = {one.name: one for one in self.further}
        if wrong := [name for name in chosen if name not in known]:
            has = f"it has {', '.join(known)}" if known else "it has none to choose of"
            raise InvalidRequestError(f"no further dimension {wrong[0]!r}; {has}")
        return tuple((one.position, index_of(one, chosen)) for one in self.further)


@lru_cache(maxsize=16)  # most files of a dataset have the same grid
def _grid_hash(grid: Grid | CurvedGrid) -> str:
    whole = Window(0, 0, grid.rows, grid.columns)
    found = hashlib.sha256(grid.lat(whole).astype("<f8").tobytes())
    found.update(grid.lon(whole).astype("<f8").tobytes())
    return found.hexdigest()


def _day(time: cftime.datetime) -> Day:
    return time.year, time.month, time.day
