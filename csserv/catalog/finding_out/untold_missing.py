"""Numbers that mean missing in files that do not say so, such as -9999 in GeoTIFFs of rain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from csserv.catalog.plausibility.cell_sample import read_sample
from csserv.catalog.plausibility.outliers import find_outliers, is_code
from csserv.catalog.read.granule import Granule
from csserv.errors import GranuleError


def find_untold_missing(files: Iterable[Granule], select: Mapping[str, Any]) -> list[float]:
    """Find usual codes for missing numbers that are far from all others, in files that say none.

    Parameters
    ----------
    select : coordinates chosen of dimensions other than time and place
    """
    return sorted({number for one in files for number in _untold(one, select)})


def _untold(granule: Granule, select: Mapping[str, Any]) -> Iterator[float]:
    try:
        if granule.header().fill is not None or granule.corrections.missing:
            return
        sample = read_sample(granule, select)
    except GranuleError:  # it is told where its days are asked for
        return
    found = find_outliers(sample.kept, sample.packing) if sample.kept.size else []
    yield from (one for one in found if is_code(one))
