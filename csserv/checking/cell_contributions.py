"""How much each cell contributes to a number; the contributions add up to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.grid import Floats
from csserv.zonal import definitions
from csserv.zonal.conversion import Conversion
from csserv.zonal.operations import Finish, Operation
from csserv.zonal.quantiles import TIE

#: share of the summed values by which sums in another order may differ [1]
ROUNDING = 1e-9

#: kind of weight → its description
WEIGHTS = {
    "area": "covered area of the cell [km2]",
    "coverage": "covered share of the cell [1]",
    "centre": "1: whole cells",
}


@dataclass(frozen=True, eq=False)
class ZoneCells:
    """The cells of one zone at one step, arrays of (n,).

    Attributes
    ----------
    lon, lat : cell centres [degrees]
    values : in the units of the data, or of its longer steps; NaN where missing
    area, coverage : the part in the zone [km2], and the share of the cell in the zone [1]
    by_area : whether means weigh cells by area; else all alike
    on_grid : share of the zone that lies on the grid [1]
    size : (width, height) of a cell; the mean where sizes differ [degrees]
    """

    lon: Floats
    lat: Floats
    values: Floats
    area: Floats
    coverage: Floats
    by_area: bool
    on_grid: float
    size: tuple[float, float]

    @property
    def valid(self) -> NDArray[np.bool_]:
        """(n,) mask of the cells that have data."""
        return ~np.isnan(self.values)


@dataclass(frozen=True, eq=False)
class Contributions:
    """The contribution of each cell, arrays of (n,).

    Attributes
    ----------
    weight, weight_is : how much each cell counts, and a description of it
    contribution : what each cell contributes, in the units of the series; 0 where missing
    rounding : largest difference between the number and the sum that rounding can explain
    """

    weight: Floats
    weight_is: str
    contribution: Floats
    rounding: float


@dataclass(frozen=True)
class _RuleInput:
    """The input of a rule: the valid cells, and further numbers."""

    values: Floats
    weight: Floats
    whole: float  #: weight of all cells, missing ones included
    share: float
    on_grid: float


#: returns factors and numbers: the contribution of a cell is factor x number
_Rule = Callable[[_RuleInput], tuple[Floats, Floats]]


def contributions(cells: ZoneCells, wanted: Operation, conversion: Conversion) -> Contributions:
    """Compute the contribution of each cell to the number, in the units of the series.

    Of several highest or lowest cells, the first one contributes; to a percentile, the one or two
    cells that define it. Missing cells contribute 0.
    """
    named, rule = RULES[wanted.finish]
    kind = getattr(wanted.gather, "weight", named)
    if kind == "weight":
        whole = bool((cells.coverage == 1.0).all())
        kind = "area" if cells.by_area else "centre" if whole else "coverage"
    weight = cells.area if kind == "area" else cells.coverage
    valid = cells.valid
    found, size = np.zeros(len(valid)), 0.0
    if valid.any():
        share = 0.0 if wanted.share is None else wanted.share
        given = _RuleInput(
            cells.values[valid], weight[valid], float(weight.sum()), share, cells.on_grid
        )
        factors, numbers = rule(given)
        found[valid] = factors * (numbers * conversion.scale + conversion.offset)
        # the variance of nearly equal values is a difference of large numbers
        size = float(np.abs(given.values).max()) ** (2 if rule is _variance else 1)
    rounding = ROUNDING * (float(np.abs(found).sum()) + abs(size * conversion.scale))
    return Contributions(weight, WEIGHTS[kind], found, rounding)


def _mean(given: _RuleInput) -> tuple[Floats, Floats]:
    return given.weight / given.weight.sum(), given.values


def _total(given: _RuleInput) -> tuple[Floats, Floats]:
    return given.weight, given.values


def _count(given: _RuleInput) -> tuple[Floats, Floats]:
    return given.weight, np.ones_like(given.values)


def _coverage(given: _RuleInput) -> tuple[Floats, Floats]:
    return 100.0 * given.on_grid * given.weight / given.whole, np.ones_like(given.values)


def _highest(given: _RuleInput) -> tuple[Floats, Floats]:
    return _only(given, int(given.values.argmax())), given.values


def _lowest(given: _RuleInput) -> tuple[Floats, Floats]:
    return _only(given, int(given.values.argmin())), given.values


def _range(given: _RuleInput) -> tuple[Floats, Floats]:
    return _highest(given)[0] - _lowest(given)[0], given.values


def _variance(given: _RuleInput) -> tuple[Floats, Floats]:
    share = given.weight / given.weight.sum()
    return share, (given.values - share @ given.values) ** 2


def _deviation(given: _RuleInput) -> tuple[Floats, Floats]:
    share, squares = _variance(given)
    deviation = np.sqrt(share @ squares)
    return share, squares / deviation if deviation else squares


def _quantile(given: _RuleInput) -> tuple[Floats, Floats]:
    """Choose the cells as ``csserv.zonal.quantiles`` does: one cell, or two by halves."""
    order = np.argsort(given.values)
    upto = np.cumsum(given.weight[order])
    goal = given.share * given.weight.sum()
    ends = [(upto < goal * (1 - TIE)).sum(), (upto <= goal * (1 + TIE)).sum()]
    low, high = (order[min(int(end), len(order) - 1)] for end in ends)
    return (_only(given, low) + _only(given, high)) / 2, given.values


def _only(given: _RuleInput, place: int) -> Floats:
    return np.where(np.arange(len(given.values)) == place, 1.0, 0.0)


#: definition of an operation → weight to use if its statistic names none, and the rule
RULES: dict[Finish, tuple[str, _Rule]] = {
    definitions.mean: ("weight", _mean),
    definitions.total: ("area", _total),
    definitions.count: ("coverage", _count),
    definitions.coverage: ("area", _coverage),
    definitions.maximum: ("coverage", _highest),
    definitions.minimum: ("coverage", _lowest),
    definitions.value_range: ("coverage", _range),
    definitions.variance: ("weight", _variance),
    definitions.standard_deviation: ("weight", _deviation),
    definitions.quantile: ("weight", _quantile),
}
