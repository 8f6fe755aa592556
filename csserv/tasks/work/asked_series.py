"""The series of the steps that are asked for, and what is usual at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from csserv.climatology.comparison import Comparison
from csserv.climatology.normals import compare
from csserv.climatology.sample_sets import SampleSets, sample_sets
from csserv.outputs.series import Series
from csserv.units import is_temperature
from csserv.zonal.conversion import Conversion, convert_each
from csserv.zonal.zone_values import ZoneValues


def asked_series(
    found: ZoneValues,
    conversions: Sequence[Conversion],
    comparison: Comparison | None,
    own_year: str,
    sets: SampleSets | None = None,
    **said: Any,
) -> Series:
    """Convert values to the units of a result, and keep the steps that are asked for.

    Parameters
    ----------
    found : of all steps that were computed
    comparison : which of them are asked for, and what each is compared with; None for all
    sets : of the comparison, where they are known already
    said : the other fields of the series
    """
    asked = replace(found, values=convert_each(conversions, found.values))
    if comparison:
        sets = sets or sample_sets(comparison, own_year)
        said["against"] = [
            compare(values, comparison, own_year, not is_temperature(one.units), sets)
            for values, one in zip(asked.values, conversions, strict=True)
        ]
        asked = asked.pick(comparison.shown.tolist())
    return Series(
        values=asked.values,
        percent=asked.percent,
        steps_percent=asked.steps_percent,
        **said,
    )
