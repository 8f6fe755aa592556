"""Makes a file of time sums: reads the days of a year, and adds up those of each month by cell."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise, product
from math import ceil
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.chunk_readers import Piece
from csserv.catalog.read.grid import Floats
from csserv.catalog.read.source import Source, Unpackers
from csserv.catalog.rewrite.scratch import ChunkShape, Tiles
from csserv.catalog.signature import Signature
from csserv.errors import SettingsError, StaleGranuleError
from csserv.machine.disk_space import told_when_full
from csserv.machine.written_whole import written_whole
from csserv.tasks.sums.sums_file import DAYS, FORM, KEY, LOST, PACKINGS, TOTAL
from csserv.zonal.over_time.step_cells import StepCells

#: numbers of a chunk: half a MB, of which a district needs few
CELLS = 65_536

#: numbers that are added up at once, and cells whose sums are open at once
AT_ONCE, OPEN = 65_536, 2_000_000

LEVEL = 4  #: of deflate

#: what a file says of itself
ABOUT = (
    "Sums of the steps of data files, made by csserv from these; rows and columns run as in them. "
    "They are made anew where these change, and may be removed at any time."
)


@dataclass(frozen=True, eq=False)
class SumsJob:
    """A file of sums to be made.

    Attributes
    ----------
    target : its path
    dataset, kind : what it is of; see ``sum_kinds.KINDS``
    rule : "sum", to add values up; any other, each times the length of its step
    sources : steps of the data, of the same chunks by place, in time order
    places : (n,) index in the new file of the step that each of the data's steps belongs to, rising
    lengths : (n,) of these [days]
    keys : of all steps of the new file
    begins : of these, year, month and day
    has_days : whether days are counted beside steps, as some steps of the year are none
    copied : index in the new file → index in the old one, of sums that are as they were
    """

    target: Path
    dataset: str
    kind: str
    rule: str
    sources: tuple[Source, ...]
    places: NDArray[np.int64]
    lengths: Floats
    keys: tuple[bytes, ...]
    begins: tuple[tuple[int, int, int], ...]
    has_days: bool
    copied: Mapping[int, int]
    old: Signature | None = None  #: of the old file, if something is copied

    @property
    def layout(self) -> Layout:
        """Of the sources."""
        return self.sources[0].layout

    @property
    def names(self) -> tuple[str, ...]:
        """Variables that the file has."""
        return tuple(PACKINGS) if self.has_days else (TOTAL, LOST)


def make_sums(
    job: SumsJob,
    on_progress: Callable[[float], None],
    on_file: Callable[[str], None] = lambda name: None,
) -> None:
    """Make a file of sums; it gets its name when it is whole and on disk.

    Parameters
    ----------
    on_progress : called with the share that is done, 0 to 1
    on_file : called with the name of each file before it is opened

    Raises
    ------
    GranuleError : a file of the data is unreadable, or has changed
    SettingsError : nothing can be written beside the data
    DiskFullError : the disk is full
    """
    folder = _writable(job.target.parent)
    with (
        told_when_full(folder),
        written_whole(job.target, alone=True) as draft,
        ExitStack() as stack,
    ):
        fields = {name: _field(job, name, stack) for name in job.names}
        _Adding(job, fields, on_progress, on_file).run()
        _copy_old(job, fields)
        _write(job, fields, draft, on_progress)


def _writable(folder: Path) -> Path:
    """Make a folder, and see that files can be made in it."""
    try:
        with told_when_full(folder):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise SettingsError(
            f"time sums lie beside the data, and {folder} cannot be written: {error.strerror}"
        ) from None
    return folder


def _chunk(job: SumsJob) -> ChunkShape:
    """Choose the chunks of the new file: pieces of the data's chunks, by which sums are read."""
    layout, steps = job.layout, len(job.keys)
    side = max(1, round((CELLS / steps) ** 0.5))
    _, rows, columns = layout.chunk
    return ChunkShape(
        steps, _even(min(rows, layout.rows), side), _even(min(columns, layout.columns), side)
    )


def _field(job: SumsJob, name: str, stack: ExitStack) -> Tiles:
    """Make room on disk for a variable, in the order of its chunks."""
    scratch = stack.enter_context(tempfile.TemporaryFile(dir=job.target.parent))  # noqa: SIM115
    layout, dtype = job.layout, PACKINGS[name].native
    return Tiles(scratch, (), len(job.keys), layout.rows, layout.columns, _chunk(job), dtype)


def _even(length: int, side: int) -> int:
    """Return the length of pieces of about ``side`` that a chunk of the data is divided into."""
    return ceil(length / max(1, round(length / side)))


