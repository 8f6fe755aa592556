"""Plans ``csserv optimise``: which files to merge, in which chunks, and what it takes and gains."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from math import ceil, prod
from pathlib import Path, PurePosixPath

from csserv.catalog.entry import CatalogEntry
from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.read.origins import read_recipe
from csserv.catalog.read.other_formats.data_formats import NETCDF, format_of
from csserv.catalog.rewrite.one_file import check_mergeable
from csserv.catalog.rewrite.recipe import Recipe
from csserv.catalog.rewrite.rewrite import origins_of
from csserv.catalog.rewrite.scratch import ChunkShape
from csserv.catalog.row_fields import OR
from csserv.errors import DiskFullError, GranuleError, InvalidRequestError

#: uncompressed bytes that a worker rewrites in a second; measured 32 MB/s
RATE = 30e6

#: the request that layouts are compared by: an area of so many cells a side, so many steps
COUNTRY, YEAR = 100, 365


@dataclass(frozen=True)
class Merge:
    """The files of a year, or a single file, that become one new file.

    Attributes
    ----------
    target : path of the new file
    granules : the files it is made of, in time order
    chunk : chunk size of the new file
    raw : size of the uncompressed data [bytes]
    size : of the old files on disk [bytes]
    """

    target: Path
    granules: tuple[Granule, ...]
    chunk: ChunkShape
    raw: int
    size: int

    @property
    def ready(self) -> Path:
        """Hidden path of the new file, complete and checked, until it replaces the old ones."""
        return self.target.with_name(f".{self.target.name}.ready")

    def is_ready(self, recipe: Recipe) -> bool:
        """Whether the new file was made before, from the same files and by the same recipe."""
        if not self.ready.exists():
            return False
        try:
            header = replace(self.granules[0], path=self.ready).header()
            seen = [granule.sign() for granule in self.granules]
            same = read_recipe(self.ready) == str(recipe)
        except GranuleError:
            return False
        wanted = origins_of(self.granules, seen, self.target.parent)
        return (
            same
            and list(header.origins.values()) == wanted
            and _is_chunked_as(header.layout, self.chunk)
        )


@dataclass(frozen=True)
class Optimisation:
    """What ``csserv optimise`` is to do with a dataset."""

    entry: CatalogEntry
    recipe: Recipe
    chunk: ChunkShape  #: chunk size of the first merge
    merges: tuple[Merge, ...]
    good: int  #: number of files that need no rewriting
    leftovers: tuple[Path, ...]  #: old files that a merged file replaces already
    before: float  #: uncompressed chunks that a year of a country takes now [bytes]
    after: float  #: and after rewriting [bytes]

    @property
    def size(self) -> int:
        """Size of the files that are rewritten [bytes]."""
        return sum(merge.size for merge in self.merges)

    def scratch(self, workers: int) -> int:
        """Size of the scratch files of so many workers at the same time [bytes]."""
        return sum(sorted((merge.raw for merge in self.merges), reverse=True)[:workers])

    def seconds(self, workers: int) -> float:
        """Approximate duration with so many workers [s]."""
        return sum(merge.raw for merge in self.merges) / RATE / min(workers, len(self.merges) or 1)


def plan_optimisation(entry: CatalogEntry, recipe: Recipe) -> Optimisation:
    """Plan which files of a dataset to merge and rewrite: those of one year become one file.

    Raises
    ------
    EmptySelectionError : the dataset has no files here
    GranuleError : a file is unreadable, or the files of a year cannot be merged
    InvalidRequestError : the recipe does not suit the stored numbers
    """
    entry.check_readable()  # none may be left out
    _check_corrections(entry, recipe)
    every = entry.timeline().granules
    _check_formats(every)
    groups: dict[object, list[tuple[Granule, Header]]] = {}
    for granule, header in every:
        of_one_year = header.first[0] == header.last[0]
        groups.setdefault(header.first[0] if of_one_year else granule.path, []).append(
            (granule, header)
        )
    longest = max(sum(len(h.times) for _, h in group) for group in groups.values())
    merges, good = [], 0
    for group in groups.values():
        layout = group[0][1].layout
        chunk = ChunkShape.of(longest, layout.rows, layout.columns)
        if len(group) == 1 and _is_chunked_as(layout, chunk) and _is_made(*group[0], recipe):
            good += 1
        else:
            recipe.check(layout.packing)
            merges.append(_merge(entry, group, chunk))
    _check_targets(merges)
    layout = next(h for g, h in every if not merges or g == merges[0].granules[0]).layout
    chunk = merges[0].chunk if merges else ChunkShape.of(longest, layout.rows, layout.columns)
    return Optimisation(
        entry=entry,
        recipe=recipe,
        chunk=chunk,
        merges=tuple(merges),
        good=good,
        leftovers=tuple(entry.superseded()),
        before=_inflated(layout, min(layout.chunk[0], longest), layout.chunk[1:], longest),
        after=_inflated(layout, chunk.steps, (chunk.rows, chunk.columns), longest),
    )


def _check_corrections(entry: CatalogEntry, recipe: Recipe) -> None:
    """Check that what the row says of stored numbers still holds of those that are written."""
    corrected = {"missing": entry.missing or None, "scale": entry.scale, "offset": entry.offset}
    named = [name for name, value in corrected.items() if value is not None]
    if recipe.precision and named:
        raise InvalidRequestError(
            f"the row of {entry.name} says {', '.join(named)} of the numbers that are stored now, "
            "and would say it of the packed ones; rewrite without packing"
        )


def _check_formats(every: Sequence[tuple[Granule, Header]]) -> None:
    """Check that all files are NetCDF: names of others would not tell what they become."""
    for granule, _ in every:
        found = format_of(granule.path)
        if found is not None and found is not NETCDF:
            raise InvalidRequestError(
                f"{granule.path.name} is {found.name}, which is read where it lies; only NetCDF "
                "is rewritten"
            )


def check_room(plan: Optimisation, workers: int) -> None:
    """Check that the disk has room for the new files and the scratch files beside the old ones.

    Raises
    ------
    DiskFullError : it has not; the message says how much is needed and how much is free
    """
    if plan.merges:
        folder = plan.merges[0].target.parent
        need, free = plan.size + plan.scratch(workers), shutil.disk_usage(folder).free
        if need > free:
            raise DiskFullError(
                f"needs {need / 1e9:.1f} GB in {folder}, which has {free / 1e9:.1f} GB free"
            )


def _merge(
    entry: CatalogEntry, group: Sequence[tuple[Granule, Header]], chunk: ChunkShape
) -> Merge:
    granules, headers = [one for one, _ in group], [one for _, one in group]
    check_mergeable(granules, headers)
    steps = sum(len(header.times) for header in headers)
    layout = headers[0].layout
    further = prod(len(one.labels) for one in headers[0].further)
    return Merge(
        target=_target(entry, granules, headers[0].first[0]),
        granules=tuple(granules),
        chunk=chunk,
        raw=steps * further * layout.rows * layout.columns * layout.packing.native.itemsize,
        size=sum(header.signature.size for header in headers),
    )


def _target(entry: CatalogEntry, granules: Sequence[Granule], year: int) -> Path:
    """Name the new file so that the catalog finds it: like its only source, or by the year."""
    first = granules[0].path
    patterns = [PurePosixPath(one).name for one in entry.files.split(OR)]
    pattern = next((one for one in patterns if fnmatchcase(first.name, one)), patterns[0])
    if len(granules) == 1:
        return first
    name = pattern.replace("*", str(year), 1).replace("*", "")
    return first.with_name(name) if fnmatchcase(name, pattern) and "*" in pattern else first


def _check_targets(merges: Sequence[Merge]) -> None:
    """Check that no new file would replace a file that it is not made of."""
    targets = [merge.target for merge in merges]
    for merge in merges:
        foreign = merge.target.exists() and all(g.path != merge.target for g in merge.granules)
        if foreign or targets.count(merge.target) > 1:
            raise GranuleError(f"{merge.target} would be overwritten by another year; rename it")


def _is_chunked_as(layout: Layout, chunk: ChunkShape) -> bool:
    """Whether the chunks are about as they would be rewritten, and can be decompressed directly."""
    steps, rows, columns = layout.chunk
    return bool(layout.storage.codec) and (
        rows == chunk.rows and columns == chunk.columns and 2 * steps > chunk.steps
    )


def _is_made(granule: Granule, header: Header, recipe: Recipe) -> bool:
    """Whether a file needs no loss of precision, or has been through this recipe already."""
    return recipe.is_exact or bool(header.origins and read_recipe(granule.path) == str(recipe))


def _inflated(layout: Layout, steps: int, sides: tuple[int, ...], longest: int) -> float:
    """Uncompressed bytes of the chunks that a year of a country takes, the mean over its places."""
    places = 1.0
    for side, length in zip(sides, (layout.rows, layout.columns), strict=True):
        country = min(COUNTRY, length)
        places *= min(1 + (country - 1) / side, ceil(length / side))
    times = ceil(min(YEAR, longest) / steps)
    return times * steps * places * prod(sides) * layout.packing.native.itemsize
