"""Why a value of a result is missing, told from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csserv.outputs.further_dimensions import choose_coordinates, selection_texts, taken
from csserv.outputs.lookup import find_steps, find_zone, step_spans, step_text
from csserv.outputs.series import VALID, VALID_STEPS
from csserv.outputs.several_operations import INDEX, choose_operation
from csserv.outputs.words.index_words import index_name, why_none
from csserv.outputs.words.sentence import against_in_words
from csserv.units import with_units

#: code → why a step has no value, or that it has one
CODES = {
    "value": "it has a value",
    "outside": "the zone is off the grid of the data",
    "period": "the step was not asked for",
    "no_step": "the step is missing in the archive",
    "no_data": "no cell of the zone has data",
    "least_valid": "too few days of a longer step have data",
    "index": "the index cannot be computed there, by its own rules",
    "not_finite": "the cells have data, but the result is no finite number",
}


@dataclass(frozen=True)
class Reason:
    """Why a zone has no value at a step.

    Attributes
    ----------
    code : one of ``CODES``
    text : a sentence with the step and the numbers
    zone : name of the zone, and the coordinates that were chosen
    """

    code: str
    text: str
    zone: str

    def __str__(self) -> str:
        return f"{self.zone}: {self.text}"


def why(
    plain: Mapping[str, Any],
    date: Any,
    zone: str | None = None,
    operation: str | None = None,
    select: Mapping[str, Any] | None = None,
) -> Reason:
    """Say why a zone has no value at a step, or that it has one, and how that stands to normal.

    Parameters
    ----------
    plain : a result's JSON
    date : a step of the result, or a day that lies in one, or should
    zone : name or id; needed only if there are several
    operation : of several, the first if None
    select : coordinate of each dimension of which the result has several: ``{"member": 3}``

    Returns
    -------
    reason : code and sentence

    Raises
    ------
    InvalidRequestError : no such zone, operation or coordinate, or several steps; says what there
        is
    """
    chosen = choose_coordinates(choose_operation(plain, operation), select)
    series = chosen["series"][find_zone(chosen, zone)]
    name = ", ".join([series["zone"]["name"], *selection_texts(taken(plain, chosen))])
    places = find_steps(chosen, date)
    if not places:
        return _without_step(chosen, step_text(date), name)
    (place,) = places
    value, time = series["value"][place], series["time"][place]
    if value is not None:
        share = f"from {series[VALID][place]:g} % of its area"
        text = f"{time} has a value: {with_units(f'{value:g}', chosen['units'])}, {share}"
        said = [text, *against_in_words(chosen, series, place)]
        return Reason("value", "; ".join(said), name)
    return Reason(*_reason(chosen, series, place), name)


def _without_step(plain: Mapping[str, Any], text: str, name: str) -> Reason:
    first, last = plain["request"]["period"].split("/")
    if not first <= text[: len(first)] <= last:
        return Reason("period", f"{text} is not asked for: the period is {first} to {last}", name)
    spans = step_spans(plain)
    before = [start for start, _ in spans if start < text]
    after = [start for start, _ in spans if start > text]
    nearest = " and ".join([*before[-1:], *after[:1]])
    return Reason(
        "no_step", f"no file of the archive has a step of {text}; the nearest are {nearest}", name
    )


def _reason(plain: Mapping[str, Any], series: Mapping[str, Any], place: int) -> tuple[str, str]:
    """Say which of the possible reasons it is that a step has no value: code and sentence."""
    time = series["time"][place]
    if series.get("percent_on_grid", 100.0) == 0.0:
        return "outside", "the zone lies outside the grid of the data"
    if INDEX in plain:
        return "index", _without_index(plain, series, place)
    share = series.get(VALID_STEPS)
    if share is None:
        if series[VALID][place] == 0.0:
            return "no_data", f"no cell of the zone has data at {time}: all are marked as missing"
    elif share[place] == 0.0:
        return "no_data", f"no cell of the zone has data on any day of the step {time}"
    elif series[VALID][place] == 0.0:
        least = plain["time_step"]["least_valid_percent"]
        if plain["time_step"].get("accumulate", 1) > 1 and share[place] >= least:
            return (
                "least_valid",
                f"the steps that {time} holds begin before the data do: {share[place]:g} % of "
                "their days have data, and at the beginning of the data it takes all",
            )
        return (
            "least_valid",
            f"too few days of the step {time} have data: {share[place]:g} %, all cells taken "
            f"together, and no cell has the {least:g} % that are asked for (least_valid)",
        )
    return "not_finite", f"the cells have data at {time}, but the result is no finite number"


def _without_index(plain: Mapping[str, Any], series: Mapping[str, Any], place: int) -> str:
    of = series.get("index_of")
    lists = of.values() if isinstance(of, Mapping) else [of] if of else []
    said, has_gaps = plain[INDEX], any(one[place] is None for one in lists)
    return f"{index_name(said)} has no value of {series['time'][place]}: {why_none(said, has_gaps)}"
