"""The functions that workers run for a task; they never open the task log."""

from __future__ import annotations

import errno
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import cftime
import numpy as np
import orjson

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Floats, Grid
from csserv.errors import DiskFullError, TaskCancelledError
from csserv.outputs.durable import publish_folder, replace_file
from csserv.outputs.export import FORMATS, Part
from csserv.outputs.provenance import provenance
from csserv.outputs.series import Series, iso
from csserv.request import Area
from csserv.tasks.plan.blocks import Block
from csserv.tasks.work.gather import Gatherer
from csserv.tasks.work.job import Answer, Job
from csserv.tasks.work.parts import BlockResult, Place, load_weights, save_weights
from csserv.tasks.work.reporting import PROGRESS, tell
from csserv.zonal.cells import cell_store
from csserv.zonal.operations import finish_values, join_parts, operation
from csserv.zonal.weights import Weights, zone_weights

Item = TypeVar("Item")

#: a disk with less free space than this counts as full [bytes]
NO_ROOM = 2**20

# One call at a time in a process: HDF5 crashes when one thread writes while another reads
# (pydata/xarray#9779), and a `dask worker` started by hand has a thread for each core.
_ONE_CALL = threading.Lock()


def prepare_weights(job: Job, grid: Grid | CurvedGrid, area: Path) -> None:
    """Compute the weights of an area on a grid, and write them to the work folder.

    Parameters
    ----------
    area : GeoJSON file of the area
    """
    weights = _weights_on(grid, area, job.weighting)
    with _full_disk_told(job):
        save_weights(job.weights(grid), weights)


def process_block(job: Job, number: int, block: Block) -> None:
    """Read a block, reduce it, and write the result to the work folder.

    Raises
    ------
    GranuleError : a file is unreadable, or has changed since the block was planned
    TaskCancelledError : the attempt was given up in the meantime
    """
    report = _Reporter(job, number)
    with _ONE_CALL, _full_disk_told(job):
        weights = report.load_weights(block.grid)
        _gather(job, number, block, weights, report).save(job.part(number))


def assemble(job: Job, answer: Answer) -> None:
    """Turn the results of all blocks into the files of the task; they appear all at once."""
    report = _Reporter(job, -1)
    weights = [report.load_weights(grid) for grid in answer.grids]
    results = [
        [BlockResult.load(job.part(first + i)) for i in range(shared)]
        for first, shared in answer.segments
    ]
    with _ONE_CALL, _full_disk_told(job):
        _publish(job, answer, results, weights, report)


def answer_at_once(
    job: Job, grid: Grid | CurvedGrid, area: Path, block: Block, answer: Answer
) -> None:
    """Do everything in one call, for a request of a single block."""
    report = _Reporter(job, 0)
    weights = _weights_on(grid, area, job.weighting)
    with _ONE_CALL, _full_disk_told(job):
        result = _gather(job, 0, block, weights, report)
        _publish(job, answer, [[result]], [weights], report)


@lru_cache(maxsize=4)  # requests often repeat an area; files of areas never change
def _weights_on(grid: Grid | CurvedGrid, area: Path, weighting: str) -> Weights:
    return zone_weights(grid, Area.from_geojson(area.read_text(encoding="utf-8")), weighting)


def _gather(
    job: Job, number: int, block: Block, weights: Weights, report: _Reporter
) -> BlockResult:
    """Read and reduce a block; write its maps to the work folder, if they are exported."""
    wanted = operation(job.operation)
    with cell_store(job.parts) as store:
        gatherer = Gatherer(block, weights, wanted, store, report.tell)
        kept = gatherer.run()
        path = None
        if wanted.export and (write := FORMATS[wanted.export].part):
            # a folder of its own: a disconnected worker may still write the same block
            folder = Path(tempfile.mkdtemp(prefix=f"{number:06}-", dir=job.parts))
            layers = (report.alive(layer) for layer in gatherer.maps())
            path = write(folder, job.cells.on(weights), block.times, layers)
    place = Place(
        first=block.first,
        times=tuple(map(iso, block.times)),
        part=block.part,
        parts=block.parts,
        weights=job.weights(block.grid).name,
    )
    return BlockResult(kept, path, place)


