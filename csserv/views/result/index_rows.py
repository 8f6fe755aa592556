"""The rows of a table of an index: value, class, what it is of; and where libraries disagree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csserv.climatology.index.second_opinion import CLASSED, class_of
from csserv.language import local_number, mark, tr, trn
from csserv.outputs.words.index_words import index_name
from csserv.units import titled
from csserv.views.result.compared_rows import MOST_ROWS

#: titles of the table of steps that a second library puts into another class
FLIPS = (
    *(mark("Step"), mark("Here"), mark("Class"), "{library}", mark("Class there"), mark("Why")),
)

#: what is said in place of a number
NOTHING, NO_DATA = mark("none"), mark("no data")

#: what an index is of, as results name it → in words
KINDS = {
    "precipitation": mark("precipitation"),
    "temperature": mark("temperature"),
    "temperature_min": mark("lowest temperature"),
    "temperature_max": mark("highest temperature"),
    "pet": mark("evapotranspiration"),
}


@dataclass(frozen=True)
class IndexRows:
    """A series of an index, as tables of texts.

    Attributes
    ----------
    titles : of the columns; that of the steps is the first
    rows : the latest steps, the last one first
    left_out : number of the steps before them
    opinion : what a second library makes of it, in words; empty where none was asked
    flip_titles, flips : the steps whose class is another there
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int
    opinion: str
    flip_titles: tuple[str, ...]
    flips: tuple[tuple[str, ...], ...]


def index_rows(plain: Mapping[str, Any], number: int, name_of: Callable[[int], str]) -> IndexRows:
    """Write one series of a result that is an index.

    Parameters
    ----------
    number : of the series
    name_of : names a step by its number
    """
    said, series = plain["index"], plain["series"][number]
    columns = {titled(index_name(said), plain["units"]): _numbers(series["value"])}
    if said["index"] in CLASSED:
        classes = [class_of(said["index"], one) or NOTHING for one in series["value"]]
        columns[tr("Class")] = list(map(tr, classes))
    if "index_of" in series:
        columns |= _of(said, series["index_of"])
    steps = range(len(series["value"]))[-MOST_ROWS:]
    columns = {title: texts[steps.start :] for title, texts in columns.items()}
    rows = list(zip(map(name_of, steps), *columns.values(), strict=True))
    titles = (tr("Step"), *columns)
    return IndexRows(
        titles, tuple(rows[::-1]), steps.start, *_second(said, series, number, name_of)
    )


def _of(said: Mapping[str, Any], values: Any) -> dict[str, list[str]]:
    """Return the columns of what an index is of: of several results, of each."""
    if isinstance(values, Mapping):
        return {
            titled(_of_step(kind), said["of"][kind]["units"]): _numbers(every, NO_DATA)
            for kind, every in values.items()
        }
    steps = said["of"].get("accumulate", 1)  # older results have the steps themselves
    what = tr("Step's value")
    if steps > 1:
        what = trn("Sum of {count} step", "Sum of {count} steps", steps, count=steps)
    return {titled(what, said["of"]["units"]): _numbers(values, NO_DATA)}


def _of_step(kind: str) -> str:
    """Name the value of a step: "Precipitation of the step".

    >>> _of_step("temperature_min")
    'Lowest temperature of the step'
    """
    said = tr("{kind} of the step", kind=tr(KINDS.get(kind, kind.replace("_", " "))))
    return said[:1].upper() + said[1:]


def _second(
    said: Mapping[str, Any],
    series: Mapping[str, Any],
    number: int,
    name_of: Callable[[int], str],
) -> tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return what a second library makes of a series: words, titles, rows."""
    other = said.get("second_opinion")
    if not other:
        return "", (), ()
    places = {time: place for place, time in enumerate(series["time"])}
    mine = [one for one in other["flips"] if one["series"] == number]
    by = f"{other['library']} {other['version']}"
    counts = {"count": _whole(len(mine)), "every": _whole(len(places)), "library": by}
    words = trn(
        "{count} step has another class by {library}, of {every}:",
        "{count} steps have another class by {library}, of {every}:",
        len(mine),
        **counts,
    )
    if not mine:
        words = tr(
            "{library} puts each of the {every} steps into the same class.",
            library=by,
            every=counts["every"],
        )
    rows = tuple(
        (
            name_of(places[one["start"]]),
            _number(one["ours"]),
            _class(one, "our"),
            _number(one["theirs"]),
            _class(one, "their"),
            one["reason"],
        )
        for one in mine[::-1]
    )
    return words, tuple(tr(one).format(library=other["library"]) for one in FLIPS), rows


def _class(flip: Mapping[str, Any], whose: str) -> str:
    name = str(flip[f"{whose}_class"])
    return tr(name)


def _whole(number: int) -> str:
    return local_number(f"{number:,}")


def _numbers(values: Sequence[float | None], none: str = NOTHING) -> list[str]:
    """Write a column of numbers, with the same decimals: days and deciles have none."""
    known = [abs(one) for one in values if one is not None]
    decimals = next((n for n, least in ((0, 1000), (1, 100)) if max(known, default=0) >= least), 2)
    if all(one == round(one) for one in known):
        decimals = 0
    return [_number(one, none, decimals) for one in values]


def _number(value: float | None, none: str = NOTHING, decimals: int = 2) -> str:
    if value is None:
        return tr(none)
    rounded = round(value, decimals) + 0.0  # no -0.00
    return local_number(f"{rounded:,.{decimals}f}")
