"""Sample data of 45 years: a made-up climate that looks like one, and says that it is made up."""

from __future__ import annotations

import hashlib
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from csserv.catalog import Catalog
from csserv.catalog.samples.made_up_climate import LIKE_KNOWN_YEARS, LONG, MadeUpClimate
from csserv.catalog.samples.many_years import PRODUCTS, YEARS, build_many_years
from csserv.request import Period
from csserv.zonal.conversion import describe_over_time

#: west, south, east, north
LAKE_SHORE, NORTH_EAST = (34.0, -0.5, 35.0, 0.5), (39.5, 0.0, 41.0, 3.5)


@pytest.fixture(scope="module")
def rain(climate_data: Path) -> np.ma.MaskedArray:
    """(year, dekad, lat, lon) [mm]."""
    return _read(climate_data, 0)


@pytest.fixture(scope="module")
def warmth(climate_data: Path) -> np.ma.MaskedArray:
    """(year, dekad, lat, lon) [degC]."""
    return _read(climate_data, 1)


def _read(folder: Path, product: int) -> np.ma.MaskedArray:
    one = PRODUCTS[product]
    with netCDF4.Dataset(folder / one.file) as data:
        values = data[one.variable][:].astype("f8")
    return values.reshape(len(YEARS), 36, *values.shape[1:])


def mean_over(values: np.ma.MaskedArray, box: tuple[float, float, float, float]) -> np.ndarray:
    """(year, dekad) mean over a box of whole cells."""
    west, south, east, north = box
    rows = slice(round((south + 6) * 4), round((north + 6) * 4))
    columns = slice(round((west - 32) * 4), round((east - 32) * 4))
    return np.asarray(values[:, :, rows, columns].mean(axis=(2, 3)))


def test_the_same_bytes_each_time_and_those_that_are_there_are_kept(
    climate_data: Path, tmp_path: Path
):
    made = build_many_years(tmp_path)
    for path in made:
        other = climate_data / path.relative_to(tmp_path)
        assert hashlib.sha256(path.read_bytes()).digest() == (
            hashlib.sha256(other.read_bytes()).digest()
        )
    assert sum(path.stat().st_size for path in made) < 5e6
    before = [path.stat().st_mtime_ns for path in made]
    assert build_many_years(tmp_path) == made
    assert [path.stat().st_mtime_ns for path in made] == before
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_file_of_an_older_format_or_a_missing_one_is_made_anew(tmp_path: Path):
    rain, warmth = build_many_years(tmp_path)
    whole, kept = rain.read_bytes(), warmth.stat().st_mtime_ns
    with netCDF4.Dataset(rain, "a") as data:
        data.sample_format = "0"
    build_many_years(tmp_path)
    assert rain.read_bytes() == whole
    rain.unlink()
    build_many_years(tmp_path)
    assert rain.read_bytes() == whole
    assert warmth.stat().st_mtime_ns == kept


def test_files_and_rows_say_that_they_are_synthetic(climate_data: Path):
    catalog = Catalog.read(climate_data)
    for product in PRODUCTS:
        entry = catalog[product.name]
        for text in (entry.title, entry.source, entry.citation, entry.licence, entry.name):
            assert "synthetic" in text.lower()
        with netCDF4.Dataset(climate_data / product.file) as data:
            for text in (data.title, data.comment, data.source, data[product.variable].long_name):
                assert "synthetic" in text.lower()


def test_an_answer_says_in_a_note_that_its_data_are_synthetic(climate_data: Path):
    for name in ("synthetic_rain", "synthetic_temperature"):
        note = Catalog.read(climate_data)[name].covering(Period.parse("2011")).notes[0]
        assert str(note) == "synthetic data, not observations: made from random numbers"
        assert note.code == "synthetic"


