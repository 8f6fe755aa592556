"""Says of an index in a result which it is, who computed it, and by what rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: lines of a receipt that are rules, in the order in which they are told → how each begins
RULES = {
    "sums": "sums ",
    "zero_rule": "zero rule: ",
    "negative_rule": "",
    "pet": "evaporation: ",
    "plotting_position": "plotting position: ",
    "spells": "spells: ",
    "source": "as ",
}


def index_name(said: Mapping[str, Any]) -> str:
    """Name an index as people do.

    >>> index_name({"index": "spi", "accumulate": 3}), index_name({"index": "cdd"})
    ('SPI-3', 'CDD')
    """
    steps = said.get("accumulate", 1)
    name = str(said["index"]).replace("_", " ")
    short = name.upper() if len(name) <= 5 else name
    return f"{short}-{steps}" if steps > 1 else short


def index_words(said: Mapping[str, Any]) -> str:
    """Say how an index was computed, in a sentence; empty of nothing.

    >>> index_words({"index": "cdd", "title": "longest dry spell", "library": "xclim"})
    'CDD is the longest dry spell, computed by xclim.'
    """
    if not said:
        return ""
    by = f"{said['library']} {said.get('version', '')}".strip()
    parts = [f"{index_name(said)} is the {said['title']}, computed by {by}"]
    parts += [_reference(said), _fit(said)]
    parts += [f"{start}{said[name]}" for name, start in RULES.items() if said.get(name)]
    return "; ".join(part for part in parts if part) + "."


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


def _reference(said: Mapping[str, Any]) -> str:
    if "reference" not in said:
        return ""
    asked, known = said["reference"], said.get("calibration_years", said["reference"])
    of = f", of which the data have {known.replace('/', ' to ')}" if known != asked else ""
    return f"its reference is {asked.replace('/', ' to ')}{of}"


def _fit(said: Mapping[str, Any]) -> str:
    if "distribution" not in said:
        return ""
    return f"{said['distribution']} distribution of each step of the year, {said['fitted_by']}"
