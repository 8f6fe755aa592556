"""What a worker runs: weights, blocks, and the assembling of the result. It knows no task log."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import orjson
from distributed import get_worker

from csserv.catalog import Granule, Grid
from csserv.catalog.grid import Floats
from csserv.errors import DiskFullError, GranuleError, TaskCancelledError
from csserv.outputs.durable import publish_folder, replace_file
from csserv.outputs.export import FORMATS, Cells, Part, PartWriter
from csserv.outputs.provenance import provenance
from csserv.outputs.series import Series
from csserv.request import Area
from csserv.tasks.blocks import Block
from csserv.tasks.parts import BlockResult, load_weights, save_weights
from csserv.zonal.operations import OPERATIONS, clipped, series
from csserv.zonal.weights import Weights, zone_weights

TOPIC = "csserv-progress"

Item = TypeVar("Item")

#: less free than this is a full disk [bytes]
NO_ROOM = 2**20

#: cells of zones times steps that are reduced between two looks for a cancel: about 0.1 s
REDUCED_AT_ONCE = 2_000_000

# One call at a time in a process: HDF5 crashes when one thread writes while another reads
# (pydata/xarray#9779), and a `dask worker` started by hand has a thread for each core.
_ONE_CALL = threading.Lock()


@dataclass(frozen=True)
class Job:
    """What the blocks of one attempt at a task have in common."""

    task: str
    attempt: int
    operation: str
    granule: Granule  #: the first one: its variable, attributes and title stand for all
    daily: bool  #: whether no day has two steps
    work: Path  #: folder of this attempt, shared by all workers
    results: Path  #: folder of all results

    @property
    def parts(self) -> Path:
        """Folder of what the blocks leave."""
        return self.work / "parts"

    def weights(self, grid: Grid) -> Path:
        """File of the weights on a grid."""
        return self.work / f"weights-{hashlib.sha256(repr(grid).encode()).hexdigest()[:16]}.npz"

    def part(self, number: int) -> Path:
        """File of what a block leaves."""
        return self.parts / f"{number:06}.npz"


def prepare_weights(job: Job, grid: Grid, area: Path) -> None:
    """Compute the weights of an area, given as a GeoJSON file, on a grid."""
    geojson = area.read_text(encoding="utf-8")
    weights = zone_weights(grid, Area.from_geojson(geojson))
    with _full_disk_told(job):
        save_weights(job.weights(grid), weights)


def process_block(job: Job, number: int, block: Block) -> None:
    """Read a block, reduce it, and leave its part in the work folder.

    Raises
    ------
    GranuleError : the file is unreadable, or has another grid than it had when planned
    TaskCancelledError : the attempt was given up meanwhile
    """
    header = block.granule.header()
    if header.grid != block.grid:
        raise GranuleError(f"{block.granule.path.name} has changed its grid since it was planned")
    times = header.times[block.steps.start : block.steps.stop]
    if len(times) < len(block.steps):
        raise GranuleError(f"{block.granule.path.name} has become shorter since it was planned")
    with _ONE_CALL, _full_disk_told(job):
        report = _Reporter(job, number)
        weights = report.load_weights(block.grid)
        pieces = [_process_piece(block.granule, run, weights, job, report) for run in block.pieces]
        values, percent, cells = zip(*pieces, strict=True)
        path = None
        if write := _part_writer(job):
            # a folder of its own: a worker that was cut off may still write the same block
            folder = Path(tempfile.mkdtemp(prefix=f"{number:06}-", dir=job.parts))
            path = write(folder, _cells(job, weights), times, np.concatenate(cells))
        result = BlockResult(times, np.concatenate(values), np.concatenate(percent), path)
        result.save(job.part(number))


def assemble(job: Job, blocks: int, grid: Grid, document: dict[str, Any]) -> None:
    """Turn the parts of all blocks into the files of the task, whole or not at all.

    Parameters
    ----------
    grid : that of the first block
    blocks : how many parts there are, in time order
    document : what is known beforehand: request, zones, dataset, granules, start
    """
    report = _Reporter(job, blocks)
    weights = report.load_weights(grid)
    results = [report.alive(BlockResult.load(job.part(number))) for number in range(blocks)]
    whole = Series(
        times=tuple(time for result in results for time in result.times),
        zones=tuple((zone["id"], zone["name"]) for zone in document["zones"]),
        values=np.concatenate([result.values for result in results]),
        percent=np.concatenate([result.percent for result in results]),
    )
    with _ONE_CALL, _full_disk_told(job):
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=job.work))
        draft.chmod(0o755)
        if export := OPERATIONS[job.operation].export:
            parts = (report.alive(Part(r.times, r.cells)) for r in results if r.cells)
            path = draft / f"{job.task}.zip"
            FORMATS[export].archive(path, _cells(job, weights), parts, whole)
        plain = _document(job, weights, whole, document)
        replace_file(draft / f"{job.task}.json", orjson.dumps(plain, option=orjson.OPT_INDENT_2))
        report.check()
        publish_folder(draft, job.results / job.task)


@contextmanager
def _full_disk_told(job: Job) -> Iterator[None]:
    """Turn what libraries make of a full disk, often without its error number, into words."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if job.work.is_dir() and shutil.disk_usage(job.work).free < NO_ROOM:
            raise DiskFullError(f"no space left on the disk of {job.work.parent}") from error
        raise


