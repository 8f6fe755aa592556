"""What each statistic is, who defined it so, and how it follows from what was kept of the cells.

In the formulas, v is the value of a cell, c the share of its area that lies in the zone [1], and
a that area [km2] on a sphere of 6371.0088 km, the mean radius R1 of GRS 80 (Moritz 2000,
doi:10.1007/s001900050278): R² · Δlongitude · Δsin(latitude), as on Lambert's cylindrical equal-area
map (Snyder 1987, USGS Professional Paper 1395, pages 76 to 85). Sums are over valid cells. With
weighting by centres, c is 1 or 0, and means, variances and percentiles take c for a.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from csserv.catalog.read.grid import Floats
from csserv.zonal.statistics import divided


def mean(kept: Mapping[str, Floats]) -> Floats:
    """Area-weighted mean: Σ a·v / Σ a over valid cells.

    Source: exactextract's ``weighted_mean`` with the area of cells as weights; CF conventions 1.11,
    appendix E, "mean", as in ``cell_methods = "area: mean"``.
    """
    return divided(kept["total"], kept["weight"])


def total(kept: Mapping[str, Floats]) -> Floats:
    """Σ c·v over valid cells (``sum``), or Σ a·v (``total``).

    Source: exactextract's ``sum``, and its ``weighted_sum`` with the area of cells as weights.
    For a depth of water, Σ a·v is the volume that stands on the zone.
    """
    return np.where(kept["valid_cells"] > 0, kept["total"], np.nan)


def count(kept: Mapping[str, Floats]) -> Floats:
    """Count of valid cells: Σ c [cells]; 0 where there is none.

    Source: exactextract's ``count``.
    """
    return kept["valid_coverage"]


def coverage(kept: Mapping[str, Floats]) -> Floats:
    """Share of the zone's area that has data: 100 · Σ a over valid cells / its area [%].

    What lies off the grid has no data. Source: our own, to be read beside every other value.
    """
    return kept["percent"]


def maximum(kept: Mapping[str, Floats]) -> Floats:
    """Highest v of a valid cell with c > 0, however little.

    Source: exactextract's ``max``; CF conventions 1.11, appendix E, "maximum".
    """
    return np.where(kept["valid_cells"] > 0, kept["high"], np.nan)


def minimum(kept: Mapping[str, Floats]) -> Floats:
    """Lowest v of a valid cell with c > 0, however little.

    Source: exactextract's ``min``; CF conventions 1.11, appendix E, "minimum".
    """
    return np.where(kept["valid_cells"] > 0, kept["low"], np.nan)


def spread(kept: Mapping[str, Floats]) -> Floats:
    """Highest less lowest v of the valid cells with c > 0.

    Source: CF conventions 1.11, appendix E, "range".
    """
    return maximum(kept) - minimum(kept)


def variance(kept: Mapping[str, Floats]) -> Floats:
    """Area-weighted variance of the valid cells: Σ a·(v - mean)² / Σ a.

    It is that of the population: the cells are all there is, and no sample. Source: exactextract's
    ``weighted_variance`` with the area of cells as weights; CF conventions 1.11, appendix E,
    "variance". Gathered as by Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115.
    """
    return divided(kept["squares"], kept["weight"])


def deviation(kept: Mapping[str, Floats]) -> Floats:
    """Area-weighted standard deviation: the root of the variance.

    Source: as of the variance; CF conventions 1.11, appendix E, "standard_deviation".
    """
    return np.sqrt(variance(kept))


def quantile(kept: Mapping[str, Floats]) -> Floats:
    """Lowest v up to which cells hold a share of Σ a; on a tie, the mean of it and the next one.

    Source: type 2 of Hyndman and Fan 1996, doi:10.1080/00031305.1996.10473566, where areas stand
    for counts; ``csserv.zonal.quantiles`` finds it. With cells of one area, the usual median.
    """
    return kept["quantile"]
