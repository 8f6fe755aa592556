"""The few numbers that a person reads first: mean, total, extremes with their dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from csserv.units import over_days
from csserv.views.parts.series_table import SeriesTable


@dataclass(frozen=True)
class KeyFigure:
    """One number: what it is, the number with its units, and where or when."""

    name: str
    value: str
    note: str


def key_figures(table: SeriesTable) -> list[KeyFigure]:
    """Work out the key figures of all zones and steps of a result."""
    valid = ~np.isnan(table.values)
    if not valid.any():
        return [KeyFigure("Data", "none", "no step of this period has data here")]
    weight = np.where(valid, table.lengths[:, None], 0.0)
    mean = float((np.nan_to_num(table.values) * weight).sum() / weight.sum())
    steps = f"{len(table.times):,} steps"
    where = f"{steps}, {len(table.zones)} zones" if len(table.zones) > 1 else steps
    figures = [KeyFigure("Mean", _with_units(mean, table.units), where)]
    if table.adds_up and len(table.zones) == 1:
        figures.append(_total(table))
    for name, find in (("Highest", np.nanargmax), ("Lowest", np.nanargmin)):
        step, zone = np.unravel_index(int(find(table.values)), table.values.shape)
        place = f", {table.zones[zone]}" if len(table.zones) > 1 else ""
        number = _with_units(float(table.values[step, zone]), table.units)
        figures.append(KeyFigure(name, number, f"{table.labels[step]}{place}"))
    share = 100.0 * float(valid.mean())
    lacking = int((~valid).all(axis=1).sum())
    note = f"{lacking} steps without any" if lacking else "each step has some"
    figures.append(KeyFigure("With data", f"{share:.3g} %", note))
    return figures


def _total(table: SeriesTable) -> KeyFigure:
    valid = ~np.isnan(table.values[:, 0])
    values = table.values[valid, 0]
    if table.rule == "rate":
        units, factor = over_days(table.units)
        total = float((values * table.lengths[valid]).sum() * factor)
    else:
        units, total = table.units, float(values.sum())
    note = "of all steps" if valid.all() else f"of the {int(valid.sum()):,} steps with data"
    return KeyFigure("Total", _with_units(total, units), note)


def number(value: float) -> str:
    """Write a number as people do.

    >>> number(1234.5), number(2.345), number(0.0012)
    ('1,234', '2.35', '0.0012')
    """
    if value and (abs(value) < 0.01 or abs(value) >= 1e9):
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def said(value: float, units: str) -> str:
    """Write the value of a zone.

    >>> said(2.5, "mm"), said(float("nan"), "mm")
    ('2.5 mm', 'no data')
    """
    return "no data" if np.isnan(value) else f"{number(value)} {units}".strip()


def lowest_and_highest(values: NDArray[np.float64]) -> tuple[float, float]:
    """Find the range of the colours; that of a single number has some width."""
    known = values[~np.isnan(values)]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _with_units(value: float, units: str) -> str:
    return f"{number(value)} {units}".strip()
