"""Says which numbers of a result have changed since it was computed, and what has moved them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from csserv.catalog import Catalog, CatalogEntry
from csserv.catalog.timeline.timeline import Timeline
from csserv.checking.changed_maps import MapChange, MapComparison
from csserv.checking.changed_normals import changed_normals
from csserv.checking.changed_numbers import Change, compare_numbers
from csserv.checking.moved_words import (
    SHOWN,
    change_row,
    counted,
    lines,
    map_row,
    maps_tail,
    numbers_tail,
    table,
)
from csserv.checking.receipt_differences import versions_differ, words_differ
from csserv.checking.step_origins import StepOrigins, changed_files
from csserv.checking.stored_maps import OPENERS, stored_maps
from csserv.checking.stored_request import request_of
from csserv.errors import CsservError, GranuleError
from csserv.outputs import Result
from csserv.outputs.against import AGAINST
from csserv.outputs.series import iso
from csserv.outputs.several_operations import operations_of, units_of
from csserv.request import Request
from csserv.tasks.plan.blocks import Plan
from csserv.tasks.plan.compared_steps import without_reference
from csserv.tasks.plan.file_receipts import describe_file
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.work.in_process import compute_series, plan_request
from csserv.zonal.operations import operations

if TYPE_CHECKING:  # slow to import
    import pandas as pd


@dataclass(frozen=True)
class Moved:
    """Which numbers of a result are others today.

    Attributes
    ----------
    since : when the result was computed, UTC
    numbers : how many numbers were compared
    changes : those that are others, series after series in the order of time
    maps : of an export of cells, the maps that are others
    maps_compared : how many maps were compared
    besides : in words, what else differs: versions, the catalog, rounding
    trouble : why it cannot be told; empty if it can
    """

    since: str
    numbers: int
    changes: tuple[Change, ...] = ()
    maps: tuple[MapChange, ...] = ()
    maps_compared: int = 0
    besides: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def is_still(self) -> bool:
        """Whether all was compared, and nothing has moved."""
        return not (self.changes or self.maps or self.trouble)

    @property
    def headline(self) -> str:
        """What there is to say, in one line."""
        since = f"since {self.since[:10]}"
        if self.trouble:
            return f"it cannot be told what has moved {since}: {self.trouble}"
        if self.is_still:
            maps = f" and {counted(self.maps_compared, 'map')}" if self.maps_compared else ""
            return f"nothing has moved {since}: {counted(self.numbers, 'number')}{maps} as before"
        said: list[str] = []
        for found, every, noun, tail in (
            (self.maps, self.maps_compared, "map", maps_tail(self.maps)),
            (self.changes, self.numbers, "number", numbers_tail(self.changes)),
        ):
            if found:
                have = "; so have" if said else ("has" if len(found) == 1 else "have")
                which = f"{len(found):,} of {counted(every, noun)}"
                said.append(
                    f"{have} {which}{tail}" if said else f"{which} {have} changed {since}{tail}"
                )
        return "".join(said)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, for JSON."""
        names = ("since", "numbers", "maps_compared", "besides", "trouble")
        return {
            "headline": self.headline,
            **{name: getattr(self, name) for name in names},
            "changes": [change_row(one) for one in self.changes],
            "maps": [map_row(one) for one in self.maps],
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each number that is another one; see ``Change``."""
        import pandas as pd

        columns = list(change_row(Change("", "", (), "", "", None, None, "")))
        return pd.DataFrame(
            [change_row(one) for one in self.changes], columns=None if self.changes else columns
        )

    def tables(self) -> Iterator[tuple[list[dict[str, str]], int]]:
        """Yield tables for people, of maps and of numbers; and how many rows each lacks."""
        for found in (self.maps, self.changes):
            if found:
                yield table(found), max(0, len(found) - SHOWN)

    def __str__(self) -> str:
        said = [self.headline]
        for rows, left in self.tables():
            said += [*lines(rows), *([f"and {left:,} more"] if left else [])]
        return "\n".join([*said, *(f"- {one}" for one in self.besides)])

    # what a notebook shows of it
    __repr__ = __str__


def moved(result: Result, catalog: Catalog) -> Moved:
    """Compute a result again, and say which of its numbers are others today.

    Where versions, catalog and files are as they were, nothing is computed.

    Raises
    ------
    TaskNotFinishedError : the folder has no result
    """
    plain = result.json
    made = plain["provenance"]
    kinds = len(operations_of(plain)) * (1 + (AGAINST in plain))  # a normal beside each value
    each = sum(len(one["time"]) for one in plain["series"]) * kinds
    still = Moved(made["started"], each, maps_compared=_maps_in(plain))
    try:
        asked = _checked_request(result)
        entry = catalog[asked.dataset]
        _, timeline = steps_to_read(entry, asked.period, asked.options)
        now = [describe_file(*one) for one in timeline.granules]
        since = datetime.fromisoformat(made["started"])
        others = changed_files(made["granules"], now, made["started"])
        origins = StepOrigins(entry, timeline, since, others)
        besides = (
            *versions_differ(made["versions"]),
            *words_differ("the catalog", made["dataset"], entry.record()),
        )
        if besides or others or origins.came_since:
            every = entry.timeline_for(asked.period, asked.options)
            request = without_reference(every, asked)
            if request is not asked:
                _, timeline = steps_to_read(entry, request.period, request.options)
                origins = StepOrigins(entry, timeline, since, others)
            found = _compare(result, request, entry, timeline, origins)
            normals = changed_normals(plain, asked, entry, others)
            return replace(
                found,
                numbers=found.numbers + normals.numbers,
                changes=(*found.changes, *normals.changes),
                besides=(*besides, *found.besides),
            )
    except CsservError as error:
        return replace(still, trouble=str(error))
    return still


def _checked_request(result: Result) -> Request:
    """Build the request of a result again.

    Raises
    ------
    GranuleError : the zones or the request are not those that the result is of
    """
    asked, request = result.json["request"], request_of(result)
    if request.area.sha256 != asked["area_sha256"]:
        raise GranuleError("the stored area is another one than was asked about")
    if request.fingerprint != asked["fingerprint"]:
        raise GranuleError("the request in its JSON is not the one of its fingerprint")
    return request


def _compare(
    result: Result,
    request: Request,
    entry: CatalogEntry,
    timeline: Timeline,
    origins: StepOrigins,
) -> Moved:
    """Compute a result again, and compare its numbers and maps."""
    plain = result.json
    wanted = operations(request.operation)
    plan, conversions = plan_request(entry, timeline, request, list(wanted.values()))
    maps: MapComparison | None = None
    with ExitStack() as stack:
        if request.operation in OPENERS and not request.options.index:
            stored = stack.enter_context(stored_maps(result, request.operation))
            maps = MapComparison(stored, conversions[0], exact=not plan.steps.longer)
        again = compute_series(entry, timeline, request, maps.take if maps else None)
        units, known = [*again.units], [*units_of(plain).values()]
        if units != known:
            raise GranuleError(f"the units were {', '.join(known)}, and are {', '.join(units)} now")
        if maps:
            maps.tell_gone([iso(one) for one in plan.steps.times])
    found = compare_numbers(plain, again.series.to_list())
    tell = _Telling(plan, origins)
    return Moved(
        since=plain["provenance"]["started"],
        numbers=found.numbers,
        changes=tuple(replace(one, **tell.of(one.time)) for one in found.changes),
        maps=tuple(replace(one, **tell.of(one.time)) for one in maps.changes) if maps else (),
        maps_compared=_maps_in(plain),
        besides=tuple(_besides(result, found.rounded, bool(found.changes))),
    )


class _Telling:
    """Tells of each step of a result where it comes from and why it is another; of each once."""

    def __init__(self, plan: Plan, origins: StepOrigins) -> None:
        self._places = {iso(time): number for number, time in enumerate(plan.steps.times)}
        self._steps, self._origins = plan.steps, origins
        self._told: dict[str, dict[str, Any]] = {}

    def of(self, time: str) -> dict[str, Any]:
        """Return ``files`` and ``why`` of a step."""
        if time not in self._told:
            self._told[time] = self._tell(self._places.get(time), time)
        return self._told[time]

    def _tell(self, place: int | None, time: str) -> dict[str, Any]:
        if place is None:
            return {"why": self._origins.why_gone(time, is_longer=bool(self._steps.longer))}
        run, within = range(place, place + 1), None
        if self._steps.longer:
            run, lasts = self._steps.longer[place].run, self._steps.intervals
            within = (lasts.start[place], lasts.end[place]) if lasts else None
        return {"files": self._origins.files(run), "why": self._origins.why(run, within)}


def _besides(result: Result, rounded: int, has_changes: bool) -> Sequence[str]:
    """Say what else is to be known."""
    said = []
    if rounded:
        which = "number differs" if rounded == 1 else "numbers differ"
        said.append(
            f"{rounded:,} more {which} in the last digits only, as sums in another order do"
        )
    if has_changes and result.json["request"]["operation"] == "csv":
        name = result.path.with_suffix(".zip").name
        said.append(f"the CSV in {name} has the old numbers, in the rows of these steps")
    return said


def _maps_in(plain: Mapping[str, Any]) -> int:
    """Count the maps of an export of cells."""
    return len(plain["series"][0]["time"]) if plain["request"]["operation"] in OPENERS else 0
