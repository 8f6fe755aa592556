"""The functions that workers run for a task; they never open the task log."""

from __future__ import annotations

import hashlib
import logging
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid
from csserv.errors import GranuleError, TaskFailedError
from csserv.machine.blas_threads import sum_in_one_thread
from csserv.machine.disk_space import told_when_full
from csserv.outputs.formats.export import FORMATS
from csserv.outputs.netcdf.map_netcdf import write_cells
from csserv.outputs.series import iso_texts
from csserv.request import Area
from csserv.tasks.plan.blocks import Block
from csserv.tasks.work.attempt_context import AssemblyPlan, AttemptContext, SharedSteps
from csserv.tasks.work.block_reducer import BlockReducer
from csserv.tasks.work.call_reporter import Reporter
from csserv.tasks.work.parts import BlockPosition, BlockResult, StoredResult, save_weights
from csserv.tasks.work.reporting import note_file
from csserv.tasks.work.result_files import publish_result
from csserv.tasks.work.worker_log import logged
from csserv.zonal.cells import cell_store
from csserv.zonal.weights import Weights, zone_weights
from csserv.zonal.zone_values import join_parts

logger = logging.getLogger(__name__)

# One call at a time in a process: HDF5 crashes when one thread writes while another reads
# (pydata/xarray#9779), and a `dask worker` started by hand has a thread for each core.
ONE_CALL = threading.Lock()


@logged
def prepare_weights(context: AttemptContext, grid: Grid | CurvedGrid, area: Path) -> None:
    """Compute the weights of an area on a grid, and write them to the work folder.

    Parameters
    ----------
    area : GeoJSON file of the area
    """
    weights = _weights_on(grid, area, context.weighting)
    with told_when_full(context.work.parent):
        save_weights(context.weights(grid), weights)


@logged
def process_block(context: AttemptContext, number: int, block: Block) -> None:
    """Read a block, reduce it, and write the result to the work folder.

    Raises
    ------
    GranuleError : a file is unreadable, or has changed since the block was planned
    TaskCancelledError : the attempt was given up in the meantime
    """
    reporter = Reporter(context, number)
    with ONE_CALL, told_when_full(context.work.parent):
        weights = partial(reporter.load_weights, block.grid)
        result = _recall(context, block) or _gather(context, number, block, weights(), reporter)
        times = tuple(iso_texts(block.times))
        replace(result, position=replace(result.position, times=times)).save(context.part(number))
        if block.parts == 1:
            _keep(context, block.keys, [result], weights)


@logged
def assemble(context: AttemptContext, assembly: AssemblyPlan) -> None:
    """Turn the results of all blocks into the files of the task; they appear all at once."""
    reporter = Reporter(context, -1)
    weights = [reporter.load_weights(grid) for grid in assembly.grids]
    results = [
        [StoredResult.open(context.part(first + i)) for i in range(shared)]
        for first, shared in assembly.segments
    ]
    with ONE_CALL, told_when_full(context.work.parent):
        publish_result(context, assembly, results, weights, reporter)
        _keep_shared(context, assembly.shared, reporter)


@logged
def keep_shared(context: AttemptContext, shared: Sequence[SharedSteps]) -> None:
    """Keep what several calls computed of the same steps, where no result is made of it."""
    with ONE_CALL, told_when_full(context.work.parent):
        _keep_shared(context, shared, Reporter(context, -1))


@logged
def keep_block(context: AttemptContext, area: Path, block: Block) -> None:
    """Compute a block and keep its numbers; where it is the only one, no other call needs any.

    Parameters
    ----------
    area : GeoJSON file of the area
    """
    weights = _weights_on(block.grid, area, context.weighting)
    with ONE_CALL, told_when_full(context.work.parent):
        found = _gather(context, 0, block, weights, Reporter(context, 0))
        _keep(context, block.keys, [found], lambda: weights)


@logged
def compute_at_once(
    context: AttemptContext, area: Path, blocks: Sequence[Block], assembly: AssemblyPlan
) -> None:
    """Do everything in one call, where one block at most is read.

    Parameters
    ----------
    area : GeoJSON file of the area
    """
    weights = [partial(_weights_on, one.grid, area, context.weighting) for one in blocks]
    with ONE_CALL:
        found = _compute(context, blocks, weights, assembly)
        for block, one, mine in zip(blocks, found, weights, strict=True):
            _keep(context, block.keys, [one], mine)


@logged
def compute_here(
    context: AttemptContext, area: Area, blocks: Sequence[Block], assembly: AssemblyPlan
) -> None:
    """Do the same in the runner, for files that csserv reads without a library: any at a time.

    Its numbers are not kept: to compute them again takes no longer.

    Raises
    ------
    GranuleError : numbers that were kept are gone or damaged; to compute them is for a worker
    """
    known = _Hashed(area.sha256, area)
    weights = [partial(_small_weights, one.grid, known, context.weighting) for one in blocks]
    _compute(context, blocks, weights, assembly, recalls_only=True)


