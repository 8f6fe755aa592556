"""The archives that the engine is measured on: daily rain that looks real, in several layouts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import netCDF4
import numpy as np
from numpy.typing import NDArray

CELLS, SIZE = 800, 0.05  #: 10 S to 30 N, 10 E to 50 E
LAT = -10 + SIZE * (np.arange(CELLS) + 0.5)
LON = 10 + SIZE * (np.arange(CELLS) + 0.5)
FILL = np.float32(-9999.0)
FIRST = 2015
VARIABLE = "precipitation"


@dataclass(frozen=True)
class Kind:
    """A layout: chunk lengths, how many years there are, a file a year or a day, packed or not."""

    chunks: tuple[int, int, int]
    years: int = 1
    daily: bool = False
    packed: bool = False


LAYOUTS = {
    "(31,256,256)": Kind((31, 256, 256), years=5),
    "(365,50,50)": Kind((365, 50, 50), years=5),
    "one map a chunk": Kind((1, CELLS, CELLS)),
    "daily files": Kind((1, CELLS, CELLS), daily=True),
    "packed int16": Kind((31, 256, 256), packed=True),
}


def folder_of(root: Path, name: str) -> Path:
    """Folder of a layout."""
    return root / "".join(c if c.isalnum() else "-" for c in name).strip("-")


def build(root: Path, tell: Callable[[str], None]) -> None:
    """Make what is not there yet; some minutes, 3 GB."""
    years = range(FIRST, FIRST + max(kind.years for kind in LAYOUTS.values()))
    missing = [year for year in years if not (root / f"{year}.done").exists()]
    with get_context("spawn").Pool(2) as pool:
        for year in pool.imap_unordered(_Year(root), missing):
            tell(f"archive: {year}")


@dataclass(frozen=True)
class _Year:
    root: Path

    def __call__(self, year: int) -> int:
        rain = np.stack(list(weather(year)))
        for name, kind in LAYOUTS.items():
            if year < FIRST + kind.years:
                _write_year(folder_of(self.root, name), kind, year, rain)
        (self.root / f"{year}.done").touch()
        return year


def weather(year: int) -> Iterator[NDArray[np.float32]]:
    """Yield a year of daily rain [mm/day]: wet and dry spells, zeros, sea without data."""
    random = np.random.default_rng(year)
    coarse, fine = _stretched(100), _stretched(400)
    sea = _sea()
    state = np.zeros((CELLS, CELLS))
    for day in range(365):  # leap days are left out: every year is alike
        noise = 0.9 * coarse @ random.standard_normal((100, 100)) @ coarse.T
        noise += 0.5 * fine @ random.standard_normal((400, 400)) @ fine.T
        state = 0.5 * state + 0.87 * noise
        season = 0.8 * np.cos(2 * np.pi * (day - 210) / 365 - (LAT[:, None] - 5) / 12)
        rain = (9 * np.maximum(state + season - 0.4, 0) ** 1.4).astype(np.float32)
        rain[sea] = FILL
        yield rain


def _stretched(count: int) -> NDArray[np.float64]:
    """Return what stretches ``count`` numbers to all cells, straight between them."""
    place = np.linspace(0, count - 1.001, CELLS)
    low = place.astype(int)
    matrix = np.zeros((CELLS, count))
    matrix[np.arange(CELLS), low] = 1 - (place - low)
    matrix[np.arange(CELLS), low + 1] = place - low
    return matrix


def _sea() -> NDArray[np.bool_]:
    """Where there are no data: the corners, with a ragged coast."""
    random = np.random.default_rng(1)
    rough = _stretched(40) @ random.standard_normal((40, 40)) @ _stretched(40).T
    y, x = np.mgrid[0:CELLS, 0:CELLS] / CELLS - 0.5
    return np.asarray(np.hypot(x, y) + 0.03 * rough > 0.52)


def _write_year(folder: Path, kind: Kind, year: int, rain: NDArray[np.float32]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if kind.daily:
        for day, field in enumerate(rain):
            _write(folder / f"{year}.{day + 1:03}.nc", kind, year, field[None], day)
    else:
        _write(folder / f"{year}.nc", kind, year, rain, 0)


def _write(path: Path, kind: Kind, year: int, rain: NDArray[np.float32], first: int) -> None:
    with netCDF4.Dataset(path, "w") as data:
        for name, numbers, units in (
            ("time", np.arange(first, first + len(rain)), f"days since {date(year, 1, 1)}"),
            ("latitude", LAT, "degrees_north"),
            ("longitude", LON, "degrees_east"),
        ):
            data.createDimension(name, len(numbers))
            axis = data.createVariable(name, "f8", (name,))
            axis.units = units
            axis[:] = numbers
        data["time"].calendar = "noleap"
        variable = data.createVariable(
            VARIABLE,
            "i2" if kind.packed else "f4",
            ("time", "latitude", "longitude"),
            zlib=True,
            complevel=4,
            chunksizes=kind.chunks,
            fill_value=np.int16(-32768) if kind.packed else FILL,
        )
        variable.units = "mm/day"
        variable.set_auto_maskandscale(False)
        if kind.packed:
            variable.scale_factor = 0.02
            rain = np.where(rain == FILL, -32768, np.round(rain / 0.02)).astype("i2")
        for start in range(0, len(rain), kind.chunks[0]):
            variable[start : start + kind.chunks[0]] = rain[start : start + kind.chunks[0]]
