"""The sample data of 45 years have a climate: normals, terciles and drought indices make sense."""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import pytest

from csserv.catalog.samples.many_years import PRODUCTS, YEARS
from csserv.climatology.comparison import Comparison
from csserv.climatology.normals import compare
from tests.climatology.records import index, months

#: rows and columns of the cells of a square degree: the arid north-east, the shore of the lake
PLACES = (slice(32, 36), slice(32, 36)), (slice(22, 26), slice(8, 12))


@pytest.fixture(scope="module")
def monthly(climate_data: Path) -> dict[str, np.ndarray]:
    """Rain [mm] and temperature [degC] of the two places, (month, place)."""
    found = {}
    for kind, product in zip(("precipitation", "temperature"), PRODUCTS, strict=True):
        with netCDF4.Dataset(climate_data / product.file) as data:
            values = data[product.variable][:]
        dekads = np.stack([values[:, *place].mean(axis=(1, 2)) for place in PLACES], axis=1)
        rule = np.sum if kind == "precipitation" else np.mean
        found[kind] = rule(np.asarray(dekads, "f8").reshape(-1, 3, 2), axis=1)
    return found


def at_end_of(values: np.ndarray, year: int, month: int) -> np.ndarray:
    return values[(year - YEARS[0]) * 12 + month - 1]


def test_spi_of_three_months_tells_dry_and_wet_years(monthly: dict[str, np.ndarray]):
    spi = index("spi", monthly["precipitation"], months(), accumulate=3).values
    reference = spi[120:480]
    assert np.isfinite(spi[2:]).mean() > 0.98
    np.testing.assert_allclose(np.nanmean(reference, axis=0), 0.0, atol=0.15)
    np.testing.assert_allclose(np.nanstd(reference, axis=0), 1.0, atol=0.15)
    dry, by_the_lake = at_end_of(spi, 2011, 5)
    assert dry < -1.5 < -1.0 < by_the_lake
    assert (at_end_of(spi, 1997, 12) > 1.5).all()


def test_spei_is_lower_than_spi_in_the_warm_last_years(monthly: dict[str, np.ndarray]):
    spi = index("spi", monthly["precipitation"], months(), accumulate=12).values
    spei = index(
        "spei", monthly, months(), accumulate=12, latitudes=np.array([2.5, 0.0])
    ).values  # fmt: skip
    assert np.isfinite(spei[11:]).mean() > 0.98
    for place in (0, 1):
        known = np.isfinite(spi[:, place]) & np.isfinite(spei[:, place])
        assert np.corrcoef(spi[known, place], spei[known, place])[0, 1] > 0.8
    less = spei - spi
    assert (np.nanmean(less[-120:], axis=0) < np.nanmean(less[11:120], axis=0)).all()


def test_a_third_of_the_seasons_is_in_each_tercile(monthly: dict[str, np.ndarray]):
    by_year = monthly["precipitation"].reshape(len(YEARS), 12, 2)
    season = by_year[:, 2:5].sum(axis=1)
    years = np.array(YEARS)
    reference = np.flatnonzero((years >= 1991) & (years <= 2020))
    samples = np.tile(reference, (30, 1))
    found = compare(season, Comparison(reference, samples, years[samples], years[reference]))
    for name in ("below", "near", "above"):
        assert ((found["tercile"] == name).sum(axis=0) == 10).all()
    assert not np.isnan(found["percent_of_normal"]).any()
