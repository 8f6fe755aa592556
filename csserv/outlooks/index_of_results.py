"""An index of several results, such as SPEI of rain and temperature, each of one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cftime
import numpy as np

from csserv.climatology.asked_index import AskedIndex, compute_index
from csserv.climatology.index.evaporation import PET_INPUTS
from csserv.climatology.index.index_series import Floats, IndexInputs, IndexSeries
from csserv.climatology.index.second_opinion import told_classes
from csserv.climatology.indices import index_row
from csserv.errors import InvalidRequestError, RequestTooLargeError
from csserv.notes import Note, each_once
from csserv.outputs.further_dimensions import check_one_selection
from csserv.outputs.netcdf.step_intervals import StepIntervals
from csserv.outputs.series import VALID, iso, plain_list, read_iso
from csserv.outputs.series_result import SeriesResult
from csserv.outputs.several_operations import operations_of
from csserv.outputs.words.index_words import index_name
from csserv.request import Area, Period
from csserv.request.reference import COVERED, DEFAULT, STANDARD, read_reference
from csserv.tasks.plan.index_plan import COMPARE, IndexPlan, read_compare
from csserv.tasks.work.index_notes import index_notes
from csserv.tasks.work.indexed_series import opinion_of

#: ways to have evaporation, the surest first
PET_WAYS = ("given", "hargreaves", "thornthwaite")

#: how steps are added up, as a receipt says it
SUMS = "of the steps of each zone; one with a missing step is none"

#: most values that an index is computed of while a caller waits: 1,000 zones by months of 40 years,
#: of two results, take some 10 s
MOST_VALUES = 1_000_000

#: time step → fewest and most days from one step to the next
_LENGTHS = {"daily": (1, 1), "pentad": (3, 6), "dekad": (8, 11), "monthly": (28, 31)}


@dataclass(frozen=True, eq=False, repr=False)
class IndexResult(SeriesResult):
    """An index of several results: opened like a result, and kept nowhere.

    Attributes
    ----------
    json : as that of a result of one dataset; ``index`` has in ``of`` what each series is
    area : that of the results
    """

    json: dict[str, Any]
    area: Area

    def __repr__(self) -> str:
        of, count = self.json["request"]["dataset"], len(self.json["series"])
        name, years = index_name(self.json["index"]), self.json["request"]["period"]
        return f"{type(self).__name__}({name} of {of}, {years}, {count} series)"

    @property
    def receipt(self) -> dict[str, Any]:
        """How the index came about: library, version, rules, parameters and years."""
        return dict(self.json["index"])


def index_of_results(
    results: Mapping[str, SeriesResult],
    index: str,
    accumulate: int = 1,
    against: str | bool | None = None,
    **options: Any,
) -> IndexResult:
    """Compute an index of several results; see ``service.index_of``."""
    first = _first(results)
    for kind, one in results.items():
        _check_plain(kind, one.json)
        _check_same(first, one, kind)
    starts = _starts(first.json)
    compare = read_compare(options.pop(COMPARE, ""))
    reference = _reference(index, starts, read_reference(against))
    options = _evaporation(index, results) | options
    asked = AskedIndex(index, time_step_of(first.json), reference, accumulate, options)
    _check_kinds(asked, results)
    inputs = IndexInputs(
        {kind: _values(one.json) for kind, one in results.items()},
        {kind: str(one.json["units"]) for kind, one in results.items()},
        starts,
        np.array([zone.geometry.centroid.y for zone in first.area.zones]),
    )
    asked.check_units(inputs.units)
    found = compute_index(asked, inputs)
    if len(found.starts) != len(starts):
        raise InvalidRequestError(
            f"{index} has steps of its own, and is computed of one dataset: submit a request with "
            f"index={index!r}"
        )
    period = Period.parse(first.json["request"]["period"])
    opinion = opinion_of(IndexPlan(asked, next(iter(results)), period, compare), inputs, found)
    return IndexResult(_document(results, asked, found, opinion), first.area)


def time_step_of(plain: Mapping[str, Any]) -> str:
    """Find the time step of a result by the days from one step to the next; some may be missing."""
    days = np.diff([int(one.toordinal()) for one in _starts(plain)])
    usual = float(np.median(days)) if len(days) else 0.0
    for name, (fewest, most) in _LENGTHS.items():
        if fewest <= usual <= most:
            return name
    return f"{usual:g} days"


def check_number(results: Iterable[SeriesResult]) -> None:
    """See that an index of some results is computed while somebody waits.

    Raises
    ------
    RequestTooLargeError : they have too many values; says how many are allowed
    """
    values = sum(len(one.json["series"]) * len(one.json["series"][0]["time"]) for one in results)
    if values > MOST_VALUES:
        raise RequestTooLargeError(
            f"the results have {values:,} values; at most {MOST_VALUES:,} are computed while you "
            "wait: ask for fewer zones, or fetch the results and compute it there "
            "(service.index_of in Python)"
        )


def _evaporation(index: str, results: Mapping[str, SeriesResult]) -> dict[str, str]:
    """Choose how evaporation is found by what is given; nothing where the index needs none."""
    if "pet" not in index_row(index).parameters:
        return {}
    fits = [way for way in PET_WAYS if all(one in results for one in PET_INPUTS[way])]
    return {"pet": fits[0]} if fits else {}


def _first(results: Mapping[str, SeriesResult]) -> SeriesResult:
    for one in results.values():
        return one
    raise InvalidRequestError(
        'no results; give them by what they are of: {"precipitation": …, "temperature": …}'
    )


def _check_plain(kind: str, plain: Mapping[str, Any]) -> None:
    """See that a result is of the values of one operation, one series a zone."""
    if len(names := operations_of(plain)) > 1:
        raise InvalidRequestError(
            f"the result of {kind} has {', '.join(names)}; give one: result.select({names[0]!r})"
        )
    check_one_selection(plain, "result.select({name}={label!r})")
    options = plain["request"].get("options", {})
    if options.get("index"):
        raise InvalidRequestError(
            f"the result of {kind} is {options['index']}; give one of the values"
        )
    if options.get("accumulate", 1) > 1:
        raise InvalidRequestError(
            f"the result of {kind} accumulates {options['accumulate']} steps; give one of single "
            "steps: the index adds them up itself"
        )


def _check_same(first: SeriesResult, other: SeriesResult, kind: str) -> None:
    """See that two results are of the same zones and steps.

    Raises
    ------
    InvalidRequestError : they are not; says where they part
    """
    zones, others = ([one["zone"] for one in each.json["series"]] for each in (first, other))
    if zones != others or first.area.sha256 != other.area.sha256:
        names = [", ".join(one["name"] for one in each[:3]) for each in (zones, others)]
        same = "shapes that are not the same" if zones == others else names[1]
        raise InvalidRequestError(
            f"the results are of other zones: {names[0]} ({len(zones)}), and of {kind} {same} "
            f"({len(others)}); ask for the same area"
        )
    (times, theirs) = (each.json["series"][0]["time"] for each in (first, other))
    calendars = [each.json["calendar"] for each in (first, other)]
    if times != theirs or calendars[0] != calendars[1]:
        spans = [
            f"{len(each)} steps from {each[0]} to {each[-1]} ({calendar} calendar)"
            for each, calendar in zip((times, theirs), calendars, strict=True)
        ]
        raise InvalidRequestError(
            f"the results have other steps: {spans[0]}, and of {kind} {spans[1]}; ask for the "
            "same period and time step"
        )


def _check_kinds(asked: AskedIndex, results: Mapping[str, SeriesResult]) -> None:
    allowed = {*asked.needs}
    if asked.parameters.get("pet") == "hargreaves":  # takes the mean, where there is one
        allowed.add("temperature")
    if unused := [kind for kind in results if kind not in allowed]:
        raise InvalidRequestError(
            f"{asked.name} is not computed of {', '.join(unused)}; with these options it needs "
            f"{' and '.join(asked.needs)}"
        )


def results_by_kind(given: Any) -> Mapping[str, Any]:
    """Return what each result is of → the result.

    Raises
    ------
    InvalidRequestError : that is not what was given
    """
    if not isinstance(given, Mapping):
        raise InvalidRequestError(
            f"a {type(given).__name__} does not say what the results are of; write "
            '{"precipitation": rain, "temperature": warmth}'
        )
    return given


def _starts(plain: Mapping[str, Any]) -> list[cftime.datetime]:
    calendar = plain["calendar"]
    texts = plain["series"][0]["time"]
    return [read_iso(one[:10], calendar) for one in texts]


def _reference(index: str, starts: list[cftime.datetime], against: str) -> tuple[int, int] | None:
    """Return first and last year of the reference; None for the whole record."""
    standard = [int(year) for year in STANDARD.split("/")]
    if not against and not index_row(index).has_reference:
        return None
    if against in ("", DEFAULT):
        first, last = starts[0].year, min(starts[-1].year, standard[1])
        share = 100 * (last - standard[0] + 1) / (standard[1] - standard[0] + 1)
        return (standard[0], standard[1]) if first <= standard[0] and share >= COVERED else None
    start, end = (int(year) for year in against.split("/"))
    return start, end


def _values(plain: Mapping[str, Any]) -> Floats:
    return np.array([one["value"] for one in plain["series"]], dtype=float).T


def _document(
    results: Mapping[str, SeriesResult],
    asked: AskedIndex,
    found: IndexSeries,
    opinion: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the JSON of the index."""
    every = {kind: one.json for kind, one in results.items()}
    first = next(iter(every.values()))
    of = {
        kind: {
            "id": plain.get("id"),
            "dataset": plain["request"]["dataset"],
            "operation": plain["request"]["operation"],
            "units": plain["units"],
            "variable": plain.get("variable"),
        }
        for kind, plain in every.items()
    }
    known = [Note.from_dict(note) for plain in every.values() for note in plain["notes"]]
    of_values = np.stack([_values(plain) for plain in every.values()])
    gaps = np.where(np.isnan(of_values).any(axis=0), np.nan, 0.0)
    period = Period.parse(first["request"]["period"])
    told = index_notes(found, range(len(found.starts)), period, gaps)
    intervals = StepIntervals(*zip(*found.spans, strict=True))
    options = {
        **first["request"].get("options", {}),
        "accumulate": asked.accumulate,
        "against": found.receipt.get("reference", ""),
        "index": asked.name,
        "index_options": [list(pair) for pair in sorted(asked.parameters.items())],
    }
    names = dict.fromkeys(one["dataset"] for one in of.values())
    request = first["request"] | {"dataset": " and ".join(names), "options": options}
    request.pop("fingerprint", None)
    kept: dict[str, Any] = {name: first[name] for name in ("time_step", "steps") if name in first}
    return {
        "request": request,
        "units": found.units,
        "variable": {**found.attributes, "units": found.units},
        **kept,
        "intervals": intervals.to_dict(found.starts),
        "index": {
            "title": index_row(asked.name).title,
            **found.receipt,
            **({"sums": SUMS} if asked.accumulate > 1 else {}),
            **told_classes(asked.name),
            "of": of,
            **opinion,
        },
        "calendar": first["calendar"],
        "notes": [note.to_dict() for note in each_once([*known, *told])],
        "series": [_series(every, found, number) for number in range(found.values.shape[1])],
        "provenance": {kind: plain["provenance"] for kind, plain in every.items()},
    }


def _series(
    every: Mapping[str, Mapping[str, Any]], found: IndexSeries, number: int
) -> dict[str, Any]:
    """Return one series: the values, what each is of, and what was fitted."""
    own = {kind: plain["series"][number] for kind, plain in every.items()}
    first = next(iter(own.values()))
    shares = zip(*(one[VALID] for one in own.values()), strict=True)
    fit = {name: plain_list(values[:, number]) for name, values in found.fit.items()}
    return {
        "zone": first["zone"],
        "time": [iso(start) for start in found.starts],
        "value": plain_list(found.values[:, number]),
        VALID: [min(each) for each in shares],
        "index_of": {kind: one["value"] for kind, one in own.items()},
        **({"fit": fit} if fit else {}),
    }
