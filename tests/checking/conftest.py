"""A service whose results are explained and verified: uneven numbers, gaps, two files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from csserv import Area, Service, Settings, Zone
from tests.files import LAT, LON, Layout, write_granule

TABLE = """
[rain]
title = "Rain"
variable = "rain"
files = "rain/*.nc"
citation = "Nobody (2019): 100 % made up."
licence = "MIT"

[flat]
title = "A constant"
variable = "rain"
files = "flat/*.nc"
"""
NAMES = {"long_name": "rainfall", "standard_name": "lwe_precipitation_rate"}
PACKED = Layout(
    attributes=NAMES | {"scale_factor": 0.01, "add_offset": 5.0, "_FillValue": -9999}, dtype="i2"
)

#: a triangle that cuts cells, and a box that shares some of them
ZONES = Area(
    (
        Zone("t", "triangle", shapely.Polygon([(30.2, -3.3), (35.7, -2.1), (32.4, 3.8)])),
        Zone("b", "box", shapely.box(32.0, -2.5, 36.25, 2.0)),
    ),
    "two zones",
)


def write_rain(folder: Path, seed: int = 7) -> None:
    """Two months of stored numbers from a seed, one of ten missing."""
    random = np.random.default_rng(seed)
    for month, first, count in ((1, 0, 31), (2, 31, 28)):
        stored = random.integers(-400, 4000, (count, len(LAT), len(LON)))
        stored[random.random(stored.shape) < 0.1] = -9999
        path = folder / f"rain_{month}.nc"
        write_granule(path, stored, LAT, LON, PACKED, first + np.arange(count))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("checking")
    write_rain(folder / "data" / "rain")
    flat = np.full((3, len(LAT), len(LON)), 300.1)
    chunks = Layout(storage={"chunksizes": (1, 3, 4), "zlib": True})
    write_granule(folder / "data" / "flat" / "flat.nc", flat, LAT, LON, chunks)
    (folder / "own.toml").write_text(TABLE)
    settings = Settings(
        home=folder / "home", data=folder / "data", catalog=folder / "own.toml", workers=1
    )
    with Service(settings) as service:
        yield service
