"""Where the steps of a result come from now, and what has become of them since, as far as known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import cftime

from csserv.catalog import CatalogEntry
from csserv.catalog.timeline.timeline import Timeline
from csserv.ingest.stored.fetched_archive import ledger_of
from csserv.ingest.stored.ledger import Arrival
from csserv.ingest.stored.origin_variables import read_arrivals

#: length of a moment to the second
SECONDS = len("2024-03-10T12:00:00")


@dataclass(frozen=True)
class Renewal:
    """A step of the data that came anew, or for the first time, after a result was computed.

    Attributes
    ----------
    start : of the step
    number : of the step among those that are read
    before : what was there; None if the ledger knows of nothing
    now : what is there
    """

    start: datetime
    number: int
    before: Arrival | None
    now: Arrival

    @property
    def kind(self) -> tuple[str, str]:
        """The stream that was there, empty for none, and the one that is."""
        return self.before.stream if self.before else "", self.now.stream


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
    changed : name of a file → what has become of it since: "has changed" or "is new"
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
        there = {plain_moment(one) for one in self._timeline.times}
        return any(
            start in there and any(one.retrieved >= self._since for one in arrivals)
            for start, arrivals in self._arrivals.items()
        )

    def files(self, run: range) -> tuple[str, ...]:
        """Name the files that hold some steps, by their paths below the data folder."""
        paths = dict.fromkeys(one.path for one in self._places(run))
        return tuple(path.relative_to(self._entry.data).as_posix() for path in paths)

    def why(self, run: range, of_longer: bool) -> str:
        """Say what has become of some steps.

        Parameters
        ----------
        of_longer : whether they make one of the result's, so that it is to be said which have come
        """
        if found := [one for place in self._places(run) if (one := self._renewal(place))]:
            return renewals_text(found, of_longer, self._short)
        names = dict.fromkeys(one.path.name for one in self._places(run))
        told = [f"{name} {self._changed[name]}" for name in names if name in self._changed]
        if not told:
            return "its files are as they were"
        more = f" and {len(told) - 1} more files" if len(told) > 1 else ""
        return f"{told[0]}{more}; no ledger says why"

    def why_gone(self, time: str) -> str:
        """Say what is known of a step of the result that no file holds any more."""
        known = self._arrivals.get(datetime.fromisoformat(time)) if _is_moment(time) else None
        last = f" ({known[-1].stream} came {_days(known[-1:])})" if known else ""
        return f"no file holds it any more{last}"

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
    then: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]], started: str
) -> dict[str, str]:
    """Return name → what has become of it, of the files that may not be as a receipt has them.

    A receipt has whole seconds, so a file that is as it says may yet have been replaced within the
    second in which the result was begun.

    Parameters
    ----------
    started : when the result was, UTC
    """
    kept = defaultdict[str, list[Mapping[str, Any]]](list)
    for one in then:
        kept[one["file"]].append(one)
    found = {}
    for one in now:
        if one not in kept[one["file"]]:
            found[one["file"]] = "has changed" if kept[one["file"]] else "is new"
        elif one["modified"][:SECONDS] >= started[:SECONDS]:
            found[one["file"]] = "was written while the result was computed"
    return found


def renewals_text(found: Sequence[Renewal], of_longer: bool, short: bool) -> str:
    """Say how steps came anew, those of the same streams together.

    Parameters
    ----------
    short : whether steps are shorter than a day
    """
    by_kind = defaultdict[tuple[str, str], list[Renewal]](list)
    for one in found:
        by_kind[one.kind].append(one)
    said = []
    for (stream, now), some in by_kind.items():
        which = f"{_named(some, short)}: " if of_longer else ""
        came = _days([one.now for one in some])
        earlier = [one.before for one in some if one.before]
        if not earlier:
            said.append(f"{which}{now} came {came}")
            continue
        was = f"{which}{stream} (came {_days(earlier)})"
        if stream == now:
            said.append(f"{was} was changed by the provider, and came anew {came}")
        else:
            said.append(f"{was} became {now} (came {came})")
    return "; ".join(said)


def plain_moment(time: cftime.datetime) -> datetime | None:
    """Turn a moment into Python's; None for a day that only other calendars have."""
    try:
        return datetime(time.year, time.month, time.day, time.hour, time.minute)
    except ValueError:
        return None


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _days(arrivals: Sequence[Arrival]) -> str:
    """Say on which days steps came."""
    days = sorted(f"{one.retrieved:%Y-%m-%d}" for one in arrivals)
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def _named(renewals: Sequence[Renewal], short: bool) -> str:
    """Name all steps; three or more that follow each other by the first and the last."""
    form = "%Y-%m-%dT%H:%M" if short else "%Y-%m-%d"
    runs: list[list[Renewal]] = []
    for one in renewals:
        if runs and runs[-1][-1].number + 1 == one.number:
            runs[-1].append(one)
        else:
            runs.append([one])
    said = []
    for run in runs:
        names = [f"{one.start:{form}}" for one in run]
        said += [f"{names[0]} to {names[-1]}"] if len(names) > 2 else names
    return ", ".join(said)
