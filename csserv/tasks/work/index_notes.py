"""Notes of an index: what of it is left out, goes beyond the period, or has no value, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.index.index_series import IndexSeries
from csserv.notes import Note
from csserv.outputs.series import iso
from csserv.outputs.words.index_words import index_name, why_none
from csserv.outputs.words.span_words import span_in_words
from csserv.request import Period
from csserv.request.period import Day

#: code of these notes
CODE = "index"

#: steps that are named
MOST_NAMED = 5

Span = tuple[cftime.datetime, cftime.datetime]


def index_notes(
    found: IndexSeries, asked: Sequence[int], period: Period, of: NDArray[np.float64] | None
) -> tuple[Note, ...]:
    """Say of an index what its values do not.

    Parameters
    ----------
    asked : which of its steps lie in the period
    of : (asked, series) what the index is of; None where its steps are others
    """
    notes = [
        *_at_the_ends(found, asked, period),
        *_without_value(found, asked, of),
        *_below_zero(found),
    ]
    return tuple(Note(CODE, text) for text in notes)


def _at_the_ends(found: IndexSeries, asked: Sequence[int], period: Period) -> Iterator[str]:
    """Tell the step that begins before the period, and the one that ends after it."""
    first, last = asked[0], asked[-1]
    own = _own_spans(found)
    if first and _last_day(own[first - 1]) >= period.first:
        yield (
            f"{_words(own[first - 1])} begins before the period, and is left out; "
            "ask for all of it to have it"
        )
    if _last_day(own[last]) > period.last:
        yield f"{_words(own[last])} goes on beyond the period, and counts as a whole"


def _without_value(
    found: IndexSeries, asked: Sequence[int], of: NDArray[np.float64] | None
) -> Iterator[str]:
    """Tell which steps have no value, and why."""
    lacks = np.isnan(found.values[list(asked)])
    steps = np.flatnonzero(lacks.any(axis=1)).tolist()
    if not steps:
        return
    own = _own_spans(found)
    named = [_words(own[asked[n]]) for n in steps[:MOST_NAMED]]
    more = [f"{len(steps) - MOST_NAMED} more"] if len(steps) > MOST_NAMED else []
    zones = int(lacks.any(axis=0).sum())
    where = f" in {zones} of {lacks.shape[1]} series" if lacks.shape[1] > 1 else ""
    name, why = index_name(found.receipt), why_none(found.receipt, _has_gaps(lacks, of))
    yield f"{name} has no value of {', '.join([*named, *more])}{where}: {why}"


def _below_zero(found: IndexSeries) -> Iterator[str]:
    """Tell that amounts below 0 are taken for 0, which is wrong of what is no rain."""
    if count := found.receipt.get("negative_values"):
        which = "1 value" if count == 1 else f"{count:,} values"
        yield f"{which} of the record lie below 0: {found.receipt['negative_rule']}"


def _has_gaps(lacks: NDArray[np.bool_], of: NDArray[np.float64] | None) -> bool:
    """Whether a step without an index has no value that it could be of."""
    return of is not None and bool((lacks & np.isnan(of)).any())


def _own_spans(found: IndexSeries) -> list[Span]:
    """Return from when to when each step lasts, without those that it holds."""
    return [(start, end) for start, (_, end) in zip(found.starts, found.spans, strict=True)]


def _words(span: Span) -> str:
    start, end = span
    return span_in_words(iso(start), iso(end), str(start.calendar))


def _last_day(span: Span) -> Day:
    last = span[1] - timedelta(days=1)
    return last.year, last.month, last.day
