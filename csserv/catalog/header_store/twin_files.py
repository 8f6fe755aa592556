"""Files that differ from one that was read in nothing but their times and where their chunks lie.

Most files of a dataset are so. All that decides how a file is read is compared, and the rest is
taken over from the one that was read whole: which takes a third of the time.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.header_store.known_places import KnownPlaces
from csserv.catalog.read.coordinates import StoredVariable
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.hdf5.chunks import index_of
from csserv.catalog.read.hdf5.stored_file import StoredFile, UnlikeError, groups_around, open_stored
from csserv.catalog.read.header import Header
from csserv.catalog.read.header_reader import Reading
from csserv.catalog.read.source import READING, UNREADABLE
from csserv.catalog.read.times.stamps import CountedTimes, Stamps
from csserv.catalog.read.times.steps import STEP_WORDS, pairs, stamps_of_name
from csserv.catalog.signature import Signature
from csserv.errors import GranuleError

#: files that are compared with, the latest first
FEW = 2

#: files that were like none before them, after which no more are compared
ALONE = 20

#: attributes of a file that its header is made of, besides what its place is found by
SAID = ("title", *STEP_WORDS)


class TwinFiles:
    """Reads the files of a dataset: whole, or like one that was read before."""

    def __init__(self) -> None:
        self._places = KnownPlaces()
        self._latest: list[_Twin] = []
        self._alone = 0

    def read(self, granule: Granule, signed: Signature) -> Header:
        """Read what a file says of itself, for ``Granule.read_anew``'s errors."""
        if (known := self.like(granule, signed)) is not None:
            self._alone = 0
            return known
        reading = granule.read_anew(signed, self._places.find)
        self._alone += 1
        self._remember(granule, reading)
        return reading.header

    def like(self, granule: Granule, signed: Signature) -> Header | None:
        """Return the header of a file that is like one of the latest; None of another."""
        found = (twin.header_of(granule, signed) for twin in self._latest)
        return next((one for one in found if one is not None), None)

    def _remember(self, granule: Granule, reading: Reading) -> None:
        if self._alone > ALONE:  # to compare with others has cost time in vain
            self._latest = []
            return
        twin = None
        asked = self._places.asked_of(reading.header.grid)
        with suppress(UnlikeError, *UNREADABLE):
            twin = _twin_of(granule, reading, *asked) if asked else None
        if twin:
            self._latest = [twin, *self._latest[: FEW - 1]]


@dataclass(frozen=True, eq=False)
class _Twin:
    """A file that was read whole.

    Attributes
    ----------
    counted : its times; None where they stand in its name
    counts, bounds : the variables that hold these; None where there are none
    values : paths of the variables whose values count
    said : attributes of its groups that count
    """

    header: Header
    counted: CountedTimes | None
    counts: StoredVariable | None
    bounds: StoredVariable | None
    values: frozenset[str]
    said: tuple[str, ...]
    facts: tuple[Hashable, ...] = ()

    def header_of(self, granule: Granule, signed: Signature) -> Header | None:
        """Return the header of a file that is like this one; None of one that is not."""
        try:
            with READING, open_stored(granule.path) as file:
                self._check_names(file, granule.names)
                both = zip(self.facts_of(file), self.facts, strict=True)
                if any(one != other for one, other in both):
                    return None
                return self._like(file, granule, signed)
        except (UnlikeError, GranuleError, *UNREADABLE):  # which a full reading will put into words
            return None

    def facts_of(self, file: StoredFile) -> Iterator[Hashable]:
        """Yield what two files must have in common."""
        steps = self._steps(file)
        yield steps == 1  # a dimension of one step may be read otherwise than one of several
        yield from file.facts(self.header.variable, steps, self.values, self.said)

    def _steps(self, file: StoredFile) -> int:
        shape = file.dataset(self.counts.path).shape if self.counts else ()
        return shape[0] if shape else -1

    def _check_names(self, file: StoredFile, names: tuple[str, ...]) -> None:
        """See that it has no variable of a name that counts before."""
        for name in names[: names.index(self.header.variable)]:
            if file.find(name) is not None:
                raise UnlikeError

    def _like(self, file: StoredFile, granule: Granule, signed: Signature) -> Header:
        known, stamps = self.header, self._stamps(file, granule)
        chunks = index_of(file, known.variable)
        if chunks and known.index:
            layout = known.layout
            if chunks[0] != layout.storage:
                layout = replace(layout, storage=chunks[0])
            return replace(known, stamps=stamps, layout=layout, index=chunks[1], signature=signed)
        if chunks or known.index or len(stamps) != len(known.stamps):
            raise UnlikeError  # what is read at once depends on the length of the file
        return replace(known, stamps=stamps, signature=signed)

    def _stamps(self, file: StoredFile, granule: Granule) -> Stamps:
        if self.counted is None or self.counts is None:
            return stamps_of_name(granule.path, granule.corrections.time_from_name)
        numbers = np.atleast_1d(_numbers_of(file, self.counts))
        bounds = None
        if self.bounds:
            bounds = pairs(np.ma.asarray(_numbers_of(file, self.bounds)), len(numbers))
        return replace(self.counted, numbers=numbers, bounds=bounds).stamps()


def _twin_of(
    granule: Granule, reading: Reading, values: Iterable[str], said: Iterable[str]
) -> _Twin:
    """Make a twin of a file that was read, of its variables and attributes that were asked for."""
    header, times = reading.header, reading.times
    if header.origins or (times.counted is None and not granule.corrections.time_from_name):
        raise UnlikeError
    with READING, open_stored(granule.path) as file:
        named = {*values, *(one.name for one in header.further)}
        twin = _Twin(
            header=header,
            counted=times.counted,
            counts=times.counts,
            bounds=times.bounds,
            values=frozenset(_paths(file, header.variable, named)),
            said=tuple(dict.fromkeys((*SAID, *said))),
        )
        steps, shape = len(header.stamps), file.dataset(header.variable).shape
        if steps > 1 and shape.count(steps) > 1:
            raise UnlikeError  # by its length alone, no one can tell which dimension is of time
        return replace(twin, facts=tuple(twin.facts_of(file)))


def _paths(file: StoredFile, variable: str, names: Iterable[str]) -> Iterator[str]:
    """Yield the paths of variables, each of the nearest group that has it."""
    for name in names:
        paths = (f"{group}/{name}".lstrip("/") for group in groups_around(variable))
        yield from islice((path for path in paths if file.find(path) is not None), 1)


def _numbers_of(file: StoredFile, variable: StoredVariable) -> NDArray[Any]:
    """Read the numbers of a variable, none of which may be missing or packed."""
    found = file.values(variable.path)
    marks = dict(variable.packing)
    missing = [marks.pop(name) for name in ("_FillValue", "missing_value") if name in marks]
    missing.append(netCDF4.default_fillvals.get(found.dtype.str[1:]))
    is_plain = not marks and found.size and found.dtype.kind in "iuf" and np.isfinite(found).all()
    if not is_plain or any((found == mark).any() for one in missing for mark in np.atleast_1d(one)):
        raise UnlikeError
    return found.astype(found.dtype.newbyteorder("="))
