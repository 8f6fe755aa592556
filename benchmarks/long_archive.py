"""Forty years of daily rain over one country and around it, in two layouts: a file a year."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import netCDF4
import numpy as np
from numpy.typing import NDArray

from benchmarks.archive import SIZE, VARIABLE, folder_of

CELLS = 240
LAT = -3 + SIZE * (np.arange(CELLS) + 0.5)  #: 3 S to 9 N, and 23 E to 35 E
LON = 23 + SIZE * (np.arange(CELLS) + 0.5)
YEARS = range(1981, 2021)

#: layout → chunk lengths; no longer than the axes
LAYOUTS = {"(31,256,256)": (31, CELLS, CELLS), "(365,50,50)": (365, 50, 50)}


def long_archive(description: str | None) -> tuple[Path, int]:
    """Read what the command line says; return the folder of the archive, made, and the runs."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--archive", type=Path, default=Path("csserv-bench"))
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    root: Path = given.archive.absolute()
    root.mkdir(parents=True, exist_ok=True)
    build_long(root, print)
    return root, given.runs


def long_folder(root: Path, layout: str) -> Path:
    """Folder of a layout."""
    return root / f"long-{folder_of(root, layout).name}"


def long_files(root: Path, layout: str) -> list[Path]:
    """List the files of a layout, year by year."""
    return [long_folder(root, layout) / f"{year}.nc" for year in YEARS]


def build_long(root: Path, tell: Callable[[str], None]) -> None:
    """Make what is not there yet; some minutes, 3 GB."""
    missing = [year for year in YEARS if not (root / f"long-{year}.done").exists()]
    with get_context("spawn").Pool(2) as pool:
        for year in pool.imap_unordered(_Year(root), missing):
            tell(f"archive of 40 years: {year}")


@dataclass(frozen=True)
class _Year:
    root: Path

    def __call__(self, year: int) -> int:
        rain = weather(year)
        for layout, chunks in LAYOUTS.items():
            folder = long_folder(self.root, layout)
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / f"{year}.nc", year, rain, chunks)
        (self.root / f"long-{year}.done").touch()
        return year


def weather(year: int) -> NDArray[np.float32]:
    """Make a year of daily rain [mm/day]: two seasons, wet and dry spells, many zeros."""
    random = np.random.default_rng(year)
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    place = np.linspace(0, 28.999, CELLS)
    stretch = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(30)))  # straight between
    rain = np.empty((days, CELLS, CELLS), np.float32)
    state = random.standard_normal((30, 30))
    usual = random.normal(0, 0.25)  # of the year
    for day in range(days):
        state = 0.6 * state + 0.8 * random.standard_normal((30, 30))
        season = 0.7 * np.cos(4 * np.pi * (day - 105) / 365) + usual
        rough = 0.3 * random.standard_normal((CELLS, CELLS))
        wet = 1.2 * stretch @ state @ stretch.T + rough + season - 0.4
        rain[day] = 7 * np.maximum(wet, 0) ** 1.4
    return rain


def _write(path: Path, year: int, rain: NDArray[np.float32], chunks: tuple[int, int, int]) -> None:
    with netCDF4.Dataset(path, "w") as data:
        for name, numbers, units in (
            ("time", np.arange(len(rain)), f"days since {date(year, 1, 1)}"),
            ("latitude", LAT, "degrees_north"),
            ("longitude", LON, "degrees_east"),
        ):
            data.createDimension(name, len(numbers))
            axis = data.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = numbers
        dimensions = ("time", "latitude", "longitude")
        variable = data.createVariable(
            VARIABLE, "f4", dimensions, zlib=True, complevel=4, chunksizes=chunks, fill_value=-9999
        )
        variable.units = "mm/day"
        for start in range(0, len(rain), chunks[0]):
            variable[start : start + chunks[0]] = rain[start : start + chunks[0]]
