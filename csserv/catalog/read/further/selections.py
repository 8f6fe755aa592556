"""Which coordinates of further dimensions (member, level, …) a request takes: one, some or all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from csserv.catalog.read.axes import Further
from csserv.errors import InvalidRequestError
from csserv.request.coordinate_labels import LISTED, find_label

#: stands for all coordinates of a dimension
ALL = "*"


@dataclass(frozen=True)
class Selection:
    """One coordinate of each further dimension.

    Attributes
    ----------
    chosen : dimension → coordinate, of all dimensions
    shown : those of dimensions of which several are asked for; they tell series apart
    """

    chosen: Mapping[str, str]
    shown: Mapping[str, str]


def find_selections(further: Sequence[Further], chosen: Mapping[str, str]) -> tuple[Selection, ...]:
    """Return each combination of coordinates that a request asks for.

    Parameters
    ----------
    further : the further dimensions, in the order of the file
    chosen : dimension → a coordinate, several with commas between, or ``*`` for all

    Raises
    ------
    InvalidRequestError : a coordinate of several does not exist, or they cannot be told apart
    """
    several = {
        one.name: found
        for one in further
        if one.name in chosen and (found := several_of(one, chosen[one.name]))
    }
    shown = (dict(zip(several, one, strict=True)) for one in product(*several.values()))
    return tuple(Selection({**chosen, **one}, one) for one in shown)


def common_selections(
    files: Iterable[tuple[str, Sequence[Further]]], chosen: Mapping[str, str]
) -> tuple[Selection, ...]:
    """Return what ``find_selections`` does of all files.

    Parameters
    ----------
    files : name and further dimensions of each

    Raises
    ------
    InvalidRequestError : some have other coordinates than the first
    """
    others = iter(files)
    name, first = next(others)
    found = find_selections(first, chosen)
    if found[0].shown:
        wanted = _combinations(found)
        for other, further in others:
            if further != first and _of_file(other, further, chosen) != wanted:
                dimension = next(iter(found[0].shown))
                raise InvalidRequestError(
                    f"{other} has other coordinates of {dimension} than {name}; choose those that "
                    f"all files of the period have (select: {dimension}=1,2)"
                )
    return found


def _of_file(
    name: str, further: Sequence[Further], chosen: Mapping[str, str]
) -> set[frozenset[tuple[str, str]]]:
    try:
        return _combinations(find_selections(further, chosen))
    except InvalidRequestError as error:
        raise InvalidRequestError(f"{name}: {error}") from None


def several_of(dimension: Further, text: str) -> tuple[str, ...]:
    """Return the coordinates that a text stands for, each once; none if it is a single one.

    Raises
    ------
    InvalidRequestError : one does not exist, or they cannot be told apart
    """
    labels = dimension.labels
    if text in labels or (text != ALL and "," not in text):
        return ()
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise InvalidRequestError(
            f"several coordinates of {dimension.name} read {twice}, so that their series could not "
            f"be told apart; choose one {dimension.name}"
        )
    if text == ALL:
        return labels
    parts = (index_of(dimension, {dimension.name: part.strip()}) for part in text.split(","))
    return tuple(labels[index] for index in dict.fromkeys(parts))


def index_of(dimension: Further, chosen: Mapping[str, str]) -> int:
    """Find the index of a coordinate by its label, or by a number of the same value.

    Raises
    ------
    InvalidRequestError : none is chosen, or it does not exist; lists what there is
    """
    labels = dimension.labels
    many = ", ..." if len(labels) > LISTED else ""
    unit = f" [{dimension.units}]" if dimension.units else ""
    has = f"{', '.join(labels[:LISTED])}{many}{unit}"
    if dimension.name not in chosen:
        raise InvalidRequestError(
            f"choose one {dimension.name} of {has} (select: {dimension.name}={labels[0]}), "
            f"or all ({dimension.name}={ALL})"
        )
    wanted = str(chosen[dimension.name])
    if (found := find_label(labels, wanted)) is None:
        raise InvalidRequestError(f"no {dimension.name} {wanted!r}; it has {has}")
    return found


def _combinations(found: Iterable[Selection]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(one.shown.items()) for one in found}
