"""The numbers of each zone, at one step or over the whole period: value, normal, per cent, rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from csserv.language import from_to, listed, mark, tr
from csserv.outputs.words.quantity_words import NAMES
from csserv.units import titled
from csserv.views.parts.normals_table import Floats, Normals
from csserv.views.parts.series_table import SeriesTable

#: the time step that holds the whole period
WHOLE = "period"


@dataclass(frozen=True, eq=False)
class ZoneNumbers:
    """What is known of each zone at one time.

    Attributes
    ----------
    when : the step, or first and last day of the period
    numbers : name → (zone,); "value" first, and of normals those that any zone has
    percent : (zone,) share of data [%], 0 to 100
    units : of value, normal and anomaly
    quantity : what the values are, in words
    rank_words : what the rank is
    """

    when: str
    numbers: Mapping[str, Floats]
    percent: Floats
    units: str
    quantity: str
    rank_words: str


def numbers_at(table: SeriesTable, step: int) -> ZoneNumbers:
    """Return the numbers of one step.

    Parameters
    ----------
    table : one series for each zone
    """
    numbers = {"value": table.values[step]}
    if table.normals:
        numbers |= _known({name: table.normals.numbers[name][step] for name in SHOWN})
    return ZoneNumbers(
        when=table.said_labels[step],
        numbers=numbers,
        percent=table.percent[step],
        units=table.units,
        quantity=table.quantity or table.title,
        rank_words=RANK,
    )


def numbers_of_period(table: SeriesTable) -> ZoneNumbers:
    """Return the numbers of the whole period: totals of what adds up, else means.

    A zone with fewer than 80 per cent of the days has none. Anomaly and per cent are of the steps
    that have both a value and a normal; the rank is the mean of those of the steps.

    Parameters
    ----------
    table : one series for each zone
    """
    if len(table.times) == 1:
        return numbers_at(table, 0)
    how = "sum" if table.adds_up else "mean"
    whole = _in_one(table, table.values, how)
    numbers = {"value": whole.values[0]}
    if table.normals:
        numbers |= _known(_compared(table, table.normals, how))
    return ZoneNumbers(
        when=from_to(str(table.period)),
        numbers=numbers,
        percent=whole.percent[0],
        units=whole.units,
        quantity=(
            tr("total of {quantity}", quantity=_plainly(table))
            if how == "sum"
            else tr("mean of {quantity}", quantity=_plainly(table))
        ),
        rank_words=MEAN_RANK,
    )


#: of normals, what zones are coloured by or have in their table
SHOWN = ("normal", "anomaly", "percent_of_normal", "percentile_rank")

#: what ranks are
RANK = mark("of 100 years, how many are lower")
MEAN_RANK = mark("mean of the ranks of the steps")


def value_title(numbers: ZoneNumbers) -> str:
    """Return what the values are, with their units."""
    text = titled(numbers.quantity, numbers.units)
    return text[:1].upper() + text[1:]


def _compared(table: SeriesTable, normals: Normals, how: str) -> dict[str, Floats]:
    """Compare the whole period with what is normal, over the steps that have both."""
    both = np.isfinite(table.values) & np.isfinite(normals.numbers["normal"])
    value, normal = (
        _in_one(table, np.where(both, one, np.nan), how).values[0]
        for one in (table.values, normals.numbers["normal"])
    )
    has_percent = np.isfinite(normals.numbers["percent_of_normal"]).any(axis=0)
    share = np.full(len(value), np.nan)
    np.divide(100.0 * value, normal, out=share, where=has_percent & (normal > 0))
    ranks = _in_one(table, normals.numbers["percentile_rank"], "mean").values[0]
    return {
        "normal": normal,
        "anomaly": value - normal,
        "percent_of_normal": share,
        "percentile_rank": ranks,
    }


def _in_one(table: SeriesTable, values: Floats, how: str) -> SeriesTable:
    """Take the steps of some values together, as those of a table."""
    return replace(table, values=values, normals=None).resampled(WHOLE, how)


def _known(numbers: Mapping[str, Floats]) -> dict[str, Floats]:
    return {name: one for name, one in numbers.items() if np.isfinite(one).any()}


def _plainly(table: SeriesTable) -> str:
    """Return what the values are, without the length of their steps, which are taken together."""
    said = table.quantity or table.title
    name = next((one for one in map(tr, NAMES.values()) if one in said), "")
    if not name:
        return said
    of_area = said.partition(tr(", ").strip())[2].strip()
    return listed([name, of_area])
