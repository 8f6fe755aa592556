"""Datasets with ClimateSERV's numbers, every one checkable by hand, on the grid of ``files``.

The grid is 20 to 40 E, 8 N to 8 S, cells of one degree.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from tests.files import LAT, LON, Layout, write_granule

SHAPE = (len(LAT), len(LON))

#: dataset → number; the variable is rain
NUMBERS = {
    "warmth": 6,  #: K: as rain, but for the units; the 5th has no data
    "forecast": 7,  #: 1 mm/day for 180 days
    "ones": 26,
    "forecast_2": 9,  #: 3 mm/day for 180 days
    "half": 33,  #: 1 to 4 on the four cells of half a degree round 24.5 E, 0.5 N; elsewhere 9
    "turn": 32,  #: 1, 2, 3, … from 1 December 2018 to 28 February 2019, a file a month
    "hours": 41,  #: two days in steps of six hours: 1, 2, 3, …
    "gradient": 90,  #: the latitude of each centre, three days, from north to south
    "gradient_up": 91,  #: the same from south to north
    "long_numbered": 542,  #: ones, for eight years of 365 days
    "spoilt": 541,  #: its cells are broken, and nothing tells before they are read
}

#: datasets whose files are those of another one
FILES = {"long_numbered": "long"}

UNITS = {"warmth": "K"}

TABLE = "\n".join(
    f"""
[{name}]
title = "{name} of the tests"
variable = "rain"
files = "{FILES.get(name, name)}/*.nc"
units = "{UNITS.get(name, "mm/day")}"
number = {number}
"""
    for name, number in NUMBERS.items()
)


def write_numbered(data: Path) -> None:
    warm = np.concatenate([np.arange(1.0, 32.0), np.zeros(28)])
    warm[4] = np.nan
    write_levels(data / "warmth" / "a.nc", warm, Layout(attributes={"units": "K"}))
    write_levels(data / "forecast" / "a.nc", np.full(180, 1.0))
    write_levels(data / "forecast_2" / "a.nc", np.full(180, 3.0))
    write_levels(data / "ones" / "a.nc", np.ones(3))
    december = Layout(units="days since 2018-12-01")
    for month, first, last in ((12, 0, 31), (1, 31, 62), (2, 62, 90)):
        path = data / "turn" / f"turn_{month:02}.nc"
        write_levels(path, np.arange(first, last) + 1.0, december, np.arange(first, last))
    write_levels(data / "hours" / "a.nc", np.arange(8) + 1.0, days=np.arange(8) / 4)
    gradient = np.broadcast_to(LAT[None, :, None], (3, *SHAPE))
    write_granule(data / "gradient" / "a.nc", gradient, LAT, LON)
    write_granule(data / "gradient_up" / "a.nc", gradient, LAT, LON, Layout(south_up=True))
    half = np.full((3, 32, 40), 9.0)
    half[:, 14:16, 8:10] = [[1.0, 2.0], [3.0, 4.0]]
    lat, lon = np.arange(7.75, -8, -0.5), np.arange(20.25, 40, 0.5)
    write_granule(data / "half" / "a.nc", half, lat, lon)
    write_spoilt(data / "spoilt" / "a.nc")


def write_levels(
    path: Path, levels: np.ndarray, layout: Layout | None = None, days: np.ndarray | None = None
) -> None:
    """Write a field that is the same everywhere, a level a step."""
    values = np.array(np.broadcast_to(levels[:, None, None], (len(levels), *SHAPE)))
    write_granule(path, values, LAT, LON, layout, days)


def write_spoilt(path: Path) -> None:
    noise = np.random.default_rng(1).random((3, *SHAPE))
    write_granule(path, noise, LAT, LON, Layout(storage={"zlib": True, "chunksizes": (3, 16, 20)}))
    with h5py.File(path) as file:
        chunk = file["rain"].id.get_chunk_info(0)
    with path.open("r+b") as file:
        file.seek(chunk.byte_offset)
        file.write(bytes(chunk.size))
