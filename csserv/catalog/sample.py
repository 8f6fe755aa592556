"""The synthetic sample archive: rainfall and a forecast that look real, and are not."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import netCDF4
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

SEED = 20190101
FILL = np.float32(-9999.0)
MARK = "SYNTHETIC.txt"
VERSION = "synthetic sample data of csserv, format 1; not observations\n"

#: the East African coast, roughly: latitude → longitude east of which is sea [degrees]
COAST_LAT = (-12.0, -8.0, -6.5, -4.7, -4.05, -3.2, -2.3, -1.7, -0.4, 2.0, 5.0, 11.0)
COAST_LON = (40.5, 39.5, 38.9, 39.3, 39.75, 40.2, 41.0, 41.6, 42.6, 45.4, 48.2, 51.3)


@dataclass(frozen=True)
class SampleSpec:
    """How much to make: a box [degrees], the size of a cell, the years and months."""

    west: float = 32.0
    south: float = -6.0
    east: float = 44.0
    north: float = 6.0
    cell: float = 0.05
    years: tuple[int, ...] = (2019, 2020, 2021)
    months: tuple[int, ...] = tuple(range(1, 13))
    members: int = 3
    forecast_days: int = 180

    def centres(self, cell: float) -> tuple[Floats, Floats]:
        """Latitudes from south to north, and longitudes [degrees]."""
        rows = round((self.north - self.south) / cell)
        columns = round((self.east - self.west) / cell)
        lat = self.south + cell * (np.arange(rows) + 0.5)
        lon = self.west + cell * (np.arange(columns) + 0.5)
        return lat.astype(np.float64), lon.astype(np.float64)


def build_sample_archive(
    folder: Path, progress: Progress | None = None, spec: SampleSpec | None = None
) -> list[Path]:
    """Make the archive, the same bytes each time; a finished one is kept.

    Parameters
    ----------
    folder : gets ``chirps/`` and ``ccsm4/``
    progress : told the files done and to do
    """
    spec = spec or SampleSpec()
    mark = folder / MARK
    if mark.exists() and mark.read_text() == f"{VERSION}{spec}\n":
        return sorted([*folder.glob("chirps/*.nc4"), *folder.glob("ccsm4/*.nc4")])
    mark.unlink(missing_ok=True)
    total = len(spec.years) * len(spec.months) + spec.members
    made: list[Path] = []
    for path in _build(folder, spec):
        made.append(path)
        if progress:
            progress(len(made), total)
    mark.write_text(f"{VERSION}{spec}\n")
    return sorted(made, reverse=True)


def _build(folder: Path, spec: SampleSpec) -> Iterator[Path]:
    (folder / "chirps").mkdir(parents=True, exist_ok=True)
    (folder / "ccsm4").mkdir(exist_ok=True)
    yield from _rainfall(folder / "chirps", spec)
    for member in range(1, spec.members + 1):
        yield _forecast(folder / "ccsm4", spec, member)


def _rainfall(folder: Path, spec: SampleSpec) -> Iterator[Path]:
    lat, lon = spec.centres(spec.cell)
    weather = Weather(np.random.default_rng(SEED), lat, lon)
    sea = lon[None, :] > np.interp(lat, COAST_LAT, COAST_LON)[:, None]
    for year in spec.years:
        for month in spec.months:
            days = calendar.monthrange(year, month)[1]
            first = date(year, month, 1)
            rain = np.stack(
                [weather.rain(first.timetuple().tm_yday + day) for day in range(days)]
            ).astype(np.float32)
            rain[:, sea] = FILL
            path = folder / f"ucsb-chirps.eastafrica.{spec.cell:g}deg.daily.{year}{month:02}.nc4"
            yield _write(path, first, lat, lon, {"precipitation_amount": rain})


def _forecast(folder: Path, spec: SampleSpec, member: int) -> Path:
    cell = 10 * spec.cell
    lat, lon = spec.centres(cell)
    weather = Weather(np.random.default_rng([SEED, member]), lat, lon)
    first = date(2021, 12, 1)
    days = [first.timetuple().tm_yday + day for day in range(spec.forecast_days)]
    fields = {
        "air_temperature": np.stack([weather.temperature(day) for day in days]),
        "precipitation": np.stack([weather.rain(day) for day in days]),
    }
    path = folder / f"nmme-ccsm4.eastafrica.{cell:g}deg.daily.ens{member:02}.nc4"
    return _write(path, first, lat, lon, {k: v.astype(np.float32) for k, v in fields.items()})


class Weather:
    """Smooth random fields that remember yesterday, under a seasonal cycle."""

    def __init__(self, random: np.random.Generator, lat: Floats, lon: Floats) -> None:
        self._random = random
        self._lat, self._lon = np.meshgrid(lat, lon, indexing="ij")
        self._state = self._noise()

    def rain(self, day: int) -> Floats:
        """Rain of the next day [mm/day], zero on most; rounded to 1/64 so that it packs well."""
        self._state = 0.6 * self._state + 0.8 * self._noise()
        wet = self._state + self._season(day) - 0.75 - 0.06 * (self._lon - 37.0)
        return np.round(np.maximum(wet, 0.0) ** 1.4 * 9.0 * 64) / 64

    def temperature(self, day: int) -> Floats:
        """Temperature of a day [K], warmest in March, lower where it is wet."""
        year = np.cos(2 * np.pi * (day - 75) / 365.25)
        warm = 298.0 + 2.0 * year - 1.5 * self._state - 0.2 * self._lat
        return np.asarray(np.round(warm * 64) / 64, np.float64)

    def _season(self, day: int) -> Floats:
        """Long rains about 20 April and short rains about 10 November, moving with latitude."""
        long_rains, short_rains = 110 + 3 * self._lat, 315 - 3 * self._lat

        def near(peak: Floats, width: float) -> Floats:
            away = (day - peak + 182.6) % 365.25 - 182.6
            return np.exp(-((away / width) ** 2))

        return np.asarray(1.1 * near(long_rains, 40.0) + 0.8 * near(short_rains, 32.0) - 0.35)

    def _noise(self) -> Floats:
        """Two scales of bilinear noise, about 2.5 and 0.6 degrees, of about unit variance."""
        noise = 1.1 * self._smooth(2.5) + 0.7 * self._smooth(0.6)
        return np.asarray(noise, np.float64)

    def _smooth(self, scale: float) -> Floats:
        x = (self._lon[0] - self._lon[0, 0]) / scale
        y = (self._lat[:, 0] - self._lat[0, 0]) / scale
        nodes = self._random.standard_normal((int(y[-1]) + 2, int(x[-1]) + 2))
        return np.asarray(_spread(y, len(nodes)) @ nodes @ _spread(x, nodes.shape[1]).T)


def _spread(places: Floats, nodes: int) -> Floats:
    """``(places, nodes)`` smooth interpolation: each row sums to 1."""
    low = places.astype(int)
    part = places - low
    part = part * part * (3 - 2 * part)
    matrix = np.zeros((len(places), nodes))
    matrix[np.arange(len(places)), low] = 1 - part
    matrix[np.arange(len(places)), low + 1] += part
    return matrix


#: variable → units, standard name, long name, cell methods
MEANING = {
    "precipitation_amount": (
        "mm/day",
        "lwe_precipitation_rate",
        "rainfall (synthetic)",
        "time: mean",
    ),
    "precipitation": ("mm/day", "lwe_precipitation_rate", "rainfall (synthetic)", "time: mean"),
    "air_temperature": ("K", "air_temperature", "air temperature (synthetic)", "time: mean"),
}


def _write(
    path: Path, first: date, lat: Floats, lon: Floats, fields: dict[str, NDArray[np.float32]]
) -> Path:
    draft = path.with_suffix(".tmp")
    with netCDF4.Dataset(draft, "w", format="NETCDF4") as data:
        data.Conventions = "CF-1.8"
        data.title = "SYNTHETIC sample data of csserv"
        data.comment = "Synthetic: made from random numbers, in the layout of a real product."
        steps = len(next(iter(fields.values())))
        _coordinates(data, first, steps, lat, lon)
        chunks = (min(steps, 31), min(len(lat), 60), min(len(lon), 60))
        for name, values in fields.items():
            units, standard, long_name, methods = MEANING[name]
            variable = data.createVariable(
                name,
                "f4",
                ("time", "latitude", "longitude"),
                zlib=True,
                complevel=4,
                shuffle=True,
                chunksizes=chunks,
                fill_value=FILL,
            )
            variable.units, variable.standard_name = units, standard
            variable.long_name, variable.cell_methods = long_name, methods
            variable[:] = values
    draft.replace(path)
    return path


def _coordinates(data: netCDF4.Dataset, first: date, steps: int, lat: Floats, lon: Floats) -> None:
    origin = date(1980, 1, 1)
    for name, values, units, axis in (
        ("time", (first - origin).days + np.arange(steps), f"days since {origin} 00:00:00", "T"),
        ("latitude", lat, "degrees_north", "Y"),
        ("longitude", lon, "degrees_east", "X"),
    ):
        data.createDimension(name, len(values))
        variable = data.createVariable(name, "f8" if name == "time" else "f4", (name,))
        variable.units, variable.axis, variable.standard_name = units, axis, name
        if name == "time":
            variable.calendar = "standard"
        variable[:] = values
