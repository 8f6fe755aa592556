"""Turns what the blocks of a task gave into its files, which appear all at once."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from csserv.outputs.document.compact_form import COMPACT, VERSION, WHOLE, compact, version_for
from csserv.outputs.durable import publish_folder
from csserv.outputs.formats.export import FORMATS, ROWS, archive_rows
from csserv.outputs.map_cells import Cells, Part
from csserv.outputs.netcdf.file_attributes import file_attributes
from csserv.outputs.netcdf.step_times import StepTimes
from csserv.outputs.provenance import provenance
from csserv.outputs.result_json import write_document
from csserv.outputs.series import Series, iso_texts
from csserv.tasks.work.attempt_context import AssemblyPlan, AttemptContext
from csserv.tasks.work.call_reporter import Reporter
from csserv.tasks.work.cell_maps.compared_maps import ComparedMaps
from csserv.tasks.work.cell_maps.indexed_maps import IndexedMaps
from csserv.tasks.work.cell_maps.map_description import describe_maps
from csserv.tasks.work.cell_maps.raw_maps import RawMaps
from csserv.tasks.work.indexed_series import Indexed, index_of
from csserv.tasks.work.parts import BlockResult, StoredResult
from csserv.tasks.work.zone_groups import Gathered
from csserv.zonal.weights import Weights, ZoneSums


def publish_result(
    context: AttemptContext,
    assembly: AssemblyPlan,
    results: Sequence[Sequence[BlockResult | StoredResult]],
    weights: Sequence[Weights | ZoneSums],
    reporter: Reporter,
) -> None:
    """Write the files of a task to a draft folder, and rename it into place.

    Parameters
    ----------
    results : of the blocks, run of steps by run of steps; several may share one
    weights : of each run
    """
    gathered = Gathered(context, assembly, results, weights)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=context.work))
    draft.chmod(stat.S_IMODE(context.work.stat().st_mode))  # open to whom the home is
    rows = gathered.export == ROWS and not assembly.index
    if assembly.index or (gathered.export and not rows):  # these need all series at once
        plain, series = _of_whole(gathered, draft, reporter)
    else:
        if rows:
            units = dict(context.cells.attributes).get("units", "")
            groups = map(reporter.unless_cancelled, gathered.groups())
            archive_rows(draft / f"{context.task}.zip", units, groups)
        plain = _document(gathered, assembly)
        series = _with_shares(gathered, gathered.groups())
        if version_for(gathered.count, gathered.numbers) == COMPACT:
            plain = compact(plain, iso_texts(assembly.times), gathered.of_year)
    write_document(draft / f"{context.task}.json", plain, map(reporter.unless_cancelled, series))
    reporter.check()
    publish_folder(draft, context.results / context.task)


def _of_whole(
    gathered: Gathered, draft: Path, reporter: Reporter
) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """Return the document of a task and its series, from those of all zones; write its export."""
    context, assembly, whole = gathered.context, gathered.assembly, gathered.whole()
    beside: Iterable[Mapping[str, Any]] = repeat({})
    record = assembly.times
    if assembly.index:
        found = index_of(whole, assembly.index, assembly.document)
        whole, beside = found.series, found.beside()
        assembly = _of_index(assembly, found)
    plain = _document(gathered, assembly)
    if gathered.export:
        assert isinstance(gathered.weights[0], Weights)  # noqa: S101 - no cells are ever kept
        export = Export(context, assembly, gathered.maps, record, gathered.weights[0])
        export.write(draft, whole, plain, reporter)
    if version_for(gathered.count, whole.values.size) == COMPACT:
        plain = compact(plain, iso_texts(whole.times), gathered.of_year)
    series = zip(_with_shares(gathered, [whole]), beside, strict=False)
    return plain, ({**one, **mine} for one, mine in series)


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
    record: StepTimes
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


def _timed(parts: Sequence[tuple[int, Path | None]], times: StepTimes) -> Iterator[Part]:
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
    times = StepTimes.of(found.series.times)
    return replace(assembly, times=times, intervals=found.intervals, document=document)


def _with_shares(gathered: Gathered, groups: Iterable[Series]) -> Iterator[dict[str, Any]]:
    """Yield the series of all zones, each with the share of its zone that lies on the grid."""
    share = np.repeat(np.round(100 * gathered.weights[0].on_grid, 2), gathered.context.selections)
    every = (one for group in groups for one in group.arrays())
    for one, percent in zip(every, share.tolist(), strict=True):
        yield one | {"percent_on_grid": percent}


def _document(gathered: Gathered, assembly: AssemblyPlan) -> dict[str, Any]:
    """Return the document of a result, without its series."""
    context = gathered.context
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
        VERSION: WHOLE,
        "id": context.task,
        **{name: value for name, value in plain.items() if value is not None},
        "calendar": assembly.times.calendar,
        "notes": document["notes"],
        **({"intervals": intervals.to_dict(assembly.times)} if intervals else {}),
        "series": [],
        "provenance": provenance(
            document["dataset"],
            document["granules"],
            document["started"],
            context.weighting,
            document["steps_read"],
            document["moved_edges"],
        )
        | {"request_id": document["request_id"]}
        | gathered.known_before,
    }
