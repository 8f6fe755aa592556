"""Units of measurement: what a text means, conversion, and the units of products."""

from __future__ import annotations

from csserv.units import arithmetic
from csserv.units.everyday import told
from csserv.units.file_text import file_units
from csserv.units.shown_units import shown_units, telling_digits, titled, with_units

calendar_step = told(arithmetic.calendar_step)
converter = told(arithmetic.converter)
converts_to = told(arithmetic.converts_to)
is_accumulable = told(arithmetic.is_accumulable)
is_known = told(arithmetic.is_known)
is_rate = told(arithmetic.is_rate)
is_same_kind = told(arithmetic.is_same_kind)
is_temperature = told(arithmetic.is_temperature)
over_area = told(arithmetic.over_area)
over_days = told(arithmetic.over_days)
over_steps = told(arithmetic.over_steps)
squared = told(arithmetic.squared)

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
    "telling_digits",
    "titled",
    "with_units",
]