def _process_piece(
    granule: Granule, steps: range, weights: Weights, job: Job, report: _Reporter
) -> tuple[Floats, Floats, Any]:
    """Read some steps at once and reduce them few at a time, so that a cancel is noticed."""
    field = granule.read(steps, weights.window)
    few = max(1, REDUCED_AT_ONCE // max(1, len(weights.cells)))
    reduced = []
    for first in range(0, len(field), few):
        run = field[first : first + few]
        reduced.append(series(run, weights, OPERATIONS[job.operation].statistic))
        report.steps(len(run))
    values, percent = (np.concatenate(parts) for parts in zip(*reduced, strict=True))
    return values, percent, clipped(field, weights) if _part_writer(job) else None


def _part_writer(job: Job) -> PartWriter | None:
    """Return what writes the cells of a block; None where the operation keeps none."""
    export = OPERATIONS[job.operation].export
    return FORMATS[export].part if export else None


def _cells(job: Job, weights: Weights) -> Cells:
    header = job.granule.header()
    grid, window = weights.grid, weights.window
    attributes = dict(header.attributes) | {"units": header.units}
    return Cells(
        lat=grid.lat(window),
        lon=grid.lon(window),
        dlat=grid.dlat,
        dlon=grid.dlon,
        variable=job.granule.variable,
        attributes=attributes,
        title=header.title,
        daily=job.daily,
    )


def _document(
    job: Job, weights: Weights, whole: Series, document: dict[str, Any]
) -> dict[str, Any]:
    units = OPERATIONS[job.operation].units.format(units=document["units"])
    share = np.round(100 * weights.on_grid, 2).tolist()
    return {
        "id": job.task,
        "request": document["request"],
        "units": units,
        "calendar": whole.times[0].calendar,
        "series": [
            one | {"percent_on_grid": percent}
            for one, percent in zip(whole.to_list(), share, strict=True)
        ],
        "provenance": provenance(document["dataset"], document["granules"], document["started"]),
    }


class _Reporter:
    """Tell the runner how many steps are done, ten times a second at most; notice a cancel."""

    def __init__(self, job: Job, number: int) -> None:
        self._job = job
        self._number = number
        self._steps = 0
        self._last = time.monotonic()

    def steps(self, more: int) -> None:
        """Count steps that are done."""
        self._steps += more
        if time.monotonic() - self._last >= 0.1:
            self.check()
            job = self._job
            message = {"task": job.task, "attempt": job.attempt}
            _log_event(message | {"block": self._number, "steps": self._steps})
            self._last = time.monotonic()

    def check(self) -> None:
        """Stop here if the attempt was given up: its folder is gone."""
        if not self._job.work.is_dir():
            raise TaskCancelledError(f"task {self._job.task} was given up")

    def load_weights(self, grid: Grid) -> Weights:
        """Read the weights, if the attempt still goes on."""
        try:
            return load_weights(self._job.weights(grid), grid)
        except FileNotFoundError:
            self.check()
            raise

    def alive(self, item: Item) -> Item:
        """Return an item, if the attempt still goes on."""
        self.check()
        return item


def _log_event(message: dict[str, Any]) -> None:
    try:
        worker = get_worker()
    except ValueError:  # not on a dask worker: nobody listens
        return
    worker.log_event(TOPIC, message)
