"""A normal is explained by the steps that it is made of, and it is told where it has moved."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from csserv import Area, Settings
from csserv.catalog import Catalog
from csserv.checking import Explanation, explain, moved, verify
from csserv.errors import GranuleError
from csserv.outputs import Result
from tests.files import LAT, LON, write_granule
from tests.outputs.exports import export

AREA = Area.from_box(20.0, 7.0, 22.0, 8.0)  #: two cells, of one row
YEARS = range(2000, 2013)
HOUR_AGO = time.time() - 3600


def _write(settings: Settings, year: int, more: float = 0.0) -> None:
    """Write the rain of each month: its number, and tenths of its year."""
    months = np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]")
    values = np.arange(1.0, 13.0) + (year - 2000) / 10 + more
    cells = np.broadcast_to(values[:, None, None], (12, 2, 4))
    days = (months.astype("datetime64[D]") - np.datetime64("2019-01-01")).astype(int)
    write_granule(settings.data / "rain" / f"{year}.nc", cells, LAT[:2], LON[:4], days=days)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml")
    row = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\nunits = "mm"\n'
    (tmp_path / "own.toml").write_text(row, encoding="utf-8")
    for year in YEARS:
        _write(found, year)
    for path in (found.data / "rain").iterdir():
        os.utime(path, (HOUR_AGO, HOUR_AGO))  # not while a result is computed
    return found


def _explain(settings: Settings, found: Result, date: str) -> Explanation:
    told = explain(found, Catalog.read(settings.data, settings.catalog), date)
    assert isinstance(told, Explanation)
    return told


@pytest.mark.parametrize("own_year", ["in", "out"])
def test_the_steps_of_a_normal_are_listed(settings: Settings, own_year: str) -> None:
    asked = {"against": "2000/2011", "own_year": own_year}
    found = export(settings, "rain", "mean", AREA, period="2005-02/2005-03", **asked)
    told = _explain(settings, found, "2005-03")
    assert told.normal is not None
    years = [year for year in range(2000, 2012) if own_year == "in" or year != 2005]
    assert told.normal.sample["year"].tolist() == years
    assert told.normal.sample["time"].tolist() == [f"{year}-03-01" for year in years]
    values = [3 + (year - 2000) / 10 for year in years]
    np.testing.assert_allclose(told.normal.sample["value"], values, rtol=1e-6)
    assert told.normal.normal == pytest.approx(np.mean(values))
    assert f"of {len(years)} years with data: the same step of 2000 to 2011" in str(told)
    assert "2007-03-01" in told._repr_html_()


def test_a_value_that_is_compared_with_nothing_has_no_normal(settings: Settings) -> None:
    found = export(settings, "rain", "mean", AREA, period="2005-03")
    assert _explain(settings, found, "2005-03").normal is None


@pytest.mark.parametrize("operation", ["mean", "netcdf"])
def test_a_normal_that_has_moved_is_told_where_the_value_has_not(
    settings: Settings, operation: str
) -> None:
    asked = {"against": "2000/2011"}
    found = export(settings, "rain", operation, AREA, period="2012-02/2012-04", **asked)
    catalog = Catalog.read(settings.data, settings.catalog)
    assert moved(found, catalog).is_still
    _write(settings, 2003, more=1.2)
    catalog = Catalog.read(settings.data, settings.catalog)
    said = moved(found, catalog)
    assert [(one.operation, one.time) for one in said.changes] == [
        ("normal", f"2012-0{month}-01") for month in (2, 3, 4)
    ]
    assert [one.difference for one in said.changes] == [pytest.approx(0.1)] * 3
    assert said.changes[0].why == "of its reference: 2003.nc has changed"
    assert "3 of 6 numbers have changed" in said.headline
    with pytest.raises(GranuleError, match="the normal computed again is"):
        _explain(settings, found, "2012-03")


def test_of_several_operations_each_normal_is_checked(settings: Settings) -> None:
    asked = {"against": "2000/2011", "period": "2012-03"}
    found = export(settings, "rain", "count,mean", AREA, **asked)
    catalog = Catalog.read(settings.data, settings.catalog)
    told = explain(found, catalog, "2012-03", operation="mean")
    assert isinstance(told, Explanation)
    assert told.normal is not None
    assert told.normal.normal == pytest.approx(3.55)
    assert verify(found, catalog).is_identical
    _write(settings, 2003, more=1.2)
    catalog = Catalog.read(settings.data, settings.catalog)
    said = moved(found, catalog)
    assert [(one.operation, one.units) for one in said.changes] == [("mean_normal", "mm")]
    assert "1 of 4 numbers has changed" in said.headline
    assert ": mean: normal of 2012-03-01 was 3.5" in str(verify(found, catalog))
