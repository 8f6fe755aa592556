"""The hash of a header changes with what the file says, and with nothing else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from csserv import Area, Settings
from csserv.catalog import Granule
from tests.files import LAT, LON, Layout, write_granule
from tests.outputs.exports import export

RAIN = np.random.default_rng(3).gamma(0.7, 8, (5, len(LAT), len(LON)))
PACKED = Layout(storage={"zlib": True, "chunksizes": (5, 3, 4)})


def hashed(path: Path) -> str:
    granule = Granule(path, "rain")
    return granule.header().sha256


def test_copy_with_another_time_and_name_has_the_same_hash(tmp_path: Path):
    path = write_granule(tmp_path / "a.nc", RAIN, LAT, LON, PACKED)
    copy = tmp_path / "b.nc"
    shutil.copy(path, copy)
    os.utime(copy, (1, 1))
    assert hashed(copy) == hashed(path)


@pytest.mark.parametrize("what", ["a number", "a time", "an attribute", "a coordinate"])
def test_file_that_says_something_else_has_another_hash(tmp_path: Path, what: str):
    path = write_granule(tmp_path / "a.nc", RAIN, LAT, LON, PACKED)
    before = hashed(path)
    values, days, lat = RAIN.copy(), np.arange(5.0), LAT + 0.0
    values[2] += 1.5 if what == "a number" else 0.0
    days[4] += 1.0 if what == "a time" else 0.0
    lat = lat + (0.25 if what == "a coordinate" else 0.0)
    write_granule(path, values, lat, LON, PACKED, days=days)
    if what == "an attribute":
        with netCDF4.Dataset(path, "a") as data:
            data["rain"].units = "cm/day"
    assert hashed(path) != before


def test_edges_that_were_meant_to_be_round_are_in_the_receipt(tmp_path: Path):
    lat = (0.05 * np.arange(40)[::-1] - 0.975).astype("f4")
    lon = LON[:4]
    values = np.ones((2, len(lat), len(lon)))
    for name, days in (("a", [0, 1]), ("b", [2, 3])):
        write_granule(tmp_path / "data" / "rain" / f"{name}.nc", values, lat, lon, days=days)
    write_granule(tmp_path / "data" / "even" / "a.nc", values[:, : len(LAT)], LAT, lon)
    row = '[{0}]\ntitle = "Rain"\nvariable = "rain"\nfiles = "{0}/*.nc"\n'
    (tmp_path / "own.toml").write_text(row.format("rain") + row.format("even"))
    settings = Settings(
        home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml"
    )
    area = Area.from_box(20, -0.5, 22, 0.5)

    told = export(settings, "rain", "mean", area).provenance["moved_edges"]

    (one,) = told  # once, though two files have it
    assert one["axis"] == "lat"
    assert one["edge"] != one["meant_edge"] == pytest.approx(-1.0, abs=1e-15)
    assert one["step"] != one["meant_step"] == pytest.approx(0.05, abs=1e-15)
    assert "moved_edges" not in export(settings, "even", "mean", area).provenance
