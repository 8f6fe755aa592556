"""Units of measurement: what a text means, conversion, and the units of products."""

from __future__ import annotations

from csserv.units.arithmetic import (
    calendar_step,
    converter,
    converts_to,
    is_accumulable,
    is_known,
    is_rate,
    is_same_kind,
    is_temperature,
    over_area,
    over_days,
    over_steps,
    squared,
)
from csserv.units.file_text import file_units
from csserv.units.shown_units import shown_units, titled, with_units

__all__ = [
    "calendar_step",
    "converter",
    "converts_to",
    "file_units",
    "is_accumulable",
    "is_known",
    "is_rate",
    "is_same_kind",
    "is_temperature",
    "over_area",
    "over_days",
    "over_steps",
    "shown_units",
    "squared",
    "titled",
    "with_units",
]
