"""The formula of each statistic and its source, computed from what was accumulated of the cells.

In the formulas, v is the value of a cell, c the share of its area that lies in the zone [1], and
a that area [km2] on a sphere of 6371.0088 km, the mean radius R1 of GRS 80 (Moritz 2000,
doi:10.1007/s001900050278): R² · Δlongitude · Δsin(latitude), as on Lambert's cylindrical equal-area
map (Snyder 1987, USGS Professional Paper 1395, pages 76 to 85). Sums are over valid cells. With
weighting by centres, c is 1 or 0, and means, variances and percentiles use c in place of a. A zone
without a valid cell has no value (NaN), but a count and coverage of 0. Arrays are (steps, zones).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from csserv.catalog.read.grid import Floats
from csserv.zonal.statistics import divide


def mean(kept: Mapping[str, Floats]) -> Floats:
    """Area-weighted mean: Σ a·v / Σ a over valid cells.

    Source: exactextract's ``weighted_mean`` with the area of cells as weights; CF conventions 1.11,
    appendix E, "mean", as in ``cell_methods = "area: mean"``.
    """
    return divide(kept["total"], kept["weight"])


def total(kept: Mapping[str, Floats]) -> Floats:
    """Sum over valid cells: Σ c·v (operation ``sum``), or Σ a·v (operation ``total``).

    Source: exactextract's ``sum``, and its ``weighted_sum`` with the area of cells as weights.
    For a depth of water, Σ a·v is the volume of water on the zone.
    """
    return np.where(kept["valid_cells"] > 0, kept["total"], np.nan)


def count(kept: Mapping[str, Floats]) -> Floats:
    """Count of valid cells: Σ c [cells]; 0 where there is none.

    Source: exactextract's ``count``.
    """
    return kept["valid_coverage"]


def coverage(kept: Mapping[str, Floats]) -> Floats:
    """Share of the zone's area that has data: 100 · Σ a over valid cells / its area [%].

    Parts of the zone off the grid have no data. 0 where there is no valid cell. Source: our own
    definition, to be read beside every other value.
    """
    return kept["percent"]


def maximum(kept: Mapping[str, Floats]) -> Floats:
    """Highest v of the valid cells with c > 0, however small c is.

    Source: exactextract's ``max``; CF conventions 1.11, appendix E, "maximum".
    """
    return np.where(kept["valid_cells"] > 0, kept["high"], np.nan)


def minimum(kept: Mapping[str, Floats]) -> Floats:
    """Lowest v of the valid cells with c > 0, however small c is.

    Source: exactextract's ``min``; CF conventions 1.11, appendix E, "minimum".
    """
    return np.where(kept["valid_cells"] > 0, kept["low"], np.nan)


def value_range(kept: Mapping[str, Floats]) -> Floats:
    """Range: highest minus lowest v of the valid cells with c > 0.

    Source: CF conventions 1.11, appendix E, "range".
    """
    return maximum(kept) - minimum(kept)


def variance(kept: Mapping[str, Floats]) -> Floats:
    """Area-weighted variance of the valid cells: Σ a·(v - mean)² / Σ a.

    It is the variance of a population, not of a sample: all cells are known. Source: exactextract's
    ``weighted_variance`` with the area of cells as weights; CF conventions 1.11, appendix E,
    "variance". Accumulated as by Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115.
    """
    return divide(kept["squares"], kept["weight"])


def standard_deviation(kept: Mapping[str, Floats]) -> Floats:
    """Area-weighted standard deviation of the valid cells: the square root of the variance.

    Source: that of the variance; CF conventions 1.11, appendix E, "standard_deviation".
    """
    return np.sqrt(variance(kept))


def quantile(kept: Mapping[str, Floats]) -> Floats:
    """Weighted quantile: the lowest v such that cells up to it hold the wanted share of Σ a.

    If they hold exactly that share, the mean of v and the next higher value. With cells of equal
    area and a share of one half, this is the usual median. Source: type 2 of Hyndman and Fan 1996,
    doi:10.1080/00031305.1996.10473566, with areas in place of counts; computed by
    ``csserv.zonal.quantiles``.
    """
    return kept["quantile"]
