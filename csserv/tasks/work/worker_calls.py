"""The functions that workers run for a task; they never open the task log."""

from __future__ import annotations

import hashlib
import stat
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import cftime
import numpy as np

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Floats, Grid
from csserv.disk_space import told_when_full
from csserv.errors import TaskCancelledError, TaskFailedError
from csserv.outputs.durable import publish_folder
from csserv.outputs.formats.export import FORMATS
from csserv.outputs.map_cells import Part
from csserv.outputs.netcdf.file_attributes import file_attributes
from csserv.outputs.provenance import provenance
from csserv.outputs.result_json import write_document
from csserv.outputs.series import Series, iso
from csserv.request import Area
from csserv.tasks.plan.blocks import Block
from csserv.tasks.work.asked_series import asked_series
from csserv.tasks.work.attempt_context import AssemblyPlan, AttemptContext
from csserv.tasks.work.block_reducer import BlockReducer
from csserv.tasks.work.map_description import describe_maps
from csserv.tasks.work.parts import BlockPosition, BlockResult, load_weights, save_weights
from csserv.tasks.work.reporting import PROGRESS, note_file, send
from csserv.tasks.work.worker_log import logged
from csserv.zonal.cells import cell_store
from csserv.zonal.weights import Weights, zone_weights
from csserv.zonal.zone_values import finish_values, join_parts, join_selections

Item = TypeVar("Item")

# One call at a time in a process: HDF5 crashes when one thread writes while another reads
# (pydata/xarray#9779), and a `dask worker` started by hand has a thread for each core.
_ONE_CALL = threading.Lock()


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
    reporter = _Reporter(context, number)
    with _ONE_CALL, told_when_full(context.work.parent):
        weights = reporter.load_weights(block.grid)
        _gather(context, number, block, weights, reporter).save(context.part(number))


@logged
def assemble(context: AttemptContext, assembly: AssemblyPlan) -> None:
    """Turn the results of all blocks into the files of the task; they appear all at once."""
    reporter = _Reporter(context, -1)
    weights = [reporter.load_weights(grid) for grid in assembly.grids]
    results = [
        [BlockResult.load(context.part(first + i)) for i in range(shared)]
        for first, shared in assembly.segments
    ]
    with _ONE_CALL, told_when_full(context.work.parent):
        _publish(context, assembly, results, weights, reporter)


@logged
def compute_at_once(
    context: AttemptContext,
    grid: Grid | CurvedGrid,
    area: Path,
    block: Block,
    assembly: AssemblyPlan,
) -> None:
    """Do everything in one call, for a request of a single block."""
    reporter = _Reporter(context, 0)
    weights = _weights_on(grid, area, context.weighting)
    with _ONE_CALL, told_when_full(context.work.parent):
        result = _gather(context, 0, block, weights, reporter)
        _publish(context, assembly, [[result]], [weights], reporter)


@lru_cache(maxsize=4)  # requests often repeat an area; files of areas never change
def _weights_on(grid: Grid | CurvedGrid, area: Path, weighting: str) -> Weights:
    return zone_weights(grid, _stored_area(area), weighting)


def _stored_area(path: Path) -> Area:
    """Read an area; a flipped bit would move a corner, and change all numbers."""
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != path.stem:
        raise TaskFailedError(
            f"the stored area {path} is damaged; submit the request again with its area"
        )
    return Area.from_stored(raw.decode())


def _gather(
    context: AttemptContext, number: int, block: Block, weights: Weights, reporter: _Reporter
) -> BlockResult:
    """Read and reduce a block; write its maps to the work folder, if they are exported."""
    wanted = tuple(context.operations.values())
    with cell_store(context.parts) as store:
        reducer = BlockReducer(block, weights, wanted, store, reporter.report, note_file)
        kept = reducer.run()
        path = None
        if (export := wanted[0].export) and (write := FORMATS[export].part):
            # a folder of its own: a disconnected worker may still write the same block
            folder = Path(tempfile.mkdtemp(prefix=f"{number:06}-", dir=context.parts))
            layers = (reporter.unless_cancelled(layer) for layer in reducer.maps())
            path = write(folder, context.cells.with_grid(weights), block.times, layers)
    position = BlockPosition(
        first=block.first,
        times=tuple(map(iso, block.times)),
        part=block.part,
        parts=block.parts,
        weights=context.weights(block.grid).name,
        selection=block.selection,
        selections=context.selections,
    )
    return BlockResult(kept, path, position)


