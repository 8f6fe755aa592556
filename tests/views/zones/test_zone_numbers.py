"""The numbers of zones over the whole period are those of its steps taken together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from csserv.views.parts.series_table import SeriesTable
from csserv.views.zones.zone_numbers import numbers_at, numbers_of_period
from tests.outputs.compared import document, series_of


def months(temperature: bool = False) -> SeriesTable:
    """2025: each month 5 mm in West, of which June has no value, and 10 mm in East."""
    years = np.repeat(np.arange(35) % 30 + 1.0, 12)
    values = np.stack([years, 2 * years], axis=1)
    values[34 * 12 + 5, 0] = np.nan
    series = series_of(values, range(2025, 2026))
    table = SeriesTable.of_json(document(series) | {"series": series.to_list()})
    return replace(table, rule="mean") if temperature else table


def test_what_adds_up_is_summed_and_compared_over_the_steps_that_have_both():
    table, found = months(), numbers_of_period(months())
    value, normal = found.numbers["value"], found.numbers["normal"]
    np.testing.assert_allclose(value, [5 * 12, 10 * 12], rtol=0.01)  # for June, the mean stands
    np.testing.assert_allclose(normal, [15.5 * 12, 31 * 12], rtol=0.01)
    np.testing.assert_allclose(found.numbers["anomaly"], value - normal)
    np.testing.assert_allclose(found.numbers["percent_of_normal"], 100 * 5 / 15.5)
    ranks = numbers_at(table, 0).numbers["percentile_rank"]
    np.testing.assert_allclose(found.numbers["percentile_rank"], ranks)
    assert found.quantity == "total of rainfall, averaged over the area"


def test_what_does_not_add_up_is_averaged():
    found = numbers_of_period(months(temperature=True))
    np.testing.assert_allclose(found.numbers["value"], [5, 10])
    assert found.quantity.startswith("mean of")


def test_a_zone_with_too_few_days_has_no_number():
    table = months()
    values = table.values.copy()
    values[:4, 1] = np.nan
    found = numbers_of_period(replace(table, values=values))
    assert np.isfinite(found.numbers["value"]).tolist() == [True, False]


def test_one_step_is_the_whole_period():
    table = months()
    one = replace(
        table,
        times=table.times[:1],
        lengths=table.lengths[:1],
        values=table.values[:1],
        percent=table.percent[:1],
        complete=table.complete[:1],
        normals=None,
    )
    assert numbers_of_period(one).numbers["value"].tolist() == [5.0, 10.0]
