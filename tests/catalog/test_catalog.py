"""Which granules a period needs; a broken one spoils only the requests that need it."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from csserv import Settings
from csserv.catalog import Catalog, CatalogEntry
from csserv.errors import GranuleError
from csserv.request import Period
from csserv.tasks.log.task import RequestRecord
from tests.files import LAT, LON, write_granule


@pytest.fixture
def rain(settings: Settings) -> CatalogEntry:
    """January, February, and a broken file of March."""
    assert settings.catalog is not None
    for month, first, count in ((4, 90, 30), (5, 120, 31)):
        ones = np.ones((count, len(LAT), len(LON)))
        days = first + np.arange(count)
        write_granule(settings.data / "rain" / f"rain_{month}.nc", ones, LAT, LON, days=days)
    (settings.data / "rain" / "rain_3.nc").write_text("no NetCDF")
    return Catalog.read(settings.data, settings.catalog)["rain"]


@pytest.mark.parametrize("period", ["2019-01", "2019-02", "2019-04", "2019-01/2019-02"])
def test_broken_granule_is_no_matter_to_other_months(rain: CatalogEntry, period: str):
    assert rain.covering(Period.parse(period))
    assert rain.extent() == ((2019, 1, 1), (2019, 5, 31))


@pytest.mark.parametrize("period", ["2019-03", "2019", "2019-02/2019-04", "2019-03-15"])
def test_broken_granule_is_named_where_its_month_is_asked_for(rain: CatalogEntry, period: str):
    with pytest.raises(GranuleError, match=r"rain_3\.nc"):
        rain.covering(Period.parse(period))


def test_broken_last_granule_may_hold_whatever_comes_after(rain: CatalogEntry):
    (rain.data / "rain" / "rain_6.nc").write_text("no NetCDF")
    assert rain.covering(Period.parse("2019-05"))
    with pytest.raises(GranuleError, match=r"rain_6\.nc"):
        rain.covering(Period.parse("2019-05/2021"))


@pytest.mark.parametrize(
    ("left", "said"),
    [(["a", "b"], "c is gone"), (["a", "c"], "one between a and c is gone"), ([], "a is gone")],
)
def test_granule_that_has_vanished_is_named(left: list[str], said: str):
    record = RequestRecord("rain", "mean", "2019", "", "", 1, "", 3, "a", "c")
    record.check(["a", "b", "c"])
    record.check(["a", "b", "b2", "c"])
    with pytest.raises(GranuleError, match=f"had 3 files.*has {len(left)} now: {said}"):
        record.check(left)


def test_those_here_are_those_of_which_each_has_files(rain: CatalogEntry, settings: Settings):
    assert settings.catalog is not None
    catalog = Catalog.read(settings.data, settings.catalog)
    assert "rain" in catalog.here()
    for path in (rain.data / "rain").iterdir():
        path.unlink()
    assert "rain" not in catalog.here()
    assert set(catalog.here()) == {one.name for one in catalog.values() if one.is_here}
    assert any(one.withdrawn for one in catalog.values())


def test_what_all_datasets_cover_is_what_each_says_whatever_has_changed(
    rain: CatalogEntry, settings: Settings
):
    catalog = Catalog.read(settings.data, settings.catalog)
    folder = rain.data / "rain"

    def is_as_one_by_one() -> None:
        for _ in range(2):  # what must be read first, and what is known
            assert catalog.coverages() == {
                name: one.coverage() for name, one in catalog.here().items()
            }

    is_as_one_by_one()
    (folder / "rain_5.nc").unlink()
    is_as_one_by_one()
    ones = np.ones((10, len(LAT), len(LON)))
    write_granule(folder / "rain_4.nc", ones, LAT, LON, days=200 + np.arange(10))
    is_as_one_by_one()
    assert str(catalog.coverages()["rain"].last) == "2019-07-29"  # type: ignore[union-attr]
    settled = time.time() - 60  # folders that changed a while ago are not looked at twice
    os.utime(folder, (settled, settled))
    is_as_one_by_one()
    for path in folder.iterdir():
        path.unlink()
    is_as_one_by_one()
    assert "rain" not in catalog.coverages()
    write_granule(folder / "rain_1.nc", ones, LAT, LON, days=np.arange(10))
    is_as_one_by_one()
    assert "rain" in catalog.coverages()


def test_look_at_all_files_is_shared_for_as_long_as_is_asked_for(
    rain: CatalogEntry, settings: Settings
):
    catalog = Catalog.read(settings.data, settings.catalog)
    assert "rain" in catalog.coverages()
    for path in (rain.data / "rain").iterdir():
        path.unlink()
    assert "rain" in catalog.coverages(within=600)
    assert "rain" not in catalog.coverages()
    assert "rain" not in catalog.coverages(within=600)  # of the last look


def test_who_has_added_a_file_finds_it_however_many_look_at_once(settings: Settings):
    assert settings.catalog is not None
    entry, folder = Catalog.read(settings.data, settings.catalog)["rain"], settings.data / "rain"
    ones = np.ones((1, len(LAT), len(LON)))
    write_granule(folder / "rain_0.nc", ones, LAT, LON, days=np.array([0]))
    source = (folder / "rain_0.nc").read_bytes()

    def add_and_look(name: str) -> bool:
        (folder / f"rain_{name}.nc").write_bytes(source)
        return folder / f"rain_{name}.nc" in entry._look()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(add_and_look, map(str, range(100, 180))))
