"""Key figures of a result: mean, total, highest and lowest value, share of data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from csserv.language import few_digits, listed, local_number, mark, tr, trn
from csserv.units import over_days, over_steps, telling_digits, with_units
from csserv.views.parts.series_table import SeriesTable


@dataclass(frozen=True)
class KeyFigure:
    """One key figure.

    Attributes
    ----------
    name : what it is
    value : the number with its units
    note : where or when, or of how many steps
    """

    name: str
    value: str
    note: str


def key_figures(table: SeriesTable) -> list[KeyFigure]:
    """Compute the key figures over all zones and steps of a table."""
    valid = ~np.isnan(table.values)
    if not valid.any():
        why = tr("no step of this period has data here")
        if table.of_index:
            why = tr("the index has no value in this period")
        return [KeyFigure(tr("Data"), tr("none"), why)]
    weight = np.where(valid, table.lengths[:, None], 0.0)
    mean = float((np.nan_to_num(table.values) * weight).sum() / weight.sum())
    figures = []
    if not table.is_score:  # its mean is 0 by how it is made
        figures.append(KeyFigure(tr("Mean"), _with_units(mean, table.units), _of_what(table)))
    if table.adds_up and len(table.zones) == 1:
        figures.append(_total(table))
    for name, find in ((mark("Highest"), np.nanargmax), (mark("Lowest"), np.nanargmin)):
        step, zone = np.unravel_index(int(find(table.values)), table.values.shape)
        place = table.zones[zone] if len(table.zones) > 1 else ""
        extreme = _with_units(float(table.values[step, zone]), table.units)
        figures.append(
            KeyFigure(tr(name), extreme, listed([table.step_in_words(int(step)), place]))
        )
    share = 100.0 * float(valid.mean())
    lacking = int((~valid).all(axis=1).sum())
    note = tr("each step has some")
    if lacking:
        note = trn("{count} step without any", "{count} steps without any", lacking, count=lacking)
    figures.append(KeyFigure(tr("With data"), f"{local_number(f'{share:.3g}')} %", note))
    return figures


def _of_what(table: SeriesTable) -> str:
    """Say of how many steps and zones a figure is."""
    count, number = len(table.times), len(table.zones)
    parts = [trn("{count} step", "{count} steps", count, count=local_number(f"{count:,}"))]
    if number > 1 and table.selections:
        parts.append(trn("{count} series", "{count} series", number, count=number))
    elif number > 1:
        parts.append(trn("{count} zone", "{count} zones", number, count=number))
    return listed(parts)


def _total(table: SeriesTable) -> KeyFigure:
    valid = ~np.isnan(table.values[:, 0])
    values = table.values[valid, 0]
    if table.rule == "rate":
        units, factor = over_days(table.units)
        total = float((values * table.lengths[valid]).sum() * factor)
    else:
        units, total = over_steps(table.units), float(values.sum())
    note, count = tr("of all steps"), int(valid.sum())
    if not valid.all():
        number = local_number(f"{count:,}")
        note = trn(
            "of the {count} step with data", "of the {count} steps with data", count, count=number
        )
    return KeyFigure(tr("Total"), _with_units(total, units), note)


def number_text(value: float, units: str) -> str:
    """Write a number with the digits that tell it from others; from 1,000 on with separators."""
    return few_digits(value, telling_digits(value, units))


def value_text(value: float, units: str) -> str:
    """Write a value with its units, if it has any but 1; NaN as "no data".

    >>> value_text(2.5, "mm"), value_text(0.4, "1"), value_text(float("nan"), "mm")
    ('2.5 mm', '0.4', 'no data')
    >>> value_text(285.31, "K"), value_text(285.31, "mm")
    ('285.3 K', '285 mm')
    """
    return tr("no data") if np.isnan(value) else _with_units(value, units)


def value_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return lowest and highest value, without NaN; wider by 0.5 each way if they are equal."""
    known = values[~np.isnan(values)]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _with_units(value: float, units: str) -> str:
    return with_units(number_text(value, units), units)
