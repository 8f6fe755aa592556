"""Places that were found before, each with all that was asked of a file to find it.

Most files of a dataset have the same coordinates. Each is asked the same questions; where all its
answers are those of an earlier file, to the last bit, its cells lie where those of that one do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.header_store.exact_keys import exact_key
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.place.horizontal import find_horizontal
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.place.surroundings import Coordinate, Index, Surroundings
from csserv.errors import GranuleError

#: places that are kept, the latest ones first
FEW = 4

#: what is asked, and of what
Question: TypeAlias = tuple[Any, ...]


class KnownPlaces:
    """Places of some files, such as those of a dataset."""

    def __init__(self) -> None:
        self._latest: list[_Known] = []

    def find(self, around: Surroundings, crs: str = "") -> Placed:
        """Find where the cells of a variable lie, as ``find_horizontal`` does, for its errors."""
        for known in self._latest:
            if known.crs == crs and known.is_of(around):
                return known.placed
        heard = _Heard(around)
        placed = find_horizontal(heard, crs)
        if heard.is_all:
            known = _Known(crs, tuple(heard.answers.values()), placed)
            self._latest = [known, *self._latest[: FEW - 1]]
        return placed

    def asked_of(self, grid: Grid | CurvedGrid) -> tuple[set[str], set[str]] | None:
        """Return what led to a grid that was found.

        Returns
        -------
        names of variables whose values were asked for, and of attributes of groups; None where the
        grid depends on more than what is asked here
        """
        answers = next((one.answers for one in self._latest if one.placed.grid is grid), None)
        if answers is None:
            return None
        asked = [question for question, _ in answers]
        values = {question[1] for question in asked if question[0] == "values"}
        return values, {question[1] for question in asked if question[0] == "get_global"}


@dataclass(frozen=True, eq=False)
class _Known:
    """A place, with the questions that led to it, in their order, and their answers."""

    crs: str
    answers: tuple[tuple[Question, Any], ...]
    placed: Placed

    def is_of(self, around: Surroundings) -> bool:
        """Whether all answers are the same for another variable."""
        try:
            return all(
                exact_key(_ASK[what](around, *of)) == answer for (what, *of), answer in self.answers
            )
        except GranuleError:  # it will be said again, in the words for it
            return False


class _Heard:
    """What stands around a variable; remembers what was asked of it.

    Attributes
    ----------
    answers : each question in words → question and answer
    is_all : whether these are all that the place depends on
    """

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self.answers: dict[str, tuple[Question, Any]] = {}
        self.is_all = True

    @property
    def dims(self) -> tuple[str, ...]:
        """Its dimensions."""
        found: tuple[str, ...] = self._ask("dims")
        return found

    @property
    def named(self) -> tuple[str, ...]:
        """Names of the coordinates that it says it has."""
        found: tuple[str, ...] = self._ask("named")
        return found

    def get(self, name: str) -> Any:
        """Return an attribute of it."""
        return self._ask("get", name)

    def get_global(self, name: str) -> Any:
        """Return an attribute of the file."""
        return self._ask("get_global", name)

    def find(self, name: str) -> Coordinate | None:
        """Find another variable by name."""
        if self._ask("coordinate", name) is None:
            return None
        return self._coordinate(self._around.find(name))

    def others(self, ndim: int) -> Iterator[Coordinate]:
        """Yield all other variables around of so many dimensions."""
        for name in self._ask("others", ndim):
            if (found := self.find(name)) is not None:
                yield found

    def attributes(self, name: str) -> Mapping[str, Any] | None:
        """Return the attributes of another variable."""
        found: Mapping[str, Any] | None = self._ask("attributes", name)
        return found

    def first(self, places: Mapping[str, slice]) -> NDArray[np.float64]:
        """Read some places at the first step: values of each file's own."""
        self.is_all = False
        return self._around.first(places)

    def _coordinate(self, found: Coordinate | None) -> Coordinate | None:
        if found is None:
            return None
        name = found.name
        return Coordinate(
            name=name,
            dims=found.dims,
            get=lambda attribute: self._ask("attribute", name, attribute),
            take=lambda index: self._ask("values", name, index),
            lengths=found.lengths,
        )

    def _ask(self, what: str, *of: Any) -> Any:
        try:
            found = _ASK[what](self._around, *of)
        except GranuleError:  # it may be caught, and lead to a place as well
            self.is_all = False
            raise
        self.answers.setdefault(repr((what, *of)), ((what, *of), exact_key(found)))
        return found


def _shape_of(around: Surroundings, name: str) -> Any:
    found = around.find(name)
    return None if found is None else (found.name, found.dims, found.lengths())


def _of(around: Surroundings, name: str) -> Coordinate:
    found = around.find(name)
    if found is None:
        raise GranuleError(f"it has no {name}")
    return found


def _values(around: Surroundings, name: str, index: Index) -> NDArray[np.float64]:
    return _of(around, name).take(index)


#: question → how it is asked
_ASK: dict[str, Callable[..., Any]] = {
    "dims": lambda around: around.dims,
    "named": lambda around: around.named,
    "get": lambda around, name: around.get(name),
    "get_global": lambda around, name: around.get_global(name),
    "attributes": lambda around, name: around.attributes(name),
    "others": lambda around, ndim: tuple(one.name for one in around.others(ndim)),
    "coordinate": _shape_of,
    "attribute": lambda around, name, attribute: _of(around, name).get(attribute),
    "values": _values,
}
