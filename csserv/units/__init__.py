"""Units of measurement: what a text means, conversion, and the units of products."""

from __future__ import annotations

from csserv.units.arithmetic import (
    calendar_step,
    converter,
    is_accumulable,
    is_known,
    is_rate,
    is_same_kind,
    over_area,
    over_days,
    over_steps,
    squared,
)

__all__ = [
    "calendar_step",
    "converter",
    "is_accumulable",
    "is_known",
    "is_rate",
    "is_same_kind",
    "over_area",
    "over_days",
    "over_steps",
    "squared",
]
