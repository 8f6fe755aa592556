"""The rows of a table of an index: value, class, what it is of; and where libraries disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csserv.climatology.index.second_opinion import CLASSED, class_of
from csserv.outputs.words.index_words import index_name
from csserv.units import titled
from csserv.views.result.compared_rows import MOST_ROWS

#: titles of the table of steps that a second library puts into another class
FLIPS = ("Step", "Here", "Class", "{library}", "Class there", "Why")


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


def index_rows(plain: Mapping[str, Any], number: int, labels: list[str]) -> IndexRows:
    """Write one series of a result that is an index.

    Parameters
    ----------
    number : of the series
    labels : of the steps
    """
    said, series = plain["index"], plain["series"][number]
    columns = {titled(index_name(said), plain["units"]): [_number(one) for one in series["value"]]}
    if said["index"] in CLASSED:
        columns["Class"] = [class_of(said["index"], one) or "none" for one in series["value"]]
    if "index_of" in series:
        columns |= _of(said, series["index_of"])
    first = max(0, len(labels) - MOST_ROWS)
    rows = list(zip(labels, *columns.values(), strict=True))[first:]
    titles = ("Step", *columns)
    return IndexRows(titles, tuple(rows[::-1]), first, *_second(said, series, number, labels))


def _of(said: Mapping[str, Any], values: Any) -> dict[str, list[str]]:
    """Return the columns of what an index is of: of several results, of each."""
    if isinstance(values, Mapping):
        return {
            titled(
                f"{kind.replace('_', ' ')} of the step".capitalize(), said["of"][kind]["units"]
            ): [_number(one, "no data") for one in every]
            for kind, every in values.items()
        }
    steps = said["of"].get("accumulate", 1)  # older results have the steps themselves
    what = f"Sum of {steps} steps" if steps > 1 else "Step's value"
    return {titled(what, said["of"]["units"]): [_number(one, "no data") for one in values]}


def _second(
    said: Mapping[str, Any], series: Mapping[str, Any], number: int, labels: list[str]
) -> tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return what a second library makes of a series: words, titles, rows."""
    other = said.get("second_opinion")
    if not other:
        return "", (), ()
    names = dict(zip(series["time"], labels, strict=True))
    mine = [one for one in other["flips"] if one["series"] == number]
    by = f"{other['library']} {other['version']}"
    steps = "1 step has" if len(mine) == 1 else f"{len(mine):,} steps have"
    words = (
        f"{steps} another class by {by}, of {len(labels):,}:"
        if mine
        else f"{by} puts each of the {len(labels):,} steps into the same class."
    )
    rows = tuple(
        (
            names[one["start"]],
            _number(one["ours"]),
            one["our_class"],
            _number(one["theirs"]),
            one["their_class"],
            one["reason"],
        )
        for one in mine[::-1]
    )
    return words, tuple(one.format(library=other["library"]) for one in FLIPS), rows


def _number(value: float | None, none: str = "none") -> str:
    if value is None:
        return none
    rounded = round(value, 2) + 0.0  # no -0.00
    return f"{rounded:.2f}" if abs(value) < 100 else f"{value:,.0f}"