@dataclass(eq=False)
class _Adding:
    """Adds up the months, for as many chunks of the data at once as have room in memory."""

    job: SumsJob
    fields: Mapping[str, Tiles]
    on_progress: Callable[[float], None]
    on_file: Callable[[str], None]

    def run(self) -> None:
        """Read all files; each once for all chunks that have room."""
        every = list(self._windows())
        groups = list(_in_groups(every))
        unpackers = Unpackers()
        for number, windows in enumerate(groups):
            done = 0
            for source in self.job.sources:
                self.on_file(source.path.name)
                with source.open(unpackers) as reader:
                    for chunk, steps in source.time_chunks():
                        run = slice(done, done + len(steps))
                        for one in windows:
                            piece = reader.read((chunk, one.row, one.column))
                            self._take(
                                one,
                                piece,
                                steps.start - chunk * source.layout.chunk[0],
                                run,
                                source,
                            )
                        done = run.stop
                        share = done / len(self.job.places)
                        self.on_progress(0.9 * (number + share) / len(groups))
            for one in windows:
                self._close(one)

    def _windows(self) -> Iterator[_Window]:
        layout = self.job.layout
        _, height, width = layout.chunk
        for row in range(ceil(layout.rows / height)):
            for column in range(ceil(layout.columns / width)):
                rows = min(height, layout.rows - row * height)
                yield _Window(
                    row, column, rows, min(width, layout.columns - column * width), height, width
                )

    def _take(self, window: _Window, piece: Piece, start: int, run: slice, source: Source) -> None:
        """Add steps of a chunk, month by month."""
        months = self.job.places[run]
        inner = np.flatnonzero(np.diff(months)) + 1
        for first, last in pairwise([0, *inner.tolist(), len(months)]):
            place = int(months[first])
            if window.place != place:
                self._close(window)
                window.open(place, self.job.rule)
            lengths = self.job.lengths[run.start + first : run.start + last]
            window.take(piece, start + first, lengths, source)

    def _close(self, window: _Window) -> None:
        """Write the sums of a month."""
        if window.place is None:
            return
        steps = int((self.job.places == window.place).sum())
        for band, cells in window.bands:
            shape = (1, band.stop - band.start, window.columns)
            found = {TOTAL: cells.values, LOST: steps - cells.steps, DAYS: cells.days}
            for name, one in self.fields.items():
                block = found[name].reshape(shape)
                one.put((), window.place, window.top + band.start, window.left, block)
        window.place, window.bands = None, []


@dataclass(eq=False)
class _Window:
    """The cells of a chunk of the data, in bands of rows; and the month that is being added up."""

    row: int
    column: int
    rows: int
    columns: int
    height: int
    width: int
    place: int | None = None
    bands: list[tuple[slice, StepCells]] = field(default_factory=list)

    @property
    def top(self) -> int:
        """Its first row."""
        return self.row * self.height

    @property
    def left(self) -> int:
        """Its first column."""
        return self.column * self.width

    def open(self, place: int, rule: str) -> None:
        """Begin a month."""
        many = max(1, AT_ONCE // self.columns)
        spans = [slice(a, min(a + many, self.rows)) for a in range(0, self.rows, many)]
        self.place = place
        self.bands = [
            (one, StepCells.empty((one.stop - one.start) * self.columns, rule)) for one in spans
        ]

    def take(self, piece: Piece, start: int, lengths: Floats, source: Source) -> None:
        """Add steps of the chunk, from its step ``start`` on."""
        packing = source.layout.packing
        for rows, cells in self.bands:
            count = (rows.stop - rows.start) * self.columns
            few = max(1, AT_ONCE // count)
            for first in range(0, len(lengths), few):
                mine = lengths[first : first + few]
                stored = np.empty((len(mine), rows.stop - rows.start, self.columns), packing.native)
                steps = slice(start + first, start + first + len(mine))
                piece.copy(steps, rows, slice(0, self.columns), stored)
                numbers = stored.reshape(len(mine), -1)
                cells.take(packing.decoded(numbers), packing.missing(numbers), mine)


def _in_groups(windows: Sequence[_Window]) -> Iterator[list[_Window]]:
    """Divide chunks into groups of which the cells of a month have room in memory."""
    group: list[_Window] = []
    cells = 0
    for one in windows:
        size = one.rows * one.columns
        if group and cells + size > OPEN:
            yield group
            group, cells = [], 0
        group.append(one)
        cells += size
    yield group


def _copy_old(job: SumsJob, fields: Mapping[str, Tiles]) -> None:
    """Copy what is as it was in the file that the new one replaces.

    Raises
    ------
    StaleGranuleError : that file has changed meanwhile, or is damaged: it is gone then
    """
    if not job.copied:
        return
    many = max(1, OPEN // job.layout.columns)
    try:
        if Signature.of_path(job.target) != job.old:
            raise StaleGranuleError(f"{job.target.name} has changed meanwhile")
        with h5py.File(job.target) as old:
            for (new_place, place), name in product(job.copied.items(), fields):
                for first in range(0, job.layout.rows, many):
                    block = old[name][place : place + 1, first : first + many]
                    fields[name].put((), new_place, first, 0, block)
    except (OSError, KeyError, RuntimeError) as error:
        job.target.unlink(missing_ok=True)
        raise StaleGranuleError(f"{job.target.name} is damaged: {error}") from error


def _write(
    job: SumsJob, fields: Mapping[str, Tiles], draft: Path, on_progress: Callable[[float], None]
) -> None:
    keys = np.frombuffer(b"".join(job.keys), np.uint8).reshape(-1, KEY)
    with h5py.File(draft, "w", libver="latest") as new:
        new.attrs.update(form=FORM, dataset=job.dataset, step=job.kind, rule=job.rule)
        new.attrs["about"] = ABOUT
        new["key"] = keys
        new["first_day"] = np.array(job.begins, np.int32)
        for name, one in fields.items():
            _write_field(new, name, one, job, on_progress)


def _write_field(
    new: h5py.File, name: str, cells_of: Tiles, job: SumsJob, on_progress: Callable[[float], None]
) -> None:
    chunk = _chunk(job)
    data = new.create_dataset(
        name,
        (len(job.keys), job.layout.rows, job.layout.columns),
        PACKINGS[name].dtype,
        chunks=(chunk.steps, chunk.rows, chunk.columns),
        compression="gzip",
        compression_opts=LEVEL,
        shuffle=True,
        fillvalue=0,
    )
    for number, (_, rows, columns, cells) in enumerate(cells_of):
        on_progress(0.9 + 0.1 * number / len(cells_of))
        if name != LOST or cells.any():  # where nothing is missing, nothing is written
            data[:, rows, columns] = cells
