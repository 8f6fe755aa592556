"""An archive checked as a whole: what its files say together, and which of them hold a step."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.granule import Granule
from csserv.catalog.read.header import Header
from csserv.catalog.read.times.calendar_units import Ints, to_dates, to_seconds
from csserv.catalog.read.times.stamps import Stamps, calendar_of
from csserv.catalog.timeline.frequency import DAY
from csserv.notes import Note

#: words of names of files → how final they are; the lowest number is the most final
FINALITY = {"final": 0, "late": 2, "interim": 2, "prelim": 3, "preliminary": 3, "provisional": 3}
FINALITY |= {"early": 4, "nrt": 4, "realtime": 4, "rt": 4, "forecast": 5}

#: of a file whose name has none of these words
PLAIN = 1

#: steps of a file from which its own frequency is seen; between two there may be a gap
SURE = 3

#: how much longer the steps of one file may be than those of others
ALIKE = 1.5


@dataclass(frozen=True)
class Problem:
    """What must be mended before some steps can be read.

    Attributes
    ----------
    text : a sentence: what was found, and how to go on
    first, last : the steps it concerns [s] since ``EPOCH``, both included; None where it is all
    """

    text: str
    first: int | None = None
    last: int | None = None

    def concerns(self, start: int, end: int) -> bool:
        """Whether it concerns a step that begins from ``start`` to before ``end``."""
        if self.first is None or self.last is None:
            return True
        return self.first < end and self.last >= start


@dataclass(frozen=True, eq=False)
class Member:
    """A file of an archive, with the times for which its values are valid."""

    granule: Granule
    header: Header
    stamps: Stamps

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.granule.path.name

    @property
    def changed(self) -> int:
        """When the file was last written [ns]."""
        return self.header.signature.mtime_ns


def one_calendar(members: Sequence[Member]) -> tuple[list[Member], list[Problem], list[Note]]:
    """Bring all files to one calendar; dates of a year of 365 days are dates of the real one."""
    kinds = {one.stamps.calendar for one in members}
    if len(kinds) == 1:
        return list(members), [], []
    first = {one.stamps.calendar: one.name for one in reversed(members)}
    said = " and ".join(f"{name} ({kind})" for kind, name in sorted(first.items())[:2])
    common = calendar_of(kinds)
    if not common:
        text = f"{said} count days by calendars that share no dates; put them into two datasets"
        return list(members), [Problem(text)], []
    note = Note("calendar", f"{said} count days by different calendars; dates are taken as written")
    return [_in_calendar(one, common) for one in members], [], [note]


def _in_calendar(member: Member, calendar: str) -> Member:
    stamps = member.stamps
    if stamps.calendar == calendar:
        return member

    def turned(moments: Ints) -> Ints:
        dates = to_dates(moments.ravel(), stamps.calendar)
        same = [cftime.datetime(*date.timetuple()[:6], calendar=calendar) for date in dates]
        return to_seconds(same, calendar).reshape(moments.shape)

    bounds = None if stamps.bounds is None else turned(stamps.bounds)
    own = replace(stamps, moments=turned(stamps.moments), bounds=bounds, calendar=calendar)
    return replace(member, stamps=own)


def check_lengths(members: Sequence[Member]) -> list[Problem]:
    """See that no file has much longer steps than the others."""
    own = [(one, _own_length(one.stamps)) for one in members]
    shortest = min((days for _, days in own if days), default=0.0)
    longest = max((days for _, days in own if days), default=0.0)
    if not shortest or longest <= ALIKE * shortest:
        return []
    short, long = (next(one for one, d in own if d == days) for days in (shortest, longest))
    text = (
        f"{short.name} has steps of {shortest:.3g} days and {long.name} of {longest:.3g}: put "
        "them into two datasets, each with a pattern of its own files"
    )
    return [Problem(text)]


def _own_length(stamps: Stamps) -> float:
    """How long the steps of one file are, seen from itself [days]; 0 where it has but one."""
    if stamps.bounds is not None:
        return float(np.median(np.diff(stamps.bounds, axis=1))) / DAY
    if len(stamps) < SURE:
        return 0.0
    return float(np.median(np.diff(stamps.moments))) / DAY


def choose_files(
    members: Sequence[Member], of_file: Ints, start: Ints, end: Ints, prefer: str | Sequence[str]
) -> tuple[NDArray[np.bool_], list[Problem], list[Note]]:
    """Choose one file for each step that several hold.

    Parameters
    ----------
    members : the files
    of_file : (n,) number of the file of each step
    start, end : (n,) [s], in the order of ``start``
    prefer : "final": files called final, then plain ones, then preliminary ones; "newer": the file
        written last; or patterns of names, the best first. Where nothing is said, as "final",
        then as "newer"

    Returns
    -------
    kept : (n,) whether the step is read from this file
    """
    kept = np.ones(len(start), bool)
    twice = np.flatnonzero(np.diff(start) == 0)
    problems = list(_across(members, of_file, start, end))
    if not len(twice):
        return kept, problems, []
    pairs: Counter[tuple[int, int]] = Counter()
    firsts: dict[tuple[int, int], list[int]] = {}
    for run in _runs_of_equal(start, twice):
        files = list(dict.fromkeys(of_file[run].tolist()))
        best = _best([members[i] for i in files], prefer)
        if isinstance(best, str):
            problems.append(Problem(best, int(start[run.start]), int(start[run.start])))
        chosen = files[0] if isinstance(best, str) else files[best]
        places = range(run.start, run.stop)
        winner = next(i for i in places if of_file[i] == chosen)
        for i in places:
            kept[i] = i == winner
            if i != winner:
                pair = chosen, int(of_file[i])
                pairs[pair] += 1
                firsts.setdefault(pair, []).append(int(start[i]))
    notes = [_told(members, pair, firsts[pair]) for pair in pairs]
    return kept, _joined(problems), notes


def _across(members: Sequence[Member], of_file: Ints, start: Ints, end: Ints) -> Iterator[Problem]:
    """Find steps that lie across each other: of different lengths, so neither can give way."""
    starts_later = np.flatnonzero(np.diff(start) > 0)
    across = starts_later[end[starts_later] > start[starts_later + 1]]
    lengths = end - start
    usual = np.median(lengths)
    odd = [
        i for i in across if of_file[i] != of_file[i + 1] and abs(lengths[i] - usual) > 0.5 * usual
    ]
    for i in odd[:1]:
        one, other = members[of_file[i]], members[of_file[i + 1]]
        yield Problem(
            f"a step of {lengths[i] / DAY:.3g} days of {one.name} lies across one of "
            f"{lengths[i + 1] / DAY:.3g} days of {other.name}: put them into two datasets",
            int(start[odd[0]]),
            int(start[odd[-1] + 1]),
        )


def _runs_of_equal(start: Ints, twice: Ints) -> Iterator[slice]:
    """Yield the places of steps that begin together."""
    for _, group in groupby(enumerate(twice.tolist()), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in group]
        yield from _split(start, slice(numbers[0], numbers[-1] + 2))


def _split(start: Ints, run: slice) -> Iterator[slice]:
    first = run.start
    for i in range(run.start + 1, run.stop + 1):
        if i == run.stop or start[i] != start[first]:
            if i - first > 1:
                yield slice(first, i)
            first = i


def _best(files: Sequence[Member], prefer: str | Sequence[str]) -> int | str:
    """Choose a file; or say why none can be."""
    orders: list[Callable[[Member], int]] = []
    if isinstance(prefer, str):
        orders += [lambda one: finality(one.granule.path)] if prefer in ("", "final") else []
    else:
        orders.append(lambda one: _place(one.granule.path, prefer))
    for order in orders:
        ranks = [order(one) for one in files]
        if ranks.count(min(ranks)) == 1:
            return ranks.index(min(ranks))
    names = f"{files[0].name} and {files[1].name}"
    if prefer == "" and not _are_alike(files):
        return (
            f"{names} hold the same steps, and may be of different kinds: put them into two "
            "datasets, or say prefer = 'newer' in the row"
        )
    times = [one.changed for one in files]
    if times.count(max(times)) == 1:
        return times.index(max(times))
    return (
        f"{names} hold the same steps and were written at the same moment: remove one, or say "
        "which counts with prefer = ['name*'] in the row"
    )


def finality(path: Path) -> int:
    """Say how final a file is by its name, or else by that of its folder: 0 is the most final."""
    for text in (path.name, path.parent.name):
        words = re.split(r"[^a-z]+", text.casefold())
        if known := [FINALITY[word] for word in words if word in FINALITY]:
            return min(known)
    return PLAIN


def _place(path: Path, patterns: Sequence[str]) -> int:
    return next((i for i, pattern in enumerate(patterns) if path.match(pattern)), len(patterns))


def _are_alike(files: Sequence[Member]) -> bool:
    """Whether files that hold the same steps are copies or versions of one another.

    Those of several steps were seen to have steps of the same length. Of single steps, names tell:
    a month's file beside a day's has other numbers in its name, and another product's other words.
    """
    if all(len(one.stamps) >= SURE or one.stamps.bounds is not None for one in files):
        return True
    numbers = {tuple(map(len, re.findall(r"\d+", one.name))) for one in files}
    return len(numbers) == 1 and len({_words(one.granule.path) for one in files}) == 1


def _words(path: Path) -> tuple[str, ...]:
    """Return the words of a file's name that may tell what it holds: letters are of versions."""
    words = re.findall(r"[^\W\d_]{2,}", path.stem.casefold())
    return tuple(one for one in words if one not in FINALITY)


def _told(members: Sequence[Member], pair: tuple[int, int], moments: list[int]) -> Note:
    best, other = (members[i] for i in pair)
    dates = to_dates([min(moments), max(moments)], best.stamps.calendar)
    first, last = (date.strftime("%Y-%m-%d") for date in dates)
    when = first if first == last else f"{first} to {last}"
    many = len(moments) > 1
    steps, verb = (f"{len(moments):,} steps", "are") if many else ("a step", "is")
    text = f"{other.name} holds {steps} ({when}), which {verb} read from {best.name}"
    return Note("overlap", text)


def _joined(problems: list[Problem]) -> list[Problem]:
    """Make one of the problems of the same words."""
    found: dict[str, Problem] = {}
    for one in problems:
        known = found.get(one.text)
        if known is None or one.first is None or known.first is None:
            found[one.text] = one
        else:
            last = max(known.last or 0, one.last or 0)
            found[one.text] = Problem(one.text, min(known.first, one.first), last)
    return list(found.values())
