"""Says of an index in a result which it is, who computed it, and by what rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from csserv.language import from_to, listed, local_number, mark, month_names, said_again, tr, trn
from csserv.outputs.series import iso, read_iso
from csserv.outputs.words.span_words import span_in_words
from csserv.units import with_units

#: lines of a receipt that are rules, in the order in which they are told → how each is told
RULES = {
    "sums": mark("sums {rule}"),
    "zero_rule": mark("zero rule: {rule}"),
    "negative_rule": "{rule}",
    "pet": mark("evaporation: {rule}"),
    "plotting_position": mark("plotting position: {rule}"),
    "spells": mark("spells: {rule}"),
    "source": mark("as {rule}"),
}

#: index that counts → what it counts
COUNTED = {
    "cdd": mark("longest dry spell, of days below {threshold}"),
    "cwd": mark("longest wet spell, of days of {threshold} or more"),
    "dry_spells": mark("dry spells of {days} days or more below {threshold}"),
    "wet_spells": mark("wet spells of {days} days or more of at least {threshold}"),
    "r10mm": mark("days of {threshold} or more"),
    "r20mm": mark("days of {threshold} or more"),
    "rain_days": mark("days of {threshold} or more"),
    "heat_days": mark("days whose highest temperature is above {threshold}"),
}

#: what is counted over
PER = {"year": mark("by year"), "season": mark("by season"), "month": mark("by month")}

#: indices that people call by their letters, and the steps that they hold by a number behind
BY_LETTERS = ("spi", "spei", "eddi", "vci")


def index_name(said: Mapping[str, Any]) -> str:
    """Name an index as people do.

    >>> index_name({"index": "spi", "accumulate": 3}), index_name({"index": "cdd"})
    ('SPI-3', 'CDD')
    """
    steps = said.get("accumulate", 1)
    name = str(said["index"]).replace("_", " ")
    short = name.upper() if len(name) <= 5 else name
    return f"{short}-{steps}" if steps > 1 else short


def index_quantity(said: Mapping[str, Any]) -> str:
    """Say what the values of an index are; nothing of one that is not known here.

    >>> index_quantity({"index": "spi", "accumulate": 3, "calibration_years": "1991/2020"})
    'SPI-3, against 1991-2020'
    >>> index_quantity({"index": "onset", "title": "onset of the rains", "parameters": {
    ...     "search_from": "03-01"}})
    'onset of the rains, days after 1 March'
    """
    given = said.get("parameters", {})
    counted = COUNTED.get(str(said.get("index")))
    if counted and "arguments" in said and given.get("per") in PER:
        per = PER[given["per"]]
        amount = {"threshold": _threshold(said), "days": given.get("days", "")}
        return listed([tr(counted, **amount), tr(per)])
    if "search_from" in given:
        title, day = str(said["title"]), day_of_year(given["search_from"])
        return listed([tr(title), tr("days after {date}", date=day)])
    if "calibration_years" not in said:
        return ""
    against = tr("against {years}", years=said["calibration_years"].replace("/", "-"))
    if said["index"] in BY_LETTERS:
        return listed([index_name(said), against])
    title, steps = str(said["title"]), said.get("accumulate", 1)
    together = tr("{count} steps taken together", count=steps) if steps > 1 else ""
    return listed([tr(title), together, against])


def day_of_year(text: str) -> str:
    """Write month and day as people do.

    >>> day_of_year("03-01")
    '1 March'
    """
    month, day = map(int, text.split("-"))
    return f"{day} {month_names()[month]}"


def found_day(said: Mapping[str, Any], value: float, start: str, calendar: str) -> str:
    """Say on which day the rains began or ended.

    Parameters
    ----------
    value : days after the first day that was searched
    start : that day, ISO 8601

    >>> said = {"title": "onset of the rains", "parameters": {"search_from": "03-01"}}
    >>> found_day(said, 4.0, "2021-03-01", "standard")
    'onset of the rains on 5 March 2021, 4 days after 1 March'
    """
    day = read_iso(start, calendar) + timedelta(days=round(value))
    title = str(said["title"])
    words = {
        "what": tr(title),
        "day": span_in_words(iso(day), iso(day + timedelta(days=1)), calendar),
        "first": day_of_year(said["parameters"]["search_from"]),
        "count": local_number(f"{value:.0f}"),
    }
    return trn(
        "{what} on {day}, {count} day after {first}",
        "{what} on {day}, {count} days after {first}",
        round(value),
        **words,
    )


def index_words(said: Mapping[str, Any]) -> str:
    """Say how an index was computed, in a sentence; empty of nothing.

    >>> index_words({"index": "cdd", "title": "longest dry spell", "library": "xclim"})
    'CDD is the longest dry spell, computed by xclim.'
    """
    if not said:
        return ""
    title, by = str(said["title"]), f"{said['library']} {said.get('version', '')}".strip()
    names = {"index": index_name(said), "title": tr(title), "library": by}
    parts = [tr("{index} is the {title}, computed by {library}", **names)]
    parts += [_reference(said), _fit(said)]
    parts += [
        tr(frame, rule=said_again(said[name])) for name, frame in RULES.items() if said.get(name)
    ]
    return tr("; ").join(part for part in parts if part) + "."


def why_none(said: Mapping[str, Any], has_gaps: bool = False) -> str:
    """Say why an index has no value at some steps, as far as its receipt tells.

    Parameters
    ----------
    has_gaps : whether what it is computed of has no value at one of them

    >>> why_none({"none_where": {"every value of the reference is 0": 2}}, has_gaps=True)
    'what it is computed of has no value there, or every value of the reference is 0'
    """
    reasons = [str(said["missing"])] if said.get("missing") else []
    if has_gaps:
        reasons.append("what it is computed of has no value there")
    if (steps := said.get("accumulate", 1)) > 1 and not (has_gaps or said.get("none_where")):
        reasons.append(f"one of the {steps} steps that are added up has none")
    return ", or ".join([*reasons, *said.get("none_where", ())]) or "nothing can be computed there"


def _threshold(said: Mapping[str, Any]) -> str:
    """Write the threshold of days, of which it says "1 mm/day" as the library wants it."""
    number, _, units = said["arguments"]["thresh"].partition(" ")
    return with_units(local_number(number), units.removesuffix("/day"))


def _reference(said: Mapping[str, Any]) -> str:
    if "reference" not in said:
        return ""
    asked, known = said["reference"], said.get("calibration_years", said["reference"])
    if known == asked:
        return tr("its reference is {years}", years=from_to(asked))
    return tr(
        "its reference is {years}, of which the data have {known}",
        years=from_to(asked),
        known=from_to(known),
    )


def _fit(said: Mapping[str, Any]) -> str:
    if "distribution" not in said:
        return ""
    return tr(
        "{distribution} distribution of each step of the year, {method}",
        distribution=said_again(said["distribution"]),
        method=said_again(said["fitted_by"]),
    )
