"""Merges files into a new one that is quick to read: chunks long in time and small in space."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import product
from math import prod
from pathlib import Path
from typing import IO, Any, TypeAlias

import netCDF4
import numpy as np

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.read.origins import Origin, write_origins
from csserv.catalog.read.packing_attributes import read_packing
from csserv.catalog.read.source import READING, UNREADABLE
from csserv.catalog.rewrite.one_file import check_mergeable, check_merged_file
from csserv.catalog.rewrite.recipe import Recipe
from csserv.catalog.rewrite.scratch import ChunkShape, Tiles
from csserv.catalog.rewrite.variables import FileDimensions, OtherVariables
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError
from csserv.machine.disk_space import told_when_full
from csserv.machine.written_whole import written_whole

Variable: TypeAlias = "netCDF4.Variable[Any]"

#: bytes that are read at once, unless a single chunk is larger
AT_ONCE = 64 * 2**20

LEVEL = 4  #: of deflate; the time to read the file later does not depend on it


def rewrite(
    granules: Sequence[Granule],
    target: Path,
    chunk: ChunkShape,
    recipe: Recipe,
    on_progress: Callable[[float], None],
) -> None:
    """Merge files into a new one, and check it against them.

    Variables with time and place are rechunked, those with time only are concatenated, and all
    others must be the same in every file. The new file gets its name only when it is complete,
    checked and on disk.

    Parameters
    ----------
    granules : files of one grid and packing, in time order
    target : path of the new file
    chunk : chunk size
    recipe : how much precision the granules' variable may lose
    on_progress : called with the share that is done, 0 to 1

    Raises
    ------
    GranuleError : the files cannot be merged, or the new file differs from what was read
    DiskFullError : the disk is full
    """
    headers = [granule.header() for granule in granules]
    check_mergeable(granules, headers)
    try:
        with written_whole(target, alone=True) as draft:
            with (
                READING,
                tempfile.TemporaryFile(dir=target.parent) as scratch,
                netCDF4.Dataset(granules[0].path) as first,
                told_when_full(target.parent),
            ):
                _Rewriting(granules, headers, first, draft, chunk, recipe, on_progress).run(scratch)
            check_merged_file(replace(granules[0], path=draft), headers)
    except UNREADABLE as error:
        raise GranuleError(f"cannot rewrite {granules[0].path.name}: {error}") from error


def origins_of(
    granules: Sequence[Granule], signatures: Sequence[Signature], folder: Path
) -> list[Origin]:
    """Record name, size and modification time of the files that are merged."""
    pairs = zip(granules, signatures, strict=True)
    return [
        Origin(os.path.relpath(one.path, folder), seen.size, seen.mtime_ns) for one, seen in pairs
    ]


class _Rewriting:
    """One new file while it is being written."""

    def __init__(
        self,
        granules: Sequence[Granule],
        headers: Sequence[Header],
        first: netCDF4.Dataset,
        draft: Path,
        chunk: ChunkShape,
        recipe: Recipe,
        on_progress: Callable[[float], None],
    ) -> None:
        signatures = [header.signature for header in headers]
        self._origins = origins_of(granules, signatures, draft.parent)
        self._granules, self._name = granules, headers[0].variable
        self._first, self._draft = first, draft
        self._chunk, self._recipe, self._on_progress = chunk, recipe, on_progress
        self._others = OtherVariables(first, self._name, granules[0].corrections.crs)
        self._done = 0

    def run(self, scratch: IO[bytes]) -> None:
        """Write all variables, and check each field after writing."""
        for granule in self._granules:
            with self._opened(granule) as data:
                self._others.add(data, self._name)
        first, shape, chunk = self._first, self._others.shape, self._chunk
        first.set_auto_maskandscale(False)
        steps = min(chunk.steps, sum(self._others.steps))
        self._chunk = ChunkShape(
            steps, min(chunk.rows, shape.rows), min(chunk.columns, shape.columns)
        )
        with netCDF4.Dataset(self._draft, "w") as new:
            self._start(new)
        for path in self._others.fields:
            tiles = self._tiles(first[path], scratch)
            self._read(path, tiles)
            with netCDF4.Dataset(self._draft, "r+") as new:
                self._write(path, tiles, new)
            self._check(path, tiles)
            self._done += 1

    def _start(self, new: netCDF4.Dataset) -> None:
        """Create dimensions, attributes, and all variables that are not fields."""
        self._others.write(new)
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        done = f"{moment} csserv {version('csserv')} optimise: {len(self._granules)} files, "
        size = f"{self._chunk.steps} x {self._chunk.rows} x {self._chunk.columns}"
        done += f"chunks {size}, {self._recipe}"
        new.history = f"{getattr(self._first, 'history', '')}\n{done}".strip()
        write_origins(new, self._origins, str(self._recipe))

    def _tiles(self, variable: Variable, scratch: IO[bytes]) -> Tiles:
        shape = self._others.shape
        further = tuple(len(one) for one in shape.further(variable))
        native = np.dtype(variable.dtype).newbyteorder("=")
        steps = sum(self._others.steps)
        return Tiles(scratch, further, steps, shape.rows, shape.columns, self._chunk, native)

    def _read(self, path: str, tiles: Tiles) -> None:
        """Copy the numbers of all files into the tiles that become chunks."""
        first, most = 0, 0.0
        recipe, packing = self._recipe_of(path), self._packing_of(self._first, path)
        for number, granule in enumerate(self._granules):
            with self._opened(granule) as data:
                shape = FileDimensions.of(data, self._name, granule.corrections.crs)
                data.set_auto_maskandscale(False)
                for further, steps, rows, columns in _blocks(data[path], shape):
                    block = shape.take(data[path], further, steps, rows, columns)
                    most = max(most, recipe.largest_value(block, packing))
                    tiles.put(further, first + steps.start, rows.start, columns.start, block)
            first += shape.steps
            self._told(0.5 * (number + 1) / len(self._granules))
        recipe.check_range(most)

    @contextmanager
    def _opened(self, granule: Granule) -> Iterator[netCDF4.Dataset]:
        """Open a file; only one at a time, as each keeps chunks in memory.

        The first one is open already: closing it a second time breaks the texts in it, and the next
        file that is opened crashes (netCDF4 1.7.5).
        """
        if granule is self._granules[0]:
            yield self._first
        else:
            with netCDF4.Dataset(granule.path) as data:
                yield data

    def _write(self, path: str, tiles: Tiles, new: netCDF4.Dataset) -> None:
        old, shape = self._first[path], self._others.shape
        recipe, packing = self._recipe_of(path), self._packing_of(self._first, path)
        dimensions = shape.names(old)
        others = (1 for _ in dimensions[3:])
        lengths = (self._chunk.steps, *others, self._chunk.rows, self._chunk.columns)
        place = path.rpartition("/")[0]
        written = recipe.create(
            new[place] if place else new,
            old,
            packing,
            dimensions=dimensions,
            zlib=True,
            complevel=LEVEL,
            shuffle=True,
            chunksizes=lengths,
        )
        written.set_auto_maskandscale(False)
        for number, (further, rows, columns, cells) in enumerate(tiles):
            written[(slice(None), *further, rows, columns)] = recipe.encode(cells, packing)
            self._told(0.5 + 0.35 * (number + 1) / len(tiles))

    def _check(self, path: str, tiles: Tiles) -> None:
        """Read the new file back and compare."""
        recipe, packing = self._recipe_of(path), self._packing_of(self._first, path)
        with netCDF4.Dataset(self._draft) as new:
            new.set_auto_maskandscale(False)
            made = self._packing_of(new, path)
            for number, (further, rows, columns, cells) in enumerate(tiles):
                found = np.ascontiguousarray(new[path][(slice(None), *further, rows, columns)])
                if not recipe.is_close(cells, found, packing, made):
                    raise GranuleError(f"{self._draft.name} does not hold what was written to it")
                self._told(0.85 + 0.15 * (number + 1) / len(tiles))

    def _recipe_of(self, path: str) -> Recipe:
        return self._recipe if path == self._name else Recipe()

    def _packing_of(self, data: netCDF4.Dataset, path: str) -> Packing:
        """Return the packing of a field; other fields stay bit for bit, so theirs is plain."""
        if path == self._name:
            return read_packing(data[path], self._granules[0].corrections)
        return Packing(np.dtype(data[path].dtype).str)

    def _told(self, share: float) -> None:
        self._on_progress((self._done + share) / len(self._others.fields))


def _blocks(
    variable: Variable, shape: FileDimensions
) -> Iterator[tuple[tuple[int, ...], slice, slice, slice]]:
    """Divide a file into parts of whole chunks that are read at once."""
    lengths = [shape.steps, shape.rows, shape.columns]
    block = [min(a, b) for a, b in zip(shape.chunk(variable), lengths, strict=True)]
    for position in (2, 1, 0):
        more = max(1, AT_ONCE // (prod(block) * variable.dtype.itemsize))
        block[position] = min(block[position] * more, lengths[position])
    starts = (range(0, length, step) for length, step in zip(lengths, block, strict=True))
    further = product(*(range(len(one)) for one in shape.further(variable)))
    for chosen, corner in product(list(further), list(product(*starts))):
        steps, rows, columns = (
            slice(a, min(a + step, length))
            for a, step, length in zip(corner, block, lengths, strict=True)
        )
        yield chosen, steps, rows, columns
