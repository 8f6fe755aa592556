"""Numbers that mean missing in files that do not say so, such as -9999 in GeoTIFFs of rain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csserv.catalog.packing.attribute_numbers import format_number
from csserv.catalog.plausibility.cell_sample import read_sample
from csserv.catalog.plausibility.outliers import USUAL, find_outliers
from csserv.catalog.read.granule import Granule


def find_untold_missing(granule: Granule, select: Mapping[str, Any]) -> list[float]:
    """Find usual codes for missing numbers that are far from all others, in a file that says none.

    Parameters
    ----------
    select : coordinates chosen of dimensions other than time and place

    Raises
    ------
    GranuleError : the file cannot be read
    """
    if granule.header().fill is not None or granule.corrections.missing:
        return []
    sample = read_sample(granule, select)
    found = find_outliers(sample.kept, sample.packing) if sample.kept.size else []
    return [one for one in found if USUAL.fullmatch(format_number(one))]
