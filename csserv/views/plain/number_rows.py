"""Rows of numbers for a page: the steps of a zone, or the zones at a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csserv.language import local_number, tr
from csserv.outputs.against import AGAINST
from csserv.outputs.further_dimensions import series_name
from csserv.outputs.words.sentence import step_in_words
from csserv.units import titled
from csserv.views.parts.key_figures import number_text
from csserv.views.parts.normals_table import NO_VALUE, NOTHING, TITLES

#: most rows of each table
MOST_ZONES, MOST_STEPS = 60, 24

#: statistic beside a value → writes it, with the units of values
BESIDE: dict[str, Callable[[float, str], str]] = {
    "normal": number_text,
    "percent_of_normal": lambda share, units: local_number(f"{share:,.0f}"),
    "percentile_rank": lambda rank, units: f"{rank:.0f}",
}

#: a row: its number, name and texts
Row = tuple[int, str, tuple[str, ...]]


@dataclass(frozen=True)
class NumberRows:
    """A table of texts, and how many rows it leaves out."""

    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int


def step_rows(plain: Mapping[str, Any], number: int) -> NumberRows:
    """Write the latest steps of a series, the last one first.

    Parameters
    ----------
    plain : a result's JSON, of one operation
    number : of the series
    """
    series = plain["series"][number]
    count = len(series["value"])
    known = _known([series])
    places = range(count - 1, max(count - MOST_STEPS, 0) - 1, -1)
    units = plain["units"]
    rows = (
        (place, step_in_words(plain, place), _texts(series, place, known, units))
        for place in places
    )
    return NumberRows(_titles(plain, known), tuple(rows), max(count - MOST_STEPS, 0))


def zone_rows(plain: Mapping[str, Any], place: int) -> NumberRows:
    """Write all series at one step, by rank, the lowest first; else by value, the highest first.

    Parameters
    ----------
    place : of the step
    """
    series = plain["series"]
    known = _known(series)
    order = sorted(range(len(series)), key=lambda number: _sort_key(series[number], place, known))
    rows = (
        (number, series_name(series[number]), _texts(series[number], place, known, plain["units"]))
        for number in order[:MOST_ZONES]
    )
    return NumberRows(_titles(plain, known), tuple(rows), max(len(series) - MOST_ZONES, 0))


def below_normal(plain: Mapping[str, Any], place: int) -> tuple[int, int]:
    """Count the series below normal at a step, and those of which that can be said."""
    away = [one[AGAINST]["anomaly"][place] for one in plain["series"] if AGAINST in one]
    said = [one for one in away if one is not None]
    return sum(one < 0 for one in said), len(said)


def _known(series: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the statistics that say something anywhere: of temperatures, no per cent do."""
    return [
        name
        for name in BESIDE
        if any(v is not None for one in series for v in one.get(AGAINST, {}).get(name, ()))
    ]


def _titles(plain: Mapping[str, Any], known: Sequence[str]) -> tuple[str, ...]:
    columns = [TITLES[name] for name in ("value", *known)]
    return tuple(
        titled(tr(one), plain["units"]) if has_units else tr(one) for one, has_units in columns
    )


def _texts(
    series: Mapping[str, Any], place: int, known: Sequence[str], units: str
) -> tuple[str, ...]:
    value = series["value"][place]
    beside = ((BESIDE[name], series[AGAINST][name][place]) for name in known)
    own = tr(NO_VALUE) if value is None else number_text(value, units)
    return own, *(tr(NOTHING) if one is None else write(one, units) for write, one in beside)


def _sort_key(
    series: Mapping[str, Any], place: int, known: Sequence[str]
) -> tuple[bool, float, str]:
    """Order by rank where there are any; what has none comes last."""
    ranked = "percentile_rank" in known
    found = series[AGAINST]["percentile_rank"][place] if ranked else series["value"][place]
    size = 0.0 if found is None else float(found)
    return found is None, size if ranked else -size, series_name(series)
