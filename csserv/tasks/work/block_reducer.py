"""Reduces one block: reads its files chunk by chunk and accumulates the statistic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.chunk_readers import Piece
from csserv.catalog.read.grid import Floats
from csserv.catalog.read.source import Unpackers
from csserv.outputs.map_cells import Layers
from csserv.tasks.plan.blocks import Block
from csserv.tasks.sums.sums_reading import SumsReader
from csserv.zonal.band import Band
from csserv.zonal.cells import CellStore
from csserv.zonal.operations import Operation, keep_cells
from csserv.zonal.over_time.resample import LongerStep, Resampler
from csserv.zonal.quantiles import weighted_quantile
from csserv.zonal.statistics import Arrays, MissingMask, Statistic, TimeWithData
from csserv.zonal.tiles import AT_ONCE, STEPS, Tile, tiles
from csserv.zonal.weights import Weights
from csserv.zonal.zone_values import MISSING, TIME, by_step, gathered, quantile_name

#: most values of maps that are in memory at once: 16 MB of float64
MAP_CELLS = 2_000_000

#: called after each chunk with the share of the block that is done, 0 to 1
OnProgress = Callable[[float], None]

#: called with the name of each file before it is opened
OnFile = Callable[[str], None]


@dataclass(eq=False)
class BlockReducer:
    """Reads a block and reduces it for some operations."""

    block: Block
    weights: Weights
    wanted: Sequence[Operation]
    store: CellStore  #: holds the cells, if a percentile or maps are asked for
    on_progress: OnProgress
    on_file: OnFile = lambda name: None
    kept: dict[str, Arrays] = field(default_factory=dict)  #: by prefix, see ``gathered``
    _of_tile: dict[str, Arrays] = field(default_factory=dict)  #: the same, of the current tile
    _buffer: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))

    def run(self) -> Arrays:
        """Read all chunks; return what was accumulated.

        The values of percentiles are in the units of the data; all else gets there by the
        decoding of the block, see :func:`csserv.zonal.zone_values.join_parts`.
        """
        block = self.block
        self.kept = self._started(self.weights.zones)
        allow_outside = not self._keeps_cells
        count, every = tiles(self.weights, block.layout, block.part, block.parts, allow_outside)
        unpackers = Unpackers()
        for number, tile in enumerate(every):
            resampler = Resampler(block.resampling) if block.resampling else None
            self._of_tile = self._started(len(tile.zones))
            for share in self._read(tile, resampler, unpackers):
                self.on_progress((number + share) / count)
            for band, longer in resampler.flush() if resampler else ():
                self._add_longer(band, longer)
            self._join(tile)
        return self._finished()

    def _read(
        self, tile: Tile, resampler: Resampler | None, unpackers: Unpackers
    ) -> Iterator[float]:
        """Read a tile, from sums where there are some; yield the share that is done."""
        block, done = self.block, 0
        if block.sums and resampler:
            for number, sums in enumerate(block.sums):
                self.on_file(sums.path.name)
                for band, longer in self._sums.steps(sums, tile, resampler):
                    self._add_longer(band, longer)
                yield (number + 1) / len(block.sums)
            return
        for source in block.sources:
            self.on_file(source.path.name)
            with source.open(unpackers) as reader:
                for chunk, steps in source.time_chunks():
                    piece = reader.read((chunk, tile.row, tile.column))
                    first = steps.start - chunk * source.layout.chunk[0]
                    run = _Run(piece, source.layout.packing, first, done, done + len(steps))
                    self._take(tile, run, resampler)
                    done = run.last
                    yield done / block.read

    def _started(self, zones: int) -> dict[str, Arrays]:
        return {
            prefix: one.start(self.block.steps, zones) for prefix, one in self._gathered.items()
        }

    def _join(self, tile: Tile) -> None:
        """Join what a tile gave to what others gave: in any order, it comes out the same."""
        place = (slice(None), tile.zone_index)
        for prefix, statistic in self._gathered.items():
            whole, mine = self.kept[prefix], self._of_tile[prefix]
            if not statistic.by_zone:
                self.kept[prefix] = statistic.join(whole, mine)
                continue
            if prefix == MISSING and not mine["lost_cells"].any():
                continue  # as mostly
            joined = statistic.join({name: one[place] for name, one in whole.items()}, mine)
            for name, array in joined.items():
                if name not in whole:  # what rounding takes is there once it took something
                    whole[name] = np.zeros((self.block.steps, self.weights.zones))
                whole[name][place] = array

    def _take(self, tile: Tile, run: _Run, resampler: Resampler | None) -> None:
        """Add the bands of a chunk, a few steps at a time."""
        for band in tile.bands:
            for first, last in self._runs(run, band):
                numbers = band.choose(self._stored(run, band, first, last))
                missing = run.packing.missing(numbers)
                steps = slice(first, last)
                late = self.block.is_late(run.packing)
                if not late:
                    numbers = run.packing.decoded(numbers)
                if resampler is None:
                    self._add(band, steps, numbers, missing, run.packing if late else None)
                    continue
                for longer in resampler.add(band, steps, numbers, missing):
                    self._add_longer(band, longer)

    def _stored(self, run: _Run, band: Band, first: int, last: int) -> NDArray[Any]:
        """Return (steps, rows * columns) stored numbers of a band; the memory is reused."""
        rows, columns = band.shape
        dtype = run.packing.native
        size = (last - first) * rows * columns
        if len(self._buffer) < size * dtype.itemsize:
            self._buffer = np.empty(size * dtype.itemsize, np.uint8)
        stored = self._buffer[: size * dtype.itemsize].view(dtype).reshape(-1, rows, columns)
        steps = slice(run.start + first - run.first, run.start + last - run.first)
        run.piece.copy(steps, band.rows, band.columns, stored)
        return stored.reshape(last - first, -1)

    def _runs(self, run: _Run, band: Band) -> Iterator[tuple[int, int]]:
        """Split steps where a longer step ends, and into runs that are processed at once."""
        resampling = self.block.resampling
        cuts = resampling.cuts(run.first, run.last) if resampling else [run.first, run.last]
        for first, last in pairwise(cuts):
            for start in range(first, last, self._few):
                yield start, min(start + self._few, last)

    @cached_property
    def _sums(self) -> SumsReader:
        return SumsReader(self.block.layout)

    @cached_property
    def _gathered(self) -> dict[str, Statistic]:
        """All that is accumulated, by prefix."""
        return gathered(self.wanted, self.block.resampling is not None)

    @cached_property
    def _of_values(self) -> dict[str, Statistic]:
        """That which is accumulated of the values themselves."""
        return {prefix: one for prefix, one in self._gathered.items() if prefix != TIME}

    @cached_property
    def _shares(self) -> list[float]:
        """Those of the percentiles that are asked for, 0 to 1."""
        return [one.share for one in self.wanted if one.share is not None]

    @cached_property
    def _keeps_cells(self) -> bool:
        return keep_cells(self.wanted)

    @cached_property
    def _few(self) -> int:
        """Number of steps that are processed at once; kept cells of them must fit in memory."""
        _, rows, columns = self.block.layout.chunk
        window = self.weights.window
        few = AT_ONCE // min(rows * columns, AT_ONCE // STEPS)
        return max(1, min(few, MAP_CELLS // (window.rows * window.columns)))

    def _add_longer(self, band: Band, step: LongerStep) -> None:
        values = step.values
        if band.outside is not None:  # sums of theirs can be infinite, and 0 · ∞ is no number
            values = np.where(band.outside > 0, 0.0, values)
        self._add(band, step.place, values, step.missing)
        TimeWithData().add(self._of_tile[TIME], step.place, band, step.valid, None)

    def _add(
        self,
        band: Band,
        steps: slice,
        numbers: NDArray[Any],
        missing: MissingMask,
        packing: Packing | None = None,  #: that the numbers still have
    ) -> None:
        for prefix, statistic in self._of_values.items():
            statistic.add(self._of_tile[prefix], steps, band, numbers, missing)
        if self._shares:
            self.store.add(steps, band, _infinite(numbers, missing, band.cells is None))
        elif self._keeps_cells:
            self.store.add(steps, band, _map_values(numbers, missing, packing))

    def _finished(self) -> Arrays:
        scale, offset = by_step(self.block.decoding)
        found: Arrays = {}
        for prefix, mine in self.kept.items():
            # where no other block has cells of the same zones and steps, sums are ended here
            ended = (
                mine if self.block.parts > 1 else self._gathered[prefix].decode(mine, *by_step(()))
            )
            found |= {prefix + name: array for name, array in ended.items()}
        for share, values in self._quantiles().items():
            found[quantile_name(share)] = values * scale + offset
        return found

    def _quantiles(self) -> dict[float, Floats]:
        shape = self.block.steps, self.weights.zones
        found = {share: np.full(shape, np.nan) for share in self._shares}
        weights = _ByZone()
        for steps, bands in self.store.longer_runs() if found else ():
            self.on_progress(1.0)  # all is read: this only notices a cancel
            for zone, values in weights.sorted(bands):
                for share, mine in found.items():
                    mine[steps, zone] = weighted_quantile(values, weights.of[zone], share)
        return found

    def maps(self) -> Layers:
        """Yield the maps, step by step: (rows, columns) float32, NaN outside the zones."""
        window = self.weights.window
        for steps, bands in self.store.runs():
            count = steps.stop - steps.start
            field = np.full((count, window.rows * window.columns), np.nan, np.float32)
            for band, cells in bands:
                field[:, band.place] = cells
            yield from field.reshape(count, window.rows, window.columns)


@dataclass(frozen=True, eq=False)
class _Run:
    """The steps of one chunk that the block needs."""

    piece: Piece
    packing: Packing
    start: int  #: index of the first one in the chunk
    first: int  #: index of the first one in the block
    last: int  #: index behind the last one in the block


class _ByZone:
    """Collects the cells of all bands by zone."""

    def __init__(self) -> None:
        self.of: dict[int, Floats] = {}  #: zone → weights of its cells

    def sorted(
        self, bands: list[tuple[Band, NDArray[np.floating]]]
    ) -> Iterator[tuple[int, NDArray[np.floating]]]:
        """Yield zones with their (steps, cells)."""
        parts: dict[int, list[tuple[NDArray[np.floating], Floats]]] = {}
        for band, cells in bands:
            runs = zip(band.zones.tolist(), band.starts[:-1], band.starts[1:], strict=True)
            for zone, a, b in runs:
                parts.setdefault(zone, []).append((cells[:, a:b], band.weight[a:b]))
        for zone, pieces in parts.items():
            if zone not in self.of:
                self.of[zone] = np.concatenate([weights for _, weights in pieces])
            yield zone, np.concatenate([cells for cells, _ in pieces], axis=1)


def _map_values(
    numbers: NDArray[Any], missing: MissingMask, packing: Packing | None
) -> NDArray[np.float32]:
    values = numbers if packing is None or packing.is_plain else packing.decoded(numbers)
    shown = values.astype(np.float32)
    if missing is not None:
        shown[missing] = np.nan
    return shown


def _infinite(numbers: NDArray[Any], missing: MissingMask, copy: bool) -> NDArray[np.floating]:
    """Return numbers as floats that hold them exactly, infinite where missing."""
    small = numbers.dtype == np.float32 or numbers.dtype.itemsize <= 2
    dtype = np.float32 if small else np.float64
    values: NDArray[np.floating] = numbers.astype(dtype, copy=copy)
    if missing is not None:
        values[missing] = np.inf
    return values
