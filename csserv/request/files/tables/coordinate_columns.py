"""Finds the columns of a table that hold coordinates, and what their headers say of the sign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from csserv.errors import InvalidAreaError, nearest
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.tables.coordinate_words import (
    EITHER,
    LATITUDES,
    LONGITUDES,
    NAMES_BESIDE,
    PARTS,
    PLAIN_DEGREES,
    UNITS_BESIDE,
    tells_side,
    words_of,
)
from csserv.request.files.tables.degrees import SIDE_OF
from csserv.request.plain_text import one_line

#: which sign a side has
_SIGNS = re.compile(r"\(\s*[-\u2212]|[-\u2212]\s*\)")

#: most columns that a message lists
MANY = 20

#: how to name the columns oneself
NAME_THEM = "name them (lon_field, lat_field)"


@dataclass(frozen=True)
class Columns:
    """Where longitude and latitude are, and whether all values are in the west, or south."""

    lon: int
    lat: int
    is_west: bool = False
    is_south: bool = False

    @property
    def side(self) -> str:
        """Where their headers say that all places are."""
        return " in the south" * self.is_south + " in the west" * self.is_west


def find_columns(
    header: Sequence[str], file: str, choices: FileChoices, units: Sequence[str] = ()
) -> Columns | None:
    """Find the columns of coordinates, those that are named or the likeliest; None for none.

    Parameters
    ----------
    units : what a row under the header says of each column

    Raises
    ------
    InvalidAreaError : there is no column of a name, a coordinate is in several columns, or its
        header may mean west or east
    """
    lat = _column(header, choices.lat_field, LATITUDES, "latitude", file)
    lon = _column(header, choices.lon_field, LONGITUDES, "longitude", file)
    if lat is None or lon is None or lat == lon:
        return None
    full = _with_units(header, units)
    wanted = (choices.lat_field, choices.lon_field)
    for what, known, field in zip(
        ("latitude", "longitude"), (LATITUDES, LONGITUDES), wanted, strict=True
    ):
        if not field:
            _check_parts(full, known, what, file)
    for place, known in ((lat, LATITUDES), (lon, LONGITUDES)):
        if _beside(full[place], known) & set(EITHER):
            raise InvalidAreaError(
                f"{file}: {one_line(full[place])} may mean west or east; write W or E"
            )
    return Columns(lon, lat, _is_below(full[lon], LONGITUDES), _is_below(full[lat], LATITUDES))


def find_column(header: Sequence[str], known: Sequence[str]) -> int | None:
    """Return the column of the likeliest header, the first of several; None for none."""
    return min(_candidates(header, known), default=(0, 0, None))[2]


def _column(
    header: Sequence[str], wanted: str, known: Sequence[str], what: str, file: str
) -> int | None:
    if wanted:
        return named_column(header, wanted, file)
    found = sorted(_candidates(header, known))
    same = [place for *rank, place in found if rank == list(found[0][:2])]
    known_well = [i for i in same if set(words_of(header[i])) & PLAIN_DEGREES]
    same = known_well if len(known_well) == 1 else same
    if len(same) > 1:
        several = ", ".join(one_line(header[i]) for i in same)
        if all(_parts(header[i], known) for i in same[1:]):
            return same[0]  # degrees, minutes, seconds: refused with better words
        raise InvalidAreaError(
            f"{file} has several columns that may hold the {what}: {several}; {NAME_THEM}",
            columns=filter(None, map(one_line, header)),
        )
    return same[0] if same else None


def named_column(header: Sequence[str], wanted: str, file: str) -> int:
    """Return the column of a name, in any case.

    Raises
    ------
    InvalidAreaError : there is none, or there are several
    """
    plain = [one_line(name) for name in header]
    same = [i for i, name in enumerate(plain) if name == wanted]
    same = same or [i for i, name in enumerate(plain) if name.casefold() == wanted.casefold()]
    if len(same) == 1:
        return same[0]
    every = list(filter(None, plain))
    near = nearest(wanted, every)
    meant = f"did you mean {near[0]}? " if near and len(every) > MANY else ""
    there = f"{meant}there are {', '.join(every[:MANY])}{', …' if len(every) > MANY else ''}"
    many = f"there are {len(same)} of them: give each another name"
    raise InvalidAreaError(
        f"{file}: there is no one column {one_line(wanted)!r}; {many if same else there}",
        columns=filter(None, plain),
    )


def _candidates(header: Sequence[str], known: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return how likely columns hold a coordinate, the least first: form, word, place.

    The forms are the word alone, before others and behind them; a letter, such as x, counts after
    all words, and as a word beside others only with "point" or "coord".
    """
    parts = {part for word in known for part in word.split()}
    every = ((place, name, words_of(name)) for place, name in enumerate(header))
    likely = [one for one in every if not parts.isdisjoint(one[2])]
    return _known_ones(likely, known, False) or _known_ones(likely, known, True)


def _known_ones(
    likely: Sequence[tuple[int, str, list[str]]], known: Sequence[str], with_sides: bool
) -> list[tuple[int, int, int]]:
    found = []
    for place, name, words in likely:
        if set(words) & NAMES_BESIDE or (tells_side(words) and not with_sides):
            continue
        joined = f" {' '.join(words)} "
        for number, word in enumerate(known):
            if f" {word} " in joined and (len(word) > 1 or _is_axis(words, str(name))):
                form = 0 if joined.strip() == word else 1 if joined.startswith(f" {word} ") else 2
                found.append((form + 3 * (len(word) == 1), number, place))
                break
    return found


def _is_axis(words: Sequence[str], name: str) -> bool:
    beside = set(words) - {"x", "y"}
    return not any(map(str.isdigit, name)) and beside <= {"point", "coord", "coords", "coordinate"}


def _with_units(header: Sequence[str], units: Sequence[str]) -> list[str]:
    """Join headers with the units under them; one without a word belongs to that before it."""
    whole, last = [], ""
    for place, name in enumerate(header):
        unit = units[place] if place < len(units) else ""
        last = one_line(name) if one_line(name) or not units else last
        whole.append(f"{last} {unit}".strip())
    return whole


def _check_parts(header: Sequence[str], known: Sequence[str], what: str, file: str) -> None:
    own = [i for i, name in enumerate(header) if _is_of(name, known)]
    parts = [i for i in own if _parts(header[i], known)]
    if parts and len(own) > 1:
        several = ", ".join(one_line(header[i]) for i in parts)
        raise InvalidAreaError(
            f"{file}: the {what} is in several columns, among them {several}; write it into "
            "one, as 35.597 or 35°35'49\"E"
        )


def _parts(name: str, known: Sequence[str]) -> set[str]:
    return _beside(name, known) & PARTS


def _is_of(name: str, known: Sequence[str]) -> bool:
    words = words_of(name)
    joined = f" {' '.join(words)} "
    return not tells_side(words) and any(len(one) > 1 and f" {one} " in joined for one in known)


def _beside(name: str, known: Sequence[str]) -> set[str]:
    """Return the words of a header beside that of the coordinate."""
    words = words_of(name)
    joined = f" {' '.join(words)} "
    own = next((word.split() for word in known if f" {word} " in joined), [])
    return set(words) - set(own)


def _is_below(name: str, known: Sequence[str]) -> bool:
    words = _beside(name, known)
    rest = words - set(UNITS_BESIDE)
    # of both sides, or of their signs: (+E/-W), (W-)
    tells_signs = {"n", "s"} <= words or {"e", "w"} <= words or bool(_SIGNS.search(name))
    return bool(rest) and not tells_signs and all(SIDE_OF.get(one) in ("S", "W") for one in rest)