@pytest.mark.parametrize(
    ("name", "units", "rule"), [("rain", "mm", "sum"), ("temperature", "degC", "mean")]
)
def test_they_are_whole_dekads_of_45_years(climate_data: Path, name: str, units: str, rule: str):
    entry = Catalog.read(climate_data)[f"synthetic_{name}"]
    there = entry.coverage()
    assert (there.first, there.last) == ("1981-01-01", "2025-12-21")
    assert (there.steps, there.time_step, there.gaps) == (45 * 36, "dekad", ())
    assert there.units == units
    assert there.bounds == (32.0, -6.0, 44.0, 6.0)
    assert describe_over_time(entry, entry.timeline()).startswith(rule)


def test_it_rains_in_two_seasons_and_most_in_the_first(rain: np.ma.MaskedArray):
    for box in (LAKE_SHORE, NORTH_EAST):
        usual = mean_over(rain, box).mean(axis=0)
        long_rains, short_rains = usual[6:15].sum(), usual[27:].sum()
        assert long_rains > short_rains > 3 * usual[:6].sum()
        assert long_rains + short_rains > 1.8 * usual[15:27].sum()


def test_dry_lands_have_many_dekads_without_rain_and_wet_ones_few(rain: np.ma.MaskedArray):
    dry, wet = (mean_over(rain == 0, box).mean() for box in (NORTH_EAST, LAKE_SHORE))
    assert 0.5 < dry < 0.7
    assert wet < 0.1
    assert 150 < mean_over(rain, NORTH_EAST).sum(axis=1).mean() < 350
    assert 1000 < mean_over(rain, LAKE_SHORE).sum(axis=1).mean() < 1800
    assert rain.min() == 0


def test_the_sea_is_missing_always_and_the_land_never(
    rain: np.ma.MaskedArray, warmth: np.ma.MaskedArray
):
    sea = rain.mask[0, 0]
    assert 0.1 < sea.mean() < 0.3
    assert (rain.mask == sea).all()
    assert (warmth.mask == sea).all()


def test_years_like_those_remembered_are_dry_or_wet(rain: np.ma.MaskedArray):
    land = np.asarray(rain.mean(axis=(2, 3)))
    for (year, season), push in LIKE_KNOWN_YEARS.items():
        months = slice(6, 15) if season == LONG else slice(27, 36)
        total = land[:, months].sum(axis=1)
        if abs(push) > 1:
            assert (total[year - YEARS[0]] - np.median(total)) * push > 0, (year, season)


def test_the_drought_of_2011_is_one_of_the_east(rain: np.ma.MaskedArray):
    """As it was; so districts differ where a page compares them."""
    for box, low, high in ((NORTH_EAST, 0.1, 0.5), (LAKE_SHORE, 0.7, 1.1)):
        season = mean_over(rain, box)[:, 6:15].sum(axis=1)
        share = season[2011 - YEARS[0]] / season[10:40].mean()
        assert low < share < high


def test_dry_years_follow_dry_years_and_warm_ones_are_dry(
    rain: np.ma.MaskedArray, warmth: np.ma.MaskedArray
):
    wet, warm = (np.asarray(one.mean(axis=(1, 2, 3))) for one in (rain, warmth))
    assert 0.1 < np.corrcoef(wet[1:], wet[:-1])[0, 1] < 0.6
    slope, start = np.polyfit(YEARS, warm, 1)
    assert 0.015 < slope < 0.035
    assert np.corrcoef(wet, warm - slope * np.array(YEARS) - start)[0, 1] < -0.4


def test_a_climate_depends_on_places_and_years_alone():
    lat, lon = np.array([0.0, 2.0]), np.array([36.0, 40.0])
    climate = MadeUpClimate(lat, lon, np.array([42.0, 43.0]), range(1990, 1992))
    again = MadeUpClimate(lat, lon, np.array([42.0, 43.0]), range(1990, 1992))
    assert (climate.rain() == again.rain()).all()
    assert climate.rain().shape == (72, 2, 2)
    assert (climate.temperature() % 0.125 == 0).all()
