"""How a variable is laid out in a file: its dimensions, chunks and packing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.hdf5.chunks import Storage

#: number of a chunk along time, rows and columns
Place = tuple[int, int, int]


@dataclass(frozen=True)
class Layout:
    """How a variable is laid out in a file; the same for most files of a dataset.

    Attributes
    ----------
    order : positions of time, rows and columns among the dimensions; -1 for time where there is
        no time dimension, and for rows where all cells lie along one dimension
    rows, columns : of the grid; columns that repeat the first ones are not of it
    south_up : whether rows run northwards in the file
    east_first : whether columns run westwards in the file
    storage : its chunks and their compression; without a codec, ``storage.chunk`` is the slab that
        the netCDF library reads at once
    packing : how stored numbers become values
    """

    order: tuple[int, int, int]
    rows: int
    columns: int
    south_up: bool
    east_first: bool
    storage: Storage
    packing: Packing

    @cached_property
    def chunk(self) -> Place:
        """Length of a chunk: steps, rows, columns."""
        steps, rows, columns = (self.storage.chunk[p] if p >= 0 else 1 for p in self.order)
        return steps, rows, columns

    @cached_property
    def geometry(self) -> tuple[object, ...]:
        """What two files must have in common so that their chunks cover the same cells."""
        return self.rows, self.columns, self.south_up, self.east_first, self.chunk[1:]

    def file_rows(self, first: int, last: int) -> tuple[int, int]:
        """Turn rows ``first`` to ``last`` - 1, counted from the north, into rows of the file."""
        return (self.rows - last, self.rows - first) if self.south_up else (first, last)

    def file_columns(self, first: int, last: int) -> tuple[int, int]:
        """Turn columns ``first`` to ``last`` - 1, counted from the west, into the file's."""
        return (self.columns - last, self.columns - first) if self.east_first else (first, last)