def _publish(
    job: Job,
    answer: Answer,
    results: Sequence[Sequence[BlockResult]],
    weights: Sequence[Weights],
    report: _Reporter,
) -> None:
    """Write the files of the task to a draft folder, and rename it into place."""
    wanted = operation(job.operation)
    values, percent, parts = [], [], []
    for shared, mine in zip(results, weights, strict=True):
        found = finish_values(join_parts([one.kept for one in shared], wanted), mine, wanted)
        values.append(found[0] * answer.scale + answer.offset)
        percent.append(found[1])
        parts += [(len(found[0]), one.cells) for one in shared]
    whole = Series(
        times=answer.times,
        zones=tuple((zone["id"], zone["name"]) for zone in answer.document["zones"]),
        values=np.concatenate(values),
        percent=np.concatenate(percent),
    )
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=job.work))
    draft.chmod(0o755)
    if wanted.export:
        path = draft / f"{job.task}.zip"
        maps = (report.alive(part) for part in _timed(parts, answer.times))
        FORMATS[wanted.export].archive(path, job.cells.on(weights[0]), maps, whole)
    plain = _document(job, whole, answer.document, weights[0].on_grid)
    replace_file(draft / f"{job.task}.json", orjson.dumps(plain, option=orjson.OPT_INDENT_2))
    report.check()
    publish_folder(draft, job.results / job.task)


def _timed(
    parts: list[tuple[int, Path | None]], times: tuple[cftime.datetime, ...]
) -> Iterator[Part]:
    """Pair each file of maps with the times of its steps."""
    first = 0
    for steps, path in parts:
        if path is not None:
            yield Part(times[first : first + steps], path)
        first += steps


@contextmanager
def _full_disk_told(job: Job) -> Iterator[None]:
    """Turn the errors that libraries raise on a full disk, often without its number, into ours."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        # the failed write may have freed its space by now, so the error number is checked first
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or (job.work.is_dir() and shutil.disk_usage(job.work).free < NO_ROOM):
            raise DiskFullError(f"no space left on the disk of {job.work.parent}") from error
        raise


def _document(job: Job, whole: Series, document: dict[str, Any], on_grid: Floats) -> dict[str, Any]:
    share = np.round(100 * on_grid, 2).tolist()
    known = ("request", "units", "variable", "time_step", "steps")
    plain = {name: document[name] for name in known}
    return {
        "id": job.task,
        **{name: value for name, value in plain.items() if value is not None},
        "calendar": whole.times[0].calendar,
        "series": [
            one | {"percent_on_grid": percent}
            for one, percent in zip(whole.to_list(), share, strict=True)
        ],
        "provenance": provenance(
            document["dataset"],
            document["granules"],
            document["started"],
            job.weighting,
            document["steps_read"],
        ),
    }


class _Reporter:
    """Reports the progress of a call, at most ten times a second; stops it after a cancel."""

    def __init__(self, job: Job, number: int) -> None:
        self._job = job
        self._number = number
        self._last = time.monotonic()

    def tell(self, share: float) -> None:
        """Report the share of the block that is done, 0 to 1."""
        if time.monotonic() - self._last >= 0.1:
            self.check()
            message = {"task": self._job.task, "attempt": self._job.attempt}
            tell(PROGRESS, message | {"block": self._number, "share": share})
            self._last = time.monotonic()

    def check(self) -> None:
        """Raise TaskCancelledError if the attempt was given up: its folder is gone."""
        if not self._job.work.is_dir():
            raise TaskCancelledError(f"task {self._job.task} was given up")

    def load_weights(self, grid: Grid | CurvedGrid) -> Weights:
        """Read the weights, unless the attempt was given up."""
        try:
            return load_weights(self._job.weights(grid), grid)
        except FileNotFoundError:
            self.check()
            raise

    def alive(self, item: Item) -> Item:
        """Return an item, unless the attempt was given up."""
        self.check()
        return item
