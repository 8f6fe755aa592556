"""Turns what the blocks of a task gave into its files, which appear all at once."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import Any

import cftime
import numpy as np

from csserv.catalog.read.grid import Floats
from csserv.outputs.durable import publish_folder
from csserv.outputs.formats.export import FORMATS
from csserv.outputs.map_cells import Cells, Part
from csserv.outputs.netcdf.file_attributes import file_attributes
from csserv.outputs.provenance import provenance
from csserv.outputs.result_json import write_document
from csserv.outputs.series import Series
from csserv.tasks.work.asked_series import asked_series
from csserv.tasks.work.attempt_context import AssemblyPlan, AttemptContext
from csserv.tasks.work.call_reporter import Reporter
from csserv.tasks.work.cell_maps.compared_maps import ComparedMaps
from csserv.tasks.work.cell_maps.indexed_maps import IndexedMaps
from csserv.tasks.work.cell_maps.map_description import describe_maps
from csserv.tasks.work.cell_maps.raw_maps import RawMaps
from csserv.tasks.work.indexed_series import Indexed, index_of
from csserv.tasks.work.parts import BlockResult
from csserv.zonal.weights import Weights
from csserv.zonal.zone_values import finish_values, join_parts, join_selections


def publish_result(
    context: AttemptContext,
    assembly: AssemblyPlan,
    results: Sequence[Sequence[BlockResult]],
    weights: Sequence[Weights],
    reporter: Reporter,
) -> None:
    """Write the files of a task to a draft folder, and rename it into place.

    Parameters
    ----------
    results : of the blocks, run of steps by run of steps; several may share one
    weights : of each run
    """
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
    beside: Iterable[Mapping[str, Any]] = repeat({})
    record = assembly.times
    if assembly.index:
        found_index = index_of(whole, assembly.index, assembly.document)
        whole, beside = found_index.series, found_index.beside()
        assembly = _of_index(assembly, found_index)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=context.work))
    draft.chmod(stat.S_IMODE(context.work.stat().st_mode))  # open to whom the home is
    plain = _document(context, whole, assembly)
    if wanted[0].export:
        export = Export(context, assembly, tuple(parts), record, weights[0])
        export.write(draft, whole, plain, reporter)
    series = map(reporter.unless_cancelled, _series_of(context, whole, weights[0].on_grid, beside))
    write_document(draft / f"{context.task}.json", plain, series)
    reporter.check()
    publish_folder(draft, context.results / context.task)


@dataclass(frozen=True, eq=False)
class Export:
    """The maps of a task, and what they are written with.

    Attributes
    ----------
    parts : number of steps of each block, and the file of its maps
    record : times of all steps of the blocks
    """

    context: AttemptContext
    assembly: AssemblyPlan
    parts: tuple[tuple[int, Path | None], ...]
    record: tuple[cftime.datetime, ...]
    weights: Weights

    def write(
        self, draft: Path, whole: Series, plain: Mapping[str, Any], reporter: Reporter
    ) -> None:
        """Write the ZIP into a folder.

        Parameters
        ----------
        plain : the document of the result
        """
        path = draft / f"{self.context.task}.zip"
        intervals = self.assembly.intervals
        said = describe_maps(self.weights, file_attributes(plain, "maps"), intervals)
        form = FORMATS[str(next(iter(self.context.operations.values())).export)]
        cells = self.context.cells.with_grid(self.weights)
        computed = self._computed(cells, plain) if form.archive_named else None
        if computed and form.archive_named:
            named = computed.write(self.context.work, reporter.go_on)
            form.archive_named(path, named, whole, said)
            return
        maps = map(reporter.unless_cancelled, _timed(self.parts, self.assembly.times))
        form.archive(path, cells, maps, whole, said)

    def _computed(
        self, cells: Cells, plain: Mapping[str, Any]
    ) -> ComparedMaps | IndexedMaps | None:
        """Return what is computed of the maps, if they are not written as they are."""
        assembly, raw = self.assembly, RawMaps(self.parts, cells)
        if assembly.index:
            said = {"units": plain["units"], **plain["variable"]}
            return IndexedMaps(raw, self.record, assembly.times, assembly.index, said)
        if assembly.comparison:
            own_year = plain["against"]["own_year"]
            return ComparedMaps(raw, assembly.times, assembly.comparison, own_year)
        return None


def _timed(
    parts: Sequence[tuple[int, Path | None]], times: tuple[cftime.datetime, ...]
) -> Iterator[Part]:
    """Pair each file of maps with the times of its steps."""
    first = 0
    for steps, path in parts:
        if path is not None:
            yield Part(times[first : first + steps], path)
        first += steps


def _of_index(assembly: AssemblyPlan, found: Indexed) -> AssemblyPlan:
    """Let a document be of an index in place of the series that it is computed of."""
    document, steps = assembly.document | found.document, assembly.document["steps"]
    document["notes"] = [*document["notes"], *(note.to_dict() for note in found.notes)]
    if not found.places:  # its steps are years or seasons
        document |= {"steps": None, "time_step": None}
    elif steps:
        document["steps"] = {
            name: [every[n] for n in found.places] for name, every in steps.items()
        }
    return replace(assembly, times=found.series.times, intervals=found.intervals, document=document)


def _series_of(
    context: AttemptContext,
    whole: Series,
    on_grid: Floats,
    beside: Iterable[Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    share = np.repeat(np.round(100 * on_grid, 2), context.selections).tolist()
    for one, percent, mine in zip(whole.each(), share, beside, strict=False):
        yield {**one, "percent_on_grid": percent, **mine}


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
        "index",
    )
    plain = {name: document.get(name) for name in known}
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
