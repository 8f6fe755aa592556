"""Computes a result again from its JSON and says what differs, if anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from csserv.catalog import Catalog
from csserv.checking.byte_hashes import OnFile, compare_bytes
from csserv.checking.receipt_differences import files_differ, versions_differ, words_differ
from csserv.checking.stored_request import request_of
from csserv.errors import CsservError
from csserv.outputs import Result
from csserv.outputs.against import AGAINST
from csserv.outputs.further_dimensions import series_name
from csserv.outputs.series import FURTHER_AGAINST, VALID, VALID_STEPS
from csserv.outputs.several_operations import units_of
from csserv.tasks.plan.file_receipts import describe_file
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.work.in_process import compute_series


@dataclass(frozen=True)
class Verification:
    """How a result compares with the same request, computed again.

    Attributes
    ----------
    is_identical : whether every number is the same, to the last bit
    differences : in words, all that differs from what the result states: files, versions, catalog
        entry, area, numbers. The numbers may be identical even though others of these differ
    """

    is_identical: bool
    differences: tuple[str, ...] = ()

    def __str__(self) -> str:
        head = "identical" if self.is_identical else "not identical"
        return "\n- ".join([f"{head}{':' if self.differences else ''}", *self.differences])

    # what a notebook shows of it
    __repr__ = __str__


def verify(
    result: Result,
    catalog: Catalog,
    whole: bool = False,
    on_file: OnFile = lambda done, total: None,
) -> Verification:
    """Compute a result again, from the request in its JSON and the files of the catalog.

    Parameters
    ----------
    whole : read the files byte by byte as well; see ``csserv.checking.byte_hashes``
    on_file : called after each file that is read as a whole

    Raises
    ------
    TaskNotFinishedError : the folder has no result
    """
    plain = result.json
    found = [*versions_differ(plain["provenance"]["versions"])]
    try:
        request = request_of(result)
        if request.area.sha256 != plain["request"]["area_sha256"]:
            found.append("the stored area is another one than was asked about")
        elif request.fingerprint != plain["request"]["fingerprint"]:
            found.append("the request in the JSON is not the one of its fingerprint")
        entry = catalog[request.dataset]
        found += words_differ("the catalog", plain["provenance"]["dataset"], entry.record())
        _, timeline = steps_to_read(entry, request.period, request.options)
        now = [describe_file(granule, header) for granule, header in timeline.granules]
        found += files_differ(plain["provenance"]["granules"], now)
        if whole:
            paths = [granule.path for granule, _ in timeline.granules]
            found += compare_bytes(result, paths, entry.data, on_file)
        again = compute_series(entry, timeline, request)
    except CsservError as error:
        return Verification(False, (*found, f"it cannot be computed again: {error}"))
    then = [*units_of(plain).values()]
    units = [*again.units]
    if then != units:
        numbers = [f"the units were {', '.join(then)}, and are {', '.join(units)} now"]
    else:
        numbers = [*_numbers_differ(plain, again.series.to_list())]
    return Verification(not numbers, (*found, *numbers))


def _numbers_differ(plain: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Compare series by series: zones, times, values, shares that are valid."""
    then = plain["series"]
    if len(then) != len(now):
        yield f"it had {len(then)} series, and has {len(now)} now"
        return
    for old, new in zip(then, now, strict=True):
        name = series_name(old)
        if (old["zone"], old.get("select")) != (new["zone"], new.get("select")):
            yield f"zone {name} is {series_name(new)} now"
        elif old["time"] != new["time"]:
            yield f"{name} had {len(old['time'])} steps, and has {len(new['time'])} others now"
        elif old["value"] != new["value"]:
            yield f"{name}: {_values_differ(old, new, plain['units'])}"
        elif old.get("further") != new.get("further"):
            yield f"{name}: {_further_differ(old, new, plain)}"
        elif old[VALID] != new[VALID]:
            yield f"{name}: the share of the zone with data is another one"
        elif old.get(VALID_STEPS, new.get(VALID_STEPS)) != new.get(VALID_STEPS):
            yield f"{name}: the share of the days with data is another one"
        elif old.get(AGAINST) != new.get(AGAINST):
            yield f"{name}: {_normals_differ(old, new)}"
        elif old.get(FURTHER_AGAINST) != new.get(FURTHER_AGAINST):
            yield f"{name}: {_further_normals_differ(old, new)}"


def _further_differ(
    old: Mapping[str, Any], new: Mapping[str, Any], plain: Mapping[str, Any]
) -> str:
    """Say how the values of the first further operation that has changed differ."""
    then, now = ({**one.get("further", {})} for one in (old, new))
    name = next(key for key in [*then, *now] if then.get(key) != now.get(key))
    if name not in then or name not in now:
        return f"{name} is {'not computed any more' if name in then else 'new'}"
    before, after = {**old, "value": then[name]}, {**new, "value": now[name]}
    return f"{name}: {_values_differ(before, after, units_of(plain)[name])}"


def _normals_differ(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Say which statistic of the reference has changed, and where first."""
    then, now = ({**one.get(AGAINST, {})} for one in (old, new))
    name = next(key for key in [*then, *now] if then.get(key) != now.get(key))
    if name not in then or name not in now:
        return f"{name} is {'not computed any more' if name in then else 'new'}"
    pairs = enumerate(zip(then[name], now[name], strict=True))
    first = next(i for i, (one, other) in pairs if one != other)
    return f"{name} of {old['time'][first]} was {then[name][first]}, and is {now[name][first]} now"


def _further_normals_differ(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Say what ``_normals_differ`` does of the first further operation whose normals changed."""
    then, now = (one.get(FURTHER_AGAINST, {}) for one in (old, new))
    name = next(key for key in [*then, *now] if then.get(key) != now.get(key))
    pair = ({**one, AGAINST: of.get(name, {})} for one, of in ((old, then), (new, now)))
    return f"{name}: {_normals_differ(*pair)}"


def _values_differ(old: Mapping[str, Any], new: Mapping[str, Any], units: str) -> str:
    pairs = zip(old["value"], new["value"], strict=True)
    steps = [i for i, (one, other) in enumerate(pairs) if one != other]
    first = steps[0]
    before, after = (np.array(one["value"], float)[steps] for one in (old, new))
    most = np.nan_to_num(np.abs(after - before)).max()
    return (
        f"{len(steps)} of {len(old['time'])} values differ, by {most:.3g} {units} at most; "
        f"{old['time'][first]} had {old['value'][first]}, and has {new['value'][first]} now"
    )