def _publish(
    context: AttemptContext,
    assembly: AssemblyPlan,
    results: Sequence[Sequence[BlockResult]],
    weights: Sequence[Weights],
    reporter: _Reporter,
) -> None:
    """Write the files of the task to a draft folder, and rename it into place."""
    named = context.operations
    wanted = tuple(named.values())
    found, parts = [], []
    for shared, mine in zip(results, weights, strict=True):
        found.append(finish_values(join_parts([one.kept for one in shared], wanted), mine, wanted))
        parts += [(len(found[-1].percent), one.cells) for one in shared]
    joined = join_selections(found, context.selections)
    whole = asked_series(
        joined,
        assembly.conversions,
        assembly.comparison,
        (assembly.document["against"] or {}).get("own_year", ""),
        times=assembly.times,
        zones=tuple((zone["id"], zone["name"]) for zone in assembly.document["zones"]),
        complete=tuple((assembly.document["steps"] or {}).get("complete", ())),
        names=tuple(named),
        selections=assembly.document["selections"],
    )
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=context.work))
    draft.chmod(stat.S_IMODE(context.work.stat().st_mode))  # open to whom the home is
    plain = _document(context, whole, assembly)
    if export := wanted[0].export:
        path = draft / f"{context.task}.zip"
        maps = (reporter.unless_cancelled(part) for part in _timed(parts, assembly.times))
        said = describe_maps(weights[0], file_attributes(plain, "maps"), assembly.intervals)
        FORMATS[export].archive(path, context.cells.with_grid(weights[0]), maps, whole, said)
    series = map(reporter.unless_cancelled, _series_of(context, whole, weights[0].on_grid))
    write_document(draft / f"{context.task}.json", plain, series)
    reporter.check()
    publish_folder(draft, context.results / context.task)


def _timed(
    parts: list[tuple[int, Path | None]], times: tuple[cftime.datetime, ...]
) -> Iterator[Part]:
    """Pair each file of maps with the times of its steps."""
    first = 0
    for steps, path in parts:
        if path is not None:
            yield Part(times[first : first + steps], path)
        first += steps


def _series_of(context: AttemptContext, whole: Series, on_grid: Floats) -> Iterator[dict[str, Any]]:
    share = np.repeat(np.round(100 * on_grid, 2), context.selections).tolist()
    for one, percent in zip(whole.each(), share, strict=True):
        yield one | {"percent_on_grid": percent}


def _document(context: AttemptContext, whole: Series, assembly: AssemblyPlan) -> dict[str, Any]:
    """Return the document of a result, without its series."""
    document, intervals = assembly.document, assembly.intervals
    known = (
        "request",
        "units",
        "variable",
        "further",
        "dimensions",
        "time_step",
        "steps",
        "against",
    )
    plain = {name: document[name] for name in known}
    return {
        "id": context.task,
        **{name: value for name, value in plain.items() if value is not None},
        "calendar": whole.times[0].calendar,
        "notes": document["notes"],
        **({"intervals": intervals.to_dict(whole.times)} if intervals else {}),
        "series": [],
        "provenance": provenance(
            document["dataset"],
            document["granules"],
            document["started"],
            context.weighting,
            document["steps_read"],
            document["moved_edges"],
        )
        | {"request_id": document["request_id"]},
    }


class _Reporter:
    """Reports the progress of a call, at most ten times a second; stops it after a cancel."""

    def __init__(self, context: AttemptContext, number: int) -> None:
        self._context = context
        self._number = number
        self._last = time.monotonic()
        self._share = 0.0

    def report(self, share: float) -> None:
        """Report the share of the block that is done, 0 to 1."""
        self._share = share
        if time.monotonic() - self._last >= 0.1:
            self.check()
            message = {"task": self._context.task, "attempt": self._context.attempt}
            send(PROGRESS, message | {"block": self._number, "share": share})
            self._last = time.monotonic()

    def check(self) -> None:
        """Raise TaskCancelledError if the attempt was given up: its folder is gone."""
        if not self._context.work.is_dir():
            raise TaskCancelledError(f"task {self._context.task} was given up")

    def load_weights(self, grid: Grid | CurvedGrid) -> Weights:
        """Read the weights, unless the attempt was given up."""
        try:
            return load_weights(self._context.weights(grid), grid)
        except FileNotFoundError:
            self.check()
            raise

    def unless_cancelled(self, item: Item) -> Item:
        """Return an item, unless the attempt was given up; says that the call goes on."""
        self.check()
        self.report(self._share)
        return item
