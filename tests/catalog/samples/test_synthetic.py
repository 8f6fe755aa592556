"""The synthetic sample archive."""

from __future__ import annotations

import hashlib
from pathlib import Path

import netCDF4
import numpy as np

from csserv.catalog.samples.synthetic import MARK, SampleSpec, build_sample_archive
from csserv.catalog.samples.weather import Weather

TINY = SampleSpec(
    west=36, south=-4, east=42, north=2, cell=0.25, years=(2019,), months=(4, 7), forecast_days=20
)


def sums(paths: list[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_same_bytes_each_time(tmp_path: Path):
    first = build_sample_archive(tmp_path / "a", spec=TINY)
    second = build_sample_archive(tmp_path / "b", spec=TINY)
    assert len(first) == 5
    assert sums(first) == sums(second)
    assert [path.name for path in first] == [
        "nmme-ccsm4.eastafrica.2.5deg.daily.ens01.nc4",
        "nmme-ccsm4.eastafrica.2.5deg.daily.ens02.nc4",
        "nmme-ccsm4.eastafrica.2.5deg.daily.ens03.nc4",
        "ucsb-chirps.eastafrica.0.25deg.daily.201904.nc4",
        "ucsb-chirps.eastafrica.0.25deg.daily.201907.nc4",
    ]
    assert not list(tmp_path.rglob("*.tmp"))


def test_finished_archive_is_kept_and_a_broken_one_mended(tmp_path: Path):
    made = build_sample_archive(tmp_path, spec=TINY)
    before = {path: path.stat().st_mtime_ns for path in made}
    kept = build_sample_archive(tmp_path, spec=TINY)
    assert kept == made
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    (tmp_path / MARK).unlink()
    made[0].unlink()
    assert build_sample_archive(tmp_path, spec=TINY) == made
    assert made[0].exists()


def test_a_file_missing_from_a_finished_archive_is_made_again(tmp_path: Path):
    made = build_sample_archive(tmp_path, spec=TINY)
    made[-1].unlink()
    assert build_sample_archive(tmp_path, spec=TINY) == made
    assert made[-1].exists()


def test_progress_reaches_the_total(tmp_path: Path):
    told: list[tuple[int, int]] = []
    build_sample_archive(tmp_path, lambda done, total: told.append((done, total)), TINY)
    assert told == [(n, 5) for n in range(1, 6)]


def test_rain_has_seasons_zeros_sea_and_neighbours(tmp_path: Path):
    build_sample_archive(tmp_path, spec=TINY)
    fields = []
    for month in ("04", "07"):
        name = f"ucsb-chirps.eastafrica.0.25deg.daily.2019{month}.nc4"
        with netCDF4.Dataset(tmp_path / "chirps" / name) as data:
            for text in (data.title, data.comment, data.source):
                assert "synthetic" in text.lower()
            assert data["precipitation_amount"].dimensions == ("time", "latitude", "longitude")
            fields.append(data["precipitation_amount"][:])
    wet, dry = fields
    assert wet.mean() > 2 * dry.mean()
    assert 0.5 < (np.ma.concatenate(fields) == 0).mean() < 0.9
    sea = wet.mask[0]
    assert 0.05 < sea.mean() < 0.5
    assert (wet.mask == sea).all()
    land = ~(sea[:, 1:] | sea[:, :-1])
    pairs = (wet[:, :, 1:].data[:, land], wet[:, :, :-1].data[:, land])
    assert np.corrcoef(pairs[0].ravel(), pairs[1].ravel())[0, 1] > 0.8
    days = wet.data[:, ~sea]
    assert np.corrcoef(days[1:].ravel(), days[:-1].ravel())[0, 1] > 0.2


def test_members_of_the_forecast_differ(tmp_path: Path):
    build_sample_archive(tmp_path, spec=TINY)
    means = set()
    for path in sorted((tmp_path / "ccsm4").glob("*.nc4")):
        with netCDF4.Dataset(path) as data:
            assert data["air_temperature"].units == "K"
            means.add(float(data["precipitation"][:].mean()))
    assert len(means) == 3


def test_no_place_is_more_changeable_than_another():
    lat, lon = SampleSpec(west=36, south=-1, east=38, north=1).centres(0.05)
    weather = Weather(1, lat, lon)
    warmth = []
    for _ in range(600):
        weather.step()
        warmth.append(weather.temperature(110))
    spread = np.var(warmth, axis=0)
    assert spread.std() < 0.15 * spread.mean()  # else the nodes of the noise show on maps


def test_temperature_changes_from_day_to_day(tmp_path: Path):
    made = build_sample_archive(tmp_path, spec=TINY)
    with netCDF4.Dataset(made[0]) as data:
        assert np.diff(data["air_temperature"][:], axis=0).std() > 0.2
