"""What a chart of one series needs, taken from the table of a result: pure numbers and texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.language import from_to, local_date, tr
from csserv.notes import is_synthetic
from csserv.outputs.words.quantity_words import is_amount, quantity_in_words
from csserv.views.parts.key_figures import value_text
from csserv.views.parts.normals_table import INNER, MIDDLE, OUTER
from csserv.views.parts.series_table import SeriesTable

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChartData:
    """One series, and what is normal at each of its steps.

    Attributes
    ----------
    title : the place, and its member or the like
    quantity : what the values are, with their units
    starts, ends : (step,) of the steps [s since 1970]
    values : (step,) NaN where there is none
    complete : (step,) whether period and data fill the step
    bands : (step,) lower and upper edge of each band of what is normal, the widest first
    middle : (step,) the median of other years; empty without normals
    reference : years of the normals: "1991 to 2020"; empty without
    as_bars : whether values are amounts, which stand on zero
    is_score : whether below 0 is drier than normal, and above wetter
    notes : (step,) label and value of each, for who points at it
    source : lines that say where the numbers come from
    """

    title: str
    quantity: str
    starts: Floats
    ends: Floats
    values: Floats
    complete: NDArray[np.bool_]
    bands: tuple[tuple[Floats, Floats], ...]
    middle: Floats
    reference: str
    as_bars: bool
    is_score: bool
    notes: tuple[str, ...]
    source: tuple[str, ...]

    def __post_init__(self) -> None:
        if not len(self.starts) == len(self.ends) == len(self.values) == len(self.notes) > 0:
            raise ValueError("a chart needs a start, an end, a value and a note of each step")


def chart_data(plain: Mapping[str, Any], number: int = 0) -> ChartData:
    """Take the data of a chart from a result's JSON.

    Parameters
    ----------
    plain : of one operation
    number : of the series
    """
    one = {**plain, "series": [plain["series"][number]]}
    table = SeriesTable.of_json(one)
    values, starts = table.values[:, 0], table.positions.astype("datetime64[s]").astype(float)
    normals = table.normals.numbers if table.normals else {}
    pairs = (OUTER, INNER) if normals else ()
    return ChartData(
        title=table.zones[0],
        quantity=quantity_in_words(plain),
        starts=starts,
        # of a calendar without leap days, or of 360 days, steps touch as well
        ends=np.maximum(starts + table.lengths * 86400, starts + 1),
        values=values,
        complete=table.complete,
        bands=tuple((normals[low][:, 0], normals[high][:, 0]) for low, high in pairs),
        middle=normals[MIDDLE][:, 0] if normals else np.empty(0),
        reference=table.normals.reference if table.normals else "",
        as_bars=is_amount(plain) or table.adds_up,
        is_score=table.is_score,
        notes=tuple(
            f"{table.step_in_words(step)}: {value_text(value, table.units)}"
            for step, value in enumerate(values.tolist())
        ),
        source=source_lines(plain),
    )


def source_lines(plain: Mapping[str, Any]) -> tuple[str, ...]:
    """Say where the numbers of a picture come from, which may travel without its page."""
    made, dataset = plain["provenance"], plain["provenance"]["dataset"]
    sentences = [tr("Synthetic data, not observed.")] if is_synthetic(plain) else []
    period = from_to(plain["request"]["period"])
    sentences.append(tr("{dataset}, {period}.", dataset=dataset["title"], period=period))
    day, version = local_date(made["finished"][:10]), made["versions"]["csserv"]
    sentences.append(tr("Computed on {date} by csserv {version}.", date=day, version=version))
    return (" ".join(sentences),)
