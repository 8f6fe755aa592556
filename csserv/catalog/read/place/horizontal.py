"""Where the cells of a variable lie: in degrees, in a projection, or cell by cell; or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from csserv.catalog.read.place.cell_by_cell.cell_degrees import along_one, cell_by_cell, same_places
from csserv.catalog.read.place.kinds import (
    EAST,
    NORTH,
    Pair,
    check_claims,
    degree_pair,
    insists,
    is_degrees,
    plain_pair,
    says_projected,
)
from csserv.catalog.read.place.measured import Measure
from csserv.catalog.read.place.placed import Placed
from csserv.catalog.read.place.projected.in_projection import agrees, in_projection
from csserv.catalog.read.place.projected.projection import (
    HOW,
    Projection,
    find_mapping,
    of_row,
    read_mapping,
)
from csserv.catalog.read.place.straight_degrees import along, between_lines
from csserv.catalog.read.place.surroundings import Surroundings, auxiliary
from csserv.errors import GranuleError, UnplacedError

IF_DEGREES = 'if they are degrees, give crs = "EPSG:4326"'


def find_horizontal(around: Surroundings, crs: str = "") -> Placed:
    """Find where the cells of a variable lie.

    Degrees are what says that it is degrees; what says that it is of a projection becomes
    longitude and latitude by its grid mapping; what says neither is refused.

    Parameters
    ----------
    crs : of its axes, as the row of the dataset has it, in place of what the file says

    Raises
    ------
    UnplacedError : the cells cannot be placed on the Earth; says what was found, and how to go on
    GranuleError : no dimension looks like one of place
    """
    found = _Found.of(around)
    if not (found.is_given or found.plain):
        _check_directions(around)
        raise GranuleError(_lacking(around))
    try:
        placed = _by_row(found, of_row(crs)) if crs else _by_file(found)
        return _with_remarks(placed, *found.lost_bounds())
    except GranuleError as error:
        raise UnplacedError(str(error)) from None


@dataclass(frozen=True, eq=False)
class _Found:
    """What there is that may say where cells lie.

    Attributes
    ----------
    cells : latitude and longitude of each cell
    lines : latitudes along one dimension, longitudes along another, or both along one
    plain : y and x, coordinates of dimensions, of whatever kind
    """

    around: Surroundings
    cells: Pair | None
    lines: Pair | None
    plain: Pair | None

    @classmethod
    def of(cls, around: Surroundings) -> Self:
        """Look for them."""
        cells = degree_pair(around, 2) or degree_pair(around, 3)
        return cls(around, cells, degree_pair(around, 1), plain_pair(around))

    @property
    def is_given(self) -> bool:
        """Whether there are latitudes and longitudes."""
        return self.cells is not None or self.lines is not None

    @property
    def beside(self) -> Pair | None:
        """Latitudes and longitudes that are not y and x themselves."""
        own = self.lines and self.plain and self.lines[0].name == self.plain[0].name
        return self.cells or (None if own else self.lines)

    def check(self) -> None:
        """See that what there is does not contradict itself.

        Raises
        ------
        GranuleError : a latitude claims to be a longitude too, or the other way round; or cells
            lie elsewhere than their rows and columns, and nothing says what counts
        """
        for pair in (self.cells, self.lines):
            if pair is not None:
                check_claims(pair)
        if self.cells is None or self.lines is None or self.cells[0].name in self.around.named:
            return
        if not same_places(self.lines, self.cells):
            names = [" and ".join(one.name for one in pair) for pair in (self.lines, self.cells)]
            raise GranuleError(
                f"its {names[0]} say other places than its {names[1]}: name those that count in "
                "the attribute coordinates, or leave the others out"
            )

    def lost_bounds(self) -> Iterator[str]:
        """Tell which bounds are named but not there, as where xarray left them behind."""
        pairs = (self.cells, self.lines, self.plain)
        for one in {one.name: one for pair in pairs for one in pair or ()}.values():
            name = one.text("bounds")
            if name and self.around.find(name) is None:
                yield (
                    f"the bounds of its {one.name}, {name}, are missing; cells are taken to end "
                    "midway between coordinates"
                )

    def place(self) -> Placed:
        """Place cells by latitudes and longitudes."""
        if self.cells is not None:
            return cell_by_cell(self.around, self.cells)
        return self.place_along(self.lines)

    def place_along(self, pair: Pair | None) -> Placed:
        """Place cells by latitudes and longitudes along dimensions."""
        if pair is None:
            raise GranuleError(_lacking(self.around))
        if pair[0].dims == pair[1].dims:
            return along_one(self.around, pair)
        return between_lines(self.around, *(along(self.around, one) for one in pair))


def _by_row(found: _Found, stated: Projection) -> Placed:
    """Place cells as the row of the dataset says."""
    if stated.is_plain:
        if found.cells and not found.lines:
            return found.place()
        return found.place_along(found.lines or found.plain)
    if found.plain is None:
        names = ", ".join(found.around.dims)
        raise GranuleError(f"its {stated.name} needs y and x, and its dimensions are {names}")
    return in_projection(found.around, stated, found.plain)


def _by_file(found: _Found) -> Placed:
    """Place cells as the file says."""
    found.check()
    around, plain = found.around, found.plain
    projected = plain is not None and says_projected(plain)
    mapping = find_mapping(around, [one.name for one in plain or ()], alone=projected)
    try:
        stated = read_mapping(around, mapping, plain[1] if plain else None)
    except GranuleError as error:
        if found.is_given:
            return _with_remarks(found.place(), f"{error}; its latitudes and longitudes are taken")
        raise
    if stated is None or stated.is_plain:
        if found.is_given:
            return found.place()
        if stated and plain and not projected:
            return found.place_along(plain)
        raise GranuleError(_refusal(found, mapping))
    if plain is None or insists(plain):
        if found.beside:
            return found.place()
        raise GranuleError(_contradiction(found, stated))
    return _by_projection(found, stated, plain)


def _by_projection(found: _Found, stated: Projection, plain: Pair) -> Placed:
    """Place cells by a projection, unless latitudes and longitudes beside it say otherwise."""
    try:
        placed = in_projection(found.around, stated, plain)
    except GranuleError as error:
        if found.beside:
            return _with_remarks(found.place(), f"{error}; its latitudes and longitudes are taken")
        raise
    if found.beside and not agrees(placed, *found.beside):
        other = f"its {stated.name} lies elsewhere than its latitudes and longitudes, which count"
        return _with_remarks(found.place(), other)
    silent = [one.name for one in plain if one.units.measure is Measure.NOTHING]
    return _with_remarks(
        placed, *(f"its {name} says no units, and is taken to be in metres" for name in silent)
    )


def _with_remarks(placed: Placed, *remarks: str) -> Placed:
    return replace(placed, remarks=(*placed.remarks, *remarks)) if remarks else placed


def _check_directions(around: Surroundings) -> None:
    """See that lengths, where dimensions have such, say which is y and which is x."""
    own = [one for one in map(around.find, around.dims) if one and not one.get("positive")]
    lengths = [one.name for one in own if one.units.measure is Measure.LENGTH]
    if len(lengths) == 2:
        raise UnplacedError(
            f"its {' and '.join(lengths)} are of a projection, and do not say which is y and which "
            "is x: give them axis Y and X"
        )


def _lacking(around: Surroundings) -> str:
    """Say which axis is lacking."""
    lats = any(is_degrees(one, NORTH) for one in auxiliary(around, 1))
    names = ", ".join(around.dims) or "(none)"
    lacking = EAST if lats else NORTH
    said = f"no {lacking.standard_name} among its dimensions {names}"
    if single := [one.name for one in around.others(0) if is_degrees(one, lacking)]:
        return (
            f"{said}: its {single[0]} is a single number; keep rows and columns as dimensions "
            "when data are cut, two or more of each"
        )
    return f"{said}; give its coordinates units of degrees_north and degrees_east"


def _refusal(found: _Found, mapping: str) -> str:
    """Say why y and x cannot be placed."""
    if found.plain is None:
        return _lacking(found.around)
    names = " and ".join(one.name for one in found.plain)
    units = " and ".join(dict.fromkeys(one.text("units") or "no units" for one in found.plain))
    if mapping and found.around.attributes(mapping) is None:
        return f"its {names} have a grid mapping, {mapping}, that is not in the file; {HOW}"
    if says_projected(found.plain):
        return f"its {names} ({units}) are of a projection that the file does not name; {HOW}"
    return f"its {names} ({units}) do not say what they are; {IF_DEGREES}; else, {HOW}"


def _contradiction(found: _Found, stated: Projection) -> str:
    names = " and ".join(one.name for one in found.plain or ())
    return (
        f"its {names} are said to be degrees of latitude and longitude, and by its {stated.name} "
        f"they are not; {IF_DEGREES}; else, {HOW}"
    )
