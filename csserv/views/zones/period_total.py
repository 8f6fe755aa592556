"""What fell in a whole period of up to a year, where a result has its steps one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from csserv.language import listed, local_number, tr
from csserv.outputs.words.span_words import span_in_words
from csserv.views.parts.key_figures import value_text
from csserv.views.parts.series_table import SeriesTable
from csserv.views.zones.zone_numbers import numbers_of_period

#: longest period of which a total says something [days]
LONGEST = 366.0


def total_in_words(plain: Mapping[str, Any], number: int = 0) -> str:
    """Say the total of a series over its period, and what that is of normal.

    Empty of what does not add up, of a single step, of more than a year, and where a step has no
    value.

    Parameters
    ----------
    plain : a result's JSON, of one operation
    number : of the series
    """
    table = SeriesTable.of_json({**plain, "series": [plain["series"][number]]})
    is_whole = bool(np.isfinite(table.values).all())
    if not (table.adds_up and table.spans and is_whole and len(table.times) > 1):
        return ""
    if table.lengths.sum() > LONGEST:
        return ""
    found = numbers_of_period(table)
    one = {name: float(values[0]) for name, values in found.numbers.items()}
    parts = [value_text(one["value"], found.units)]
    if np.isfinite(one.get("percent_of_normal", np.nan)):
        percent = local_number(f"{one['percent_of_normal']:,.0f}")
        normal = value_text(one["normal"], found.units)
        parts.append(tr("{percent} % of normal ({normal})", percent=percent, normal=normal))
    when = span_in_words(table.spans[0][0], table.spans[-1][1], table.times[0].calendar)
    return tr("{when} in all: {total}", when=when, total=listed(parts))
