"""Where the steps of a result come from now, and what has become of them since, as far as known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import cftime

from csserv.catalog import CatalogEntry
from csserv.catalog.timeline.timeline import Timeline
from csserv.checking.renewals import Renewal, days_text, renewals_text, steps_text
from csserv.ingest.stored.fetched_archive import ledger_of
from csserv.ingest.stored.ledger import Arrival
from csserv.ingest.stored.origin_variables import read_arrivals

#: length of a moment to the second
SECONDS = len("2024-03-10T12:00:00")

#: from when to when a step lasts
Span = tuple[cftime.datetime, cftime.datetime]

#: what has become of a file that is not there
GONE = "is gone"

#: what has become of a file that may or may not be as it was
UNSURE = "was written while the result was computed"

#: what has become of a file, the surest first
KINDS = ("has changed", "is new", GONE, UNSURE)


@dataclass(frozen=True)
class _Place:
    """Where a step is: its file, and its number among those that are read."""

    path: Path
    number: int


class StepOrigins:
    """Tells of the steps of a dataset which files hold them, and how they have come anew.

    Parameters
    ----------
    since : when the result was computed; what came later, it did not have
    changed : name of a file → what has become of it since, one of ``KINDS``
    """

    def __init__(
        self, entry: CatalogEntry, timeline: Timeline, since: datetime, changed: Mapping[str, str]
    ) -> None:
        self._entry, self._timeline, self._since, self._changed = entry, timeline, since, changed
        self._arrivals = defaultdict[datetime, list[Arrival]](list)
        for one in ledger_of(entry).arrivals():
            self._arrivals[one.start].append(one)
        self._read: dict[Path, dict[datetime, Arrival]] = {}

    @property
    def came_since(self) -> bool:
        """Whether the ledger knows of a step of the timeline that came since."""
        return any(
            start in self._there and any(one.retrieved >= self._since for one in arrivals)
            for start, arrivals in self._arrivals.items()
        )

    def files(self, run: range) -> tuple[str, ...]:
        """Name the files that hold some steps, by their paths below the data folder."""
        paths = dict.fromkeys(one.path for one in self._places(run))
        return tuple(path.relative_to(self._entry.data).as_posix() for path in paths)

    def why(self, run: range, within: Span | None) -> str:
        """Say what has become of some steps.

        Parameters
        ----------
        within : of one of the result's that several of the data's make; None for one of the data's
        """
        found = [one for place in self._places(run) if (one := self._renewal(place))]
        said = [renewals_text(found, within is not None, self._short)] if found else []
        if within and (lost := self._lost(*map(plain_moment, within))):
            said.append(f"{steps_text(lost, self._short)}: no file holds it any more")
        return "; ".join(said) or self._of_files(run)

    def why_gone(self, time: str, is_longer: bool) -> str:
        """Say what is known of a step of the result that no file holds any more."""
        start = None if is_longer else _moment(time)
        known = self._arrivals[start] if start else []
        last = f" ({known[-1].stream} came {days_text(known[-1:])})" if known else ""
        return f"no file holds it any more{last}"

    def _of_files(self, run: range) -> str:
        """Say what has become of the files of steps of which the ledger knows nothing."""
        names = dict.fromkeys(one.path.name for one in self._places(run))
        own = {name: self._changed[name] for name in names if name in self._changed}
        if all(what == UNSURE for what in own.values()):
            own |= {name: what for name, what in self._changed.items() if what == GONE}
        told = [f"{name} {what}" for name, what in surest_first(own).items()]
        if not told:
            return "its files are as they were"
        more = f" and {len(told) - 1} more" if len(told) > 1 else ""
        return f"{told[0]}{more}; no ledger says why"

    def _lost(self, first: datetime | None, end: datetime | None) -> list[datetime]:
        """List the steps that the result had and no file holds any more, as the ledger knows."""
        if first is None or end is None:
            return []
        return sorted(
            start
            for start, arrivals in self._arrivals.items()
            if first <= start < end
            and start not in self._there
            and any(one.retrieved < self._since for one in arrivals)
        )

    @cached_property
    def _there(self) -> set[datetime | None]:
        """When the steps of the timeline begin."""
        return {plain_moment(one) for one in self._timeline.times}

    @property
    def _short(self) -> bool:
        return len(self._timeline) > 0 and bool(self._timeline.lengths.min() < 1)

    def _places(self, run: range) -> Iterator[_Place]:
        """Yield where some steps are."""
        for stretch in self._timeline.stretches:
            if part := stretch.cut(run):
                for number in range(part.number, part.number + len(part.steps)):
                    yield _Place(part.granule.path, number)

    def _renewal(self, place: _Place) -> Renewal | None:
        """Return what has come of a step since; None where nothing is known to have."""
        start = plain_moment(self._timeline.times[place.number])
        now = self._arrivals_in(place.path).get(start) if start else None
        if start is None or now is None or now.retrieved < self._since:
            return None
        earlier = [one for one in self._arrivals[start] if one.retrieved < self._since]
        before = max(earlier, key=lambda one: one.retrieved, default=None)
        if before and before.sha256 == now.sha256:
            return None
        return Renewal(start, place.number, before, now)

    def _arrivals_in(self, path: Path) -> dict[datetime, Arrival]:
        """Read where the steps of a file came from; each file once."""
        if path not in self._read:
            self._read[path] = read_arrivals(path)
        return self._read[path]


def changed_files(
    then: Iterable[Mapping[str, Any]], now: Sequence[Mapping[str, Any]], started: str
) -> dict[str, str]:
    """Return name → what has become of it, of the files that may not be as a receipt has them.

    Those that surely are not come first.

    A receipt has whole seconds, so a file that is as it says may yet have been replaced within the
    second in which the result was begun.

    Parameters
    ----------
    started : when the result was, UTC
    """
    kept = defaultdict[str, list[Mapping[str, Any]]](list)
    for one in then:
        kept[one["file"]].append(one)
    there = {one["file"] for one in now}
    found = {name: GONE for name in kept if name not in there}
    for one in now:
        if one not in kept[one["file"]]:
            found[one["file"]] = KINDS[0] if kept[one["file"]] else KINDS[1]
        elif one["modified"][:SECONDS] >= started[:SECONDS]:
            found[one["file"]] = UNSURE
    return surest_first(found)


def surest_first(changed: Mapping[str, str]) -> dict[str, str]:
    """Return name → what has become of it, in the order of ``KINDS``."""
    return dict(sorted(changed.items(), key=lambda one: KINDS.index(one[1])))


def plain_moment(time: cftime.datetime) -> datetime | None:
    """Turn a moment into Python's; None for a day that only other calendars have."""
    try:
        return datetime(time.year, time.month, time.day, time.hour, time.minute)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
