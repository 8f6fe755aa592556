"""What a worker runs: weights, blocks, and the assembling of the result. It knows no task log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cftime
import numpy as np
import orjson
from distributed import get_worker

from csserv.catalog import Granule, Grid
from csserv.catalog.grid import Floats
from csserv.errors import GranuleError, TaskCancelledError
from csserv.outputs.durable import publish_folder, replace_file
from csserv.outputs.export import FORMATS, Cells, Part, PartWriter
from csserv.outputs.provenance import provenance
from csserv.outputs.series import Series
from csserv.request import Area
from csserv.tasks.blocks import Block
from csserv.zonal.operations import OPERATIONS, clipped, series
from csserv.zonal.weights import Weights, zone_weights

TOPIC = "csserv-progress"

Report = Callable[[int], None]

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
        """Folder of the files that blocks of an export leave."""
        return self.work / "parts"


@dataclass(frozen=True, eq=False)
class BlockResult:
    """What a block gives: ``(time, zones)`` values and per cent valid; its part of an export."""

    times: tuple[cftime.datetime, ...]
    values: Floats
    percent: Floats
    path: Path | None


def prepare_weights(grid: Grid, geojson: str) -> Weights:
    """Compute the weights of an area on a grid."""
    return zone_weights(grid, Area.from_geojson(geojson))


def process_block(block: Block, weights: Weights, job: Job) -> BlockResult:
    """Read a block, reduce it, and keep its cells where the operation exports them.

    Raises
    ------
    GranuleError : the file is unreadable, or has another grid than it had when planned
    TaskCancelledError : the attempt was given up meanwhile
    """
    header = block.granule.header()
    if header.grid != weights.grid:
        raise GranuleError(f"{block.granule.path.name} has changed its grid since it was planned")
    times = header.times[block.steps.start : block.steps.stop]
    with _ONE_CALL:
        report = _reporter(job)
        pieces = []
        for steps in block.pieces:
            pieces.append(_process_piece(block.granule, steps, weights, job))
            report(len(steps))
        values, percent, cells = zip(*pieces, strict=True)
        write = _part_writer(job)
        path = (
            write(job.parts, _cells(job, weights), times, np.concatenate(cells)) if write else None
        )
    return BlockResult(times, np.concatenate(values), np.concatenate(percent), path)


def assemble(
    job: Job, weights: Weights, results: Sequence[BlockResult], document: dict[str, Any]
) -> str:
    """Turn the blocks' results into the files of the task, whole or not at all.

    Parameters
    ----------
    results : in time order
    document : what is known beforehand: request, zones, dataset, granules, start

    Returns
    -------
    folder of the result
    """
    whole = Series(
        times=tuple(time for result in results for time in result.times),
        zones=tuple((zone["id"], zone["name"]) for zone in document.pop("zones")),
        values=np.concatenate([result.values for result in results]),
        percent=np.concatenate([result.percent for result in results]),
    )
    draft = job.work / job.task
    draft.mkdir(exist_ok=True)
    export = OPERATIONS[job.operation].export
    if export:
        parts = [Part(r.times, r.path) for r in results if r.path]
        path = draft / f"{job.task}.zip"
        with _ONE_CALL:
            FORMATS[export].archive(path, _cells(job, weights), parts, whole)
    plain = _document(job, weights, whole, document)
    replace_file(draft / f"{job.task}.json", orjson.dumps(plain, option=orjson.OPT_INDENT_2))
    final = job.results / job.task
    publish_folder(draft, final)
    return str(final)


def _process_piece(
    granule: Granule, steps: range, weights: Weights, job: Job
) -> tuple[Floats, Floats, Any]:
    field = granule.read(steps, weights.window)
    values, percent = series(field, weights, OPERATIONS[job.operation].statistic)
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


def _reporter(job: Job) -> Report:
    """Tell the runner how many steps are done, at most ten times a second; notice a cancel."""
    last = time.monotonic()
    kept = 0

    def report(steps: int) -> None:
        nonlocal last, kept
        kept += steps
        if not job.work.is_dir():
            raise TaskCancelledError(f"task {job.task} was given up")
        if time.monotonic() - last >= 0.1:
            _log_event({"task": job.task, "attempt": job.attempt, "steps": kept})
            last, kept = time.monotonic(), 0

    return report


def _log_event(message: dict[str, Any]) -> None:
    try:
        worker = get_worker()
    except ValueError:  # not on a dask worker: nobody listens
        return
    worker.log_event(TOPIC, message)
