"""What the values of a result are, in words that people use: "monthly rainfall, …"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from csserv.language import from_to, listed, mark, tr
from csserv.outputs.words.index_words import index_quantity
from csserv.units import titled

#: time step of a request → how it is said of a quantity; steps of the data themselves have none
STEPS = {
    "daily": mark("daily {quantity}"),
    "pentad": mark("five-day {quantity}"),
    "weekly": mark("weekly {quantity}"),
    "dekad": mark("ten-day {quantity}"),
    "monthly": mark("monthly {quantity}"),
    "seasonal": mark("seasonal {quantity}"),
    "yearly": mark("yearly {quantity}"),
    "period": mark("the whole period's {quantity}"),
}

#: beginning of the rule by which steps are taken together → what that makes of the values; the
#: first that fits counts, as a mean rate times the days of a step is a sum
RULES = {
    "mean of the valid steps, times": "",
    "mean": mark("mean {quantity}"),
    "max": mark("highest {quantity}"),
    "min": mark("lowest {quantity}"),
}

#: a text of a variable's names → what people call it
NAMES = {
    "precipitation": mark("rainfall"),
    "rain": mark("rainfall"),
    "temperature": mark("temperature"),
}

#: operation → where in the area its values are from
AREAS = {
    "mean": mark("averaged over the area"),
    "max": mark("highest cell of the area"),
    "min": mark("lowest cell of the area"),
    "median": mark("median of the area"),
    "range": mark("highest less lowest cell of the area"),
    "sum": mark("summed over the cells of the area"),
    "total": mark("total of the area"),
    "std": mark("standard deviation within the area"),
    "variance": mark("variance within the area"),
}

#: operations that count cells, whatever is in them
COUNTS = {
    "count": mark("cells of the area with data"),
    "coverage": mark("share of the area with data"),
}


def quantity_in_words(plain: Mapping[str, Any], units: bool = True, area: bool = True) -> str:
    """Say what the values of a result are, with their units in brackets.

    Parameters
    ----------
    plain : a result's JSON, or a part of it, of one operation
    units : whether to add them
    area : whether to say where in the area the values are from

    >>> of = {"request": {"operation": "mean"}, "units": "mm", "time_step": {"name": "monthly"}}
    >>> quantity_in_words(of | {"variable": {"long_name": "area-weighted mean of rain"}})
    'monthly rainfall, averaged over the area [mm]'
    """
    said = _quantity(plain, area)
    return titled(said, plain["units"]) if units else said


def quantity_and_period(plain: Mapping[str, Any]) -> str:
    """Say what the values of a result are, and of when: the beginning of a sentence."""
    quantity = quantity_in_words(plain)
    return listed([quantity[:1].upper() + quantity[1:], from_to(plain["request"]["period"])])


def is_amount(plain: Mapping[str, Any]) -> bool:
    """Whether values are amounts of rain, or an index: what bars show that stand on zero."""
    return "index" in plain or _name(plain, plain.get("variable", {})) == NAMES["rain"]


def is_score(plain: Mapping[str, Any]) -> bool:
    """Whether values are those of a standardized index, which has classes from dry to wet."""
    return bool(plain.get("index", {}).get("classes"))


def _quantity(plain: Mapping[str, Any], area: bool) -> str:
    variable = plain.get("variable", {})
    if "index" in plain:
        return index_quantity(plain["index"]) or str(
            variable.get("long_name") or plain["index"]["title"]
        )
    operation = str(plain["request"]["operation"])
    if operation in COUNTS:
        return tr(COUNTS[operation])
    step = plain.get("time_step") or {}
    rule = next((word for start, word in RULES.items() if _rule(step).startswith(start)), "")
    quantity = tr(_name(plain, variable))
    for frame in (rule, STEPS.get(step.get("name", ""), "")):
        quantity = tr(frame, quantity=quantity) if frame else quantity
    together = ""
    if "accumulate" in step:
        together = tr("{count} steps taken together", count=step["accumulate"])
    return listed([quantity, together, _area(operation) if area else ""])


def _rule(step: Mapping[str, Any]) -> str:
    return str(step.get("rule", ""))


def _name(plain: Mapping[str, Any], variable: Mapping[str, Any]) -> str:
    """Return the name of a variable: what people call it, else as its file does."""
    named = f"{variable.get('standard_name', '')} {variable.get('long_name', '')}".lower()
    if found := next((word for text, word in NAMES.items() if text in named), ""):
        return found
    # the statistic stands before it, and is said by the area
    own = re.sub(r"^.*? of ", "", str(variable.get("long_name", "")), count=1)
    return own or tr("values of {dataset}", dataset=plain["request"]["dataset"])


def _area(operation: str) -> str:
    if found := re.fullmatch(r"p(\d+(?:\.\d+)?)", operation):
        return tr("{number}th percentile of the area", number=found[1])
    return tr(AREAS.get(operation, AREAS["mean"]))
