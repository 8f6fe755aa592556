"""What the JSON of a result says against what is normal: its statistics and their attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csserv.language import from_to, listed, tr
from csserv.units import is_temperature

#: name in JSON: of a result, what its values are compared with; of a series, the statistics
AGAINST = "against"

#: name in ``against`` of what is said of the steps of the year, and CF's of their bounds
CLIMATOLOGY = "climatology"

#: statistics that are differences, not values: of temperatures, a step of 1 K is one of 1 °C
DIFFERENCES = ("standard_deviation", "anomaly")

#: those that a table for people has, beside each value
SHOWN = ("normal", "anomaly", "percent_of_normal", "percentile_rank", "tercile")

#: the statistic that is a whole number, and always there
YEARS = "years_used"


def statistics_of(plain: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return name, units, long name, and perhaps CF method of each statistic of a result's JSON.

    A statistic without units is a class, such as ``"below"``; all others are numbers.
    """
    return list(plain.get(AGAINST, {}).get("statistics", ()))


def of_reference(plain: Mapping[str, Any]) -> dict[str, str]:
    """Return name → units of the statistics that say what is normal, whatever the value is."""
    return {
        one["name"]: one["units"]
        for one in statistics_of(plain)
        if one["name"].startswith("normal") or one["name"] in ("standard_deviation", YEARS)
    }


def reference_words(plain: Mapping[str, Any]) -> str:
    """Write the years of the reference: "1991 to 2020"."""
    return from_to(str(plain[AGAINST]["reference"]))


def compared_with(plain: Mapping[str, Any]) -> str:
    """Say what the values of a result are compared with; empty if with nothing."""
    if AGAINST not in plain:
        return ""
    said = plain[AGAINST]
    parts = [tr("the same step of {years}", years=reference_words(plain))]
    if "window_days" in said:
        parts.append(tr("{count} days of each", count=said["window_days"]))
    counts = said["own_year"] == "in"
    own = tr("its own year counts") if counts else tr("its own year does not count")
    return tr("; ").join([listed(parts), own])


def attributes_of(plain: Mapping[str, Any], statistic: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of a statistic as a variable, as CF has them.

    Parameters
    ----------
    plain : a result's JSON, of one operation
    statistic : one of ``statistics_of``
    """
    units, years = statistic["units"], reference_words(plain)
    found = {"long_name": f"{statistic['long_name']}, {years}", "units": units}
    methods = plain.get("variable", {}).get("cell_methods", "")
    if "method" in statistic:
        # CF 1.11, 7.4: "over years" needs a time coordinate with climatology bounds, which stand in
        # place of bounds; the axis of the values has bounds, so a comment says it (7.3)
        over = f"time: {statistic['method']} (of the same step of the years {years})"
        found["cell_methods"] = f"{methods} {over}".strip()
    elif statistic["name"] == "anomaly" and methods:
        found["cell_methods"] = methods
    if is_temperature(units):
        of_values = plain.get("variable", {}).get("units_metadata", "")
        is_step = statistic["name"] in DIFFERENCES or of_values.endswith("difference")
        found["units_metadata"] = f"temperature: {'difference' if is_step else 'on_scale'}"
    return {name: text for name, text in found.items() if text}
