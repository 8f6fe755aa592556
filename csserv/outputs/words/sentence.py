"""A value of a result in a sentence: what it is, what is normal, and its rank."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from csserv.language import listed, local_date, local_number, tr, trn
from csserv.notes import is_synthetic
from csserv.outputs.against import AGAINST, YEARS
from csserv.outputs.further_dimensions import (
    choose_coordinates,
    selection_texts,
    series_name,
    taken,
)
from csserv.outputs.lookup import find_step, find_zone, step_spans
from csserv.outputs.several_operations import INDEX, choose_operation
from csserv.outputs.words.index_words import found_day
from csserv.outputs.words.quantity_words import quantity_in_words
from csserv.outputs.words.rank_words import RAIN, comparison_words, counts_of, rank_in_words
from csserv.outputs.words.span_words import span_in_words
from csserv.units import telling_digits, with_units

#: operations whose values are means, which need not be said
MEANS = ("mean", "geotiff", "netcdf", "csv")

#: operations whose values say how cells differ, or how many there are: these are no warmer or drier
OF_CELLS = ("range", "std", "variance", "count", "coverage")


def in_words(
    plain: Mapping[str, Any],
    date: Any = None,
    zone: str | None = None,
    operation: str | None = None,
    select: Mapping[str, Any] | None = None,
) -> str:
    """Say what values of a step are, in sentences; if it was asked for, against what is normal.

    That the data are synthetic is said, too.

    Parameters
    ----------
    plain : a result's JSON
    date : a step of the result, or a day that lies in one; the last step if None
    zone : name or id; all, a line each, if None
    operation : of several, the first if None
    select : coordinates of dimensions of which the result has several: ``{"member": 3}``; all of
        the others, a line each, where no zone is given

    Raises
    ------
    InvalidRequestError : no such zone, step, operation or coordinate, or several; says what there
        is
    """
    chosen = choose_coordinates(choose_operation(plain, operation), select)
    series = chosen["series"] if zone is None else [chosen["series"][find_zone(chosen, zone)]]
    place = len(series[0]["time"]) - 1 if date is None else find_step(chosen, date)
    gone = selection_texts(taken(plain, chosen))
    when = step_in_words(chosen, place)
    return "\n".join(
        tr(
            "{where}: {answer}",
            where=listed([series_name(one), *gone, when]),
            answer=tr("; ").join(_said(chosen, one, place)),
        )
        for one in series
    )


def step_in_words(plain: Mapping[str, Any], place: int) -> str:
    """Name the time that a value stands for: of a longer step, the part that was asked for.

    Parameters
    ----------
    plain : a result's JSON
    place : of the step
    """
    if intervals := plain.get("intervals"):
        starts = intervals.get("start", plain["series"][0]["time"])
        return span_in_words(starts[place], intervals["end"][place], plain["calendar"])
    return local_date(step_spans(plain)[place][0].replace("T", " "))


def _said(plain: Mapping[str, Any], series: Mapping[str, Any], place: int) -> list[str]:
    """Return what is said of a step, part by part."""
    value = series["value"][place]
    said = {key: one[place] for key, one in series.get(AGAINST, {}).items()}
    span = step_spans(plain)[place]
    parts = [_value(plain, value, said, span[0]), *_compared(plain, value, said, span)]
    if is_synthetic(plain):
        parts.append(tr("synthetic data"))
    return parts


def against_in_words(plain: Mapping[str, Any], series: Mapping[str, Any], place: int) -> list[str]:
    """Say how the value of a step stands to normal, and its rank; nothing if that was not asked.

    Parameters
    ----------
    plain : a result's JSON, of one operation
    series : one of its series, with a value at the step
    """
    said = {key: one[place] for key, one in series.get(AGAINST, {}).items()}
    value = series["value"][place]
    beside = [text] if (text := _beside_normal(plain, value, said)) else []
    return beside + _compared(plain, value, said, step_spans(plain)[place])


def _value(
    plain: Mapping[str, Any], value: float | None, said: Mapping[str, Any], start: str
) -> str:
    """Return the value with its units, and what is said of normal beside it."""
    units = plain["units"]
    digits = _decimals(value, said, units)
    if value is None:
        normal = said.get("normal")
        if normal is None:
            return tr("no value")
        return tr("no value; normal is {normal}", normal=_number(normal, digits, units))
    if INDEX in plain and "search_from" in plain[INDEX].get("parameters", {}):
        return found_day(plain[INDEX], value, start, plain["calendar"])
    own = _number(value, _showing(value, digits), units)
    parts = [_named(plain, own, value), _beside_normal(plain, value, said)]
    return listed(parts)


def _named(plain: Mapping[str, Any], text: str, value: float) -> str:
    """Say what a value is, where it is no mean: a maximum, or an index, and its class."""
    if INDEX in plain:
        own = listed([text, tr(_class(plain[INDEX], value))])
        return f"{own} ({quantity_in_words(plain, units=False)})"
    operation = plain["request"]["operation"]
    return text if operation in MEANS else f"{tr(operation)} {text}"


def _class(said: Mapping[str, Any], value: float) -> str:
    """Return the class of a value of an index; empty where it has none."""
    names = [
        one["name"]
        for one in said.get("classes", ())
        if one["from"] is None or value >= one["from"]
    ]
    return names[-1] if names else ""


def _beside_normal(plain: Mapping[str, Any], value: float, said: Mapping[str, Any]) -> str:
    """Say what share of normal a value is, or how far from it; nothing where that is not known."""
    units = plain["units"]
    digits = _decimals(value, said, units)
    normal = said.get("normal")
    if normal is None:
        return ""
    usual = _number(normal, digits, units)
    if (percent := said.get("percent_of_normal")) is not None:
        share = local_number(f"{percent:,.0f}")
        return tr("{percent} % of normal ({normal})", percent=share, normal=usual)
    away = value - normal
    if not float(f"{away:.{digits}f}"):
        return tr("as is normal")
    numbers = {"amount": _number(abs(away), digits, units), "normal": usual}
    if away > 0:
        return tr("{amount} above normal ({normal})", **numbers)
    return tr("{amount} below normal ({normal})", **numbers)


def _compared(
    plain: Mapping[str, Any],
    value: float | None,
    said: Mapping[str, Any],
    span: tuple[str, str],
) -> list[str]:
    """Say the rank of a value, or why it has none; nothing if it is compared with nothing."""
    if not said:
        return []
    against, number = plain[AGAINST], int(said[YEARS] or 0)
    first, last = against["reference"].split("/")
    of_years = tr("of {first}-{last}", first=first, last=last)
    if said.get("normal") is None:
        return [_no_normal(number, of_years)]
    rank = said.get("percentile_rank")
    if value is None or rank is None:
        return []
    variable = {} if plain["request"]["operation"] in OF_CELLS else plain.get("variable", {})
    words = comparison_words(variable.get("standard_name"), variable.get("long_name"))
    counts = None
    if "window_days" not in against:  # else a year has several samples
        is_none = value == 0 and words == RAIN and said["normal_p10"] >= 0
        counts = counts_of(rank, number, _has_own_year(against, span), is_none)
    if counts is None or (value == 0 and not is_none):
        return [
            tr(
                "percentile rank {rank} among {number} years {of_years}",
                rank=f"{rank:.0f}",
                number=number,
                of_years=of_years,
            )
        ]
    return [rank_in_words(counts, number, words, of_years)]


def _no_normal(number: int, of_years: str) -> str:
    if number == 0:
        return tr("no normal, as no year {of_years} has a value", of_years=of_years)
    return trn(
        "no normal, as only {number} year {of_years} has a value",
        "no normal, as only {number} years {of_years} have a value",
        number,
        number=number,
        of_years=of_years,
    )


def _has_own_year(against: Mapping[str, Any], span: tuple[str, str]) -> bool | None:
    """Whether the step's year is in its reference; None if only a part of the step is."""
    if against.get("own_year") == "out":
        return False
    first, last = against["reference"].split("/")
    start, end = (first <= text[:4] <= last for text in span)
    return start if start == end else None


def _decimals(value: float | None, said: Mapping[str, Any], units: str) -> int:
    """Return how many decimals say what matters: two figures of normal, one of its deviation."""
    is_share = said.get("percent_of_normal") is not None
    scale, figures = (said.get("normal"), 2) if is_share else (said.get("standard_deviation"), 1)
    if not scale:
        if not value or value == round(value):
            return 0
        scale, figures = value, telling_digits(value, units) if abs(value) >= 1 else 2
    return min(max(figures - 1 - math.floor(math.log10(abs(scale))), 0), 6)


def _showing(value: float, digits: int) -> int:
    """Return up to two decimals more, so that a little is not shown as nothing."""
    if not value or float(f"{value:.{digits}f}"):
        return digits
    return min(digits + 2, -math.floor(math.log10(abs(value))))


def _number(value: float, digits: int, units: str) -> str:
    text = local_number(f"{value:,.{digits}f}")
    if units == "d":
        return trn("{count} day", "{count} days", round(value), count=text)
    return with_units(text, units)
