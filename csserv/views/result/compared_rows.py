"""The rows of a table of values against what is normal: texts for people."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from csserv.language import local_number, mark, tr
from csserv.outputs.against import AGAINST, SHOWN, YEARS
from csserv.outputs.words.last_value import last_in_words
from csserv.units import titled
from csserv.views.parts.normals_table import NO_VALUE, NOTHING, TITLES

#: most rows that are shown at once
MOST_ROWS = 400

#: digits of the largest number of a table
DIGITS = 4

#: class → how it is shown
CLASSES = {"below": mark("▼ below"), "near": mark("near"), "above": mark("▲ above")}

#: writes an entry of a column with a number of decimals
Write = Callable[[Any, int], str]


def _plain(number: float, decimals: int) -> str:
    return local_number(f"{number:,.{decimals}f}")


def _signed(number: float, decimals: int) -> str:
    sign = "" if number < 0 else "+"
    return sign + local_number(f"{number:,.{decimals}f}")


def _whole(number: float, decimals: int) -> str:
    return local_number(f"{number:,.0f}")


def _class(name: str, decimals: int) -> str:
    return tr(CLASSES.get(name, name))


@dataclass(frozen=True)
class Column:
    """A column: its title, whether it has the units of the values, and how entries are written."""

    title: str
    has_units: bool
    write: Write


#: name in a result → column
COLUMNS = {
    "value": Column(*TITLES["value"], _plain),
    "normal": Column(*TITLES["normal"], _plain),
    "anomaly": Column(*TITLES["anomaly"], _signed),
    "percent_of_normal": Column(*TITLES["percent_of_normal"], _whole),
    "percentile_rank": Column(*TITLES["percentile_rank"], _whole),
    "tercile": Column(*TITLES["tercile"], _class),
}


@dataclass(frozen=True)
class ComparedRows:
    """A series against what is normal, as a table of texts.

    Attributes
    ----------
    sentence : its last value in words
    titles : of the columns; that of the steps is the first
    rows : the latest steps, the last one first
    left_out : number of the steps before them
    years : of the reference that have a value, the least and the most of any step
    """

    sentence: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int
    years: tuple[int, int]


def compared_rows(
    plain: Mapping[str, Any], number: int, name_of: Callable[[int], str]
) -> ComparedRows:
    """Write one series of a result, with what is normal beside each value.

    A statistic that says nothing at any step is left out: of temperatures, per cent of normal.

    Parameters
    ----------
    plain : a result's JSON, of one operation, whose values are compared
    number : of the series
    name_of : names a step by its number
    """
    series = plain["series"][number]
    lists = {"value": series["value"]} | {name: series[AGAINST][name] for name in SHOWN}
    shown = [
        name
        for name, one in lists.items()
        if name in ("value", "normal") or any(v is not None for v in one)
    ]
    steps = range(len(series["value"]))[-MOST_ROWS:]
    first = steps.start
    decimals = _decimals([*lists["value"][first:], *lists["normal"][first:]])
    texts = [[_entry(name, v, decimals) for v in lists[name][first:]] for name in shown]
    own = {name: tr(COLUMNS[name].title) for name in shown}
    titles = [
        titled(title, plain["units"]) if COLUMNS[name].has_units else title
        for name, title in own.items()
    ]
    years = series[AGAINST][YEARS]
    return ComparedRows(
        sentence=last_in_words(plain, number),
        titles=(tr("Step"), *titles),
        rows=tuple(zip(map(name_of, steps), *texts, strict=True))[::-1],
        left_out=first,
        years=(min(years), max(years)),
    )


def _entry(name: str, value: Any, decimals: int) -> str:
    if value is None:
        return tr(NO_VALUE if name == "value" else NOTHING)
    return COLUMNS[name].write(value, decimals)


def _decimals(values: Iterable[float | None]) -> int:
    """Return the decimals by which the largest number has ``DIGITS`` digits."""
    largest = max((abs(v) for v in values if v is not None), default=0.0)
    return min(max(DIGITS - 1 - math.floor(math.log10(largest)), 0), 12) if largest else 0