def _compute(
    context: AttemptContext,
    blocks: Sequence[Block],
    weights: Sequence[Callable[[], Weights]],
    assembly: AssemblyPlan,
    recalls_only: bool = False,  #: whether blocks that are kept must not be computed
) -> list[BlockResult]:
    reporter = Reporter(context, 0)
    found: list[BlockResult] = []
    with told_when_full(context.work.parent):
        for block, mine in zip(blocks, weights, strict=True):
            known = _recall(context, block)
            if recalls_only and block.is_kept and known is None:
                raise GranuleError("numbers that were kept are gone")
            found.append(known or _gather(context, len(found), block, mine(), reporter))
        sums = [one.zones or mine() for one, mine in zip(found, weights, strict=True)]
        publish_result(context, assembly, [[one] for one in found], sums, reporter)
    return found


@lru_cache(maxsize=4)  # requests often repeat an area; files of areas never change
def _weights_on(grid: Grid | CurvedGrid, area: Path, weighting: str) -> Weights:
    return zone_weights(grid, _stored_area(area), weighting)


@dataclass(frozen=True)
class _Hashed:
    """An area that is told from others by its hash."""

    sha256: str
    area: Area = field(compare=False)


@lru_cache(maxsize=64)  # of few vertices and cells
def _small_weights(grid: Grid | CurvedGrid, small: _Hashed, weighting: str) -> Weights:
    return zone_weights(grid, small.area, weighting)


def _stored_area(path: Path) -> Area:
    """Read an area; a flipped bit would move a corner, and change all numbers."""
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != path.stem:
        raise TaskFailedError(
            f"the stored area {path} is damaged; submit the request again with its area"
        )
    return Area.from_stored(raw.decode())


def _recall(context: AttemptContext, block: Block) -> BlockResult | None:
    """Return the numbers of a block that are kept; None where they must be computed."""
    if not block.is_kept or context.keeping is None:
        return None
    kept = context.keeping.recall(block.keys, tuple(context.operations.values()))
    if kept is None:
        return None
    position = replace(_position(context, block), decoding=(), computed=kept.computed)
    return BlockResult(kept.arrays, None, position, kept.zones)


def _keep_shared(
    context: AttemptContext, shared: Sequence[SharedSteps], reporter: Reporter
) -> None:
    for one in shared:
        parts = [StoredResult.open(context.part(one.first + i)) for i in range(one.parts)]
        _keep(context, one.keys, parts, partial(reporter.load_weights, one.grid))


def _keep(
    context: AttemptContext,
    keys: bytes,
    found: Sequence[BlockResult | StoredResult],
    weights: Callable[[], Weights],
) -> None:
    """Keep what was computed of the same steps by one call, or by several."""
    position = found[0].position
    if context.keeping is None or not keys or position.computed:
        return
    mine, wanted = weights(), tuple(context.operations.values())
    every = [one.of_zones(slice(0, mine.zones)) for one in found]
    context.keeping.keep(keys, join_parts(every, wanted, position.decoding), mine, wanted)


def _gather(
    context: AttemptContext, number: int, block: Block, weights: Weights, reporter: Reporter
) -> BlockResult:
    """Read and reduce a block, from sums if these are whole."""
    if block.sums:
        try:
            return _gather_once(context, number, block, weights, reporter)
        except (GranuleError, OSError) as error:
            logger.warning("%s; days are read in place of time sums", error)
    return _gather_once(context, number, replace(block, sums=()), weights, reporter)


def _gather_once(
    context: AttemptContext, number: int, block: Block, weights: Weights, reporter: Reporter
) -> BlockResult:
    """Read and reduce a block; write its maps to the work folder, if they are exported."""
    sum_in_one_thread()
    wanted = tuple(context.operations.values())
    with cell_store(context.work) as store:
        reducer = BlockReducer(block, weights, wanted, store, reporter.report, note_file)
        kept = reducer.run()
        path = None
        if (export := wanted[0].export) and (write := FORMATS[export].part):
            write = write_cells if context.compares else write
            # a folder of its own: a disconnected worker may still write the same block
            folder = Path(tempfile.mkdtemp(prefix=f"maps-{number:06}-", dir=context.work))
            layers = (reporter.unless_cancelled(layer) for layer in reducer.maps())
            path = write(folder, context.cells.with_grid(weights), block.times, layers)
    return BlockResult(kept, path, _position(context, block))


def _position(context: AttemptContext, block: Block) -> BlockPosition:
    return BlockPosition(
        first=block.first,
        steps=block.steps,
        part=block.part,
        parts=block.parts,
        weights=context.weights(block.grid).name,
        selection=block.selection,
        selections=context.selections,
        decoding=block.decoding,
        summed=bool(block.sums),
    )
