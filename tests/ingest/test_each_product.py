from __future__ import annotations

import numpy as np
import pytest

from csserv.catalog.read.grid import Grid
from csserv.errors import InvalidRequestError
from csserv.ingest.products.product_table import Products
from csserv.ingest.replay.cds_jobs import PATH as JOBS
from csserv.ingest.replay.cds_jobs import CdsJobs
from csserv.ingest.replay.cmr_search import PATH as SEARCH
from csserv.ingest.replay.cmr_search import CmrSearch
from csserv.ingest.replay.ease_grid import ease_centres
from csserv.ingest.replay.made_files import made_values
from csserv.ingest.stored.box import whole

from .conftest import Stand

TABLE = Products.read()
FIT = [name for name, one in TABLE.items() if not one.unfit and one.dated]
ON_EASE = [name for name, one in TABLE.items() if not one.dated]
UNFIT = [name for name, one in TABLE.items() if one.unfit]

#: one of each kind of files
OF_A_KIND = {
    *("chirps", "chirps3", "imerg_final", "imerg_early_half_hourly", "arc2", "esi_4_week"),
    *("eviirs_ndvi_east_africa", "era5_land_precipitation", "fldas_soil_moisture_0_10_cm"),
}

#: days that hold two or three steps, at the end of a year that each product has
DAYS = {
    "30 minutes": ("2016-02-29", "2016-02-29"),
    "3 hours": ("2016-02-29", "2016-02-29"),
    "pentad": ("2016-02-21", "2016-03-05"),
    "dekad": ("2016-02-11", "2016-03-10"),
    "month": ("2016-01-01", "2016-03-31"),
}


@pytest.fixture
def cds(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDSAPI_KEY", "key")


@pytest.mark.parametrize(
    "name", [one if one in OF_A_KIND else pytest.param(one, marks=pytest.mark.slow) for one in FIT]
)
@pytest.mark.usefixtures("cds")
def test_each_product_comes_with_the_numbers_that_were_made(stand: Stand, name: str) -> None:
    product = stand.table[name]
    first, last = DAYS.get(product.step.name, ("2016-02-28", "2016-03-01"))
    every = [one for one in stand.table.values() if one.family == "cds"]
    stand.replay.parts[SEARCH] = CmrSearch(stand.replay)
    stand.replay.parts[JOBS] = CdsJobs(stand.replay, every)
    if product.family != "cds":
        assert stand.publish(name, f"{first}/{last}")
    done = stand.fetch(name, first, last)
    assert done.failures == []
    there = stand.numbers(name)
    assert len(there) == done.steps >= 2
    for start, values in there.items():
        made = stand.made(start)
        if product.scale == 0.01:  # a byte holds -0.99 to 1
            made = np.where(np.isnan(made), made, made.clip(-0.99, 1.0))
        np.testing.assert_allclose(values, made, atol=1e-5)
    assert stand.catalog[name].coverage().bounds == pytest.approx((34.0, -2.0, 40.0, 3.0))


@pytest.mark.parametrize("name", UNFIT)
def test_a_product_that_cannot_be_fetched_right_is_refused_in_words(
    stand: Stand, name: str
) -> None:
    with pytest.raises(InvalidRequestError, match=f"{name} cannot be fetched: a file is one"):
        stand.fetch(name, "2024-01-01")
    assert not stand.replay.asked


@pytest.mark.parametrize("name", ON_EASE)
def test_a_product_of_rows_of_equal_area_keeps_each_at_its_latitude(
    stand: Stand, name: str
) -> None:
    stand.replay.parts[SEARCH] = CmrSearch(stand.replay)
    stand.publish(name, "2016-02-29")
    done = stand.fetch(name, "2016-02-29", "2016-02-29")
    assert (done.steps, done.failures) == (8, [])
    grid = stand.replay.shelf.grid
    lat, lon = ease_centres(grid.rows, grid.columns)
    ((_, header), *_) = stand.archive(name).files()
    assert isinstance(header.grid, Grid)
    own = whole(header.grid)
    row = int(np.abs(lat - header.grid.lat(own)[0]).argmin())
    column = int(np.abs(lon - header.grid.lon(own)[0]).argmin())
    rows, columns = slice(row, row + own.rows), slice(column, column + own.columns)
    np.testing.assert_allclose(header.grid.lat(own), lat[rows], atol=1e-5)
    np.testing.assert_allclose(header.grid.lon(own), lon[columns], atol=1e-5)
    for start, values in stand.numbers(name).items():
        made = made_values(grid, start, "final")[rows, columns]
        np.testing.assert_allclose(values, made, atol=1e-5)
