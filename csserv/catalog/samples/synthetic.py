"""The synthetic sample archive: made-up rainfall and a made-up forecast that look plausible."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.catalog import TABLE
from csserv.catalog.row_fields import Row
from csserv.catalog.toml_table import put_rows

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

SEED = 20190101
FILL = np.float32(-9999.0)
MARK = "SYNTHETIC.txt"
VERSION = "synthetic sample data of csserv, format 2; not observations\n"

#: the East African coast, roughly (a line through a few towns, no survey; islands are sea):
#: latitude → longitude east of which is sea [degrees]
COAST_LAT = (-12.0, -8.0, -6.5, -4.7, -4.05, -3.2, -2.3, -1.7, -0.4, 2.0, 5.0, 11.0)
COAST_LON = (40.5, 39.5, 38.9, 39.3, 39.75, 40.2, 41.0, 41.6, 42.6, 45.4, 48.2, 51.3)


@dataclass(frozen=True)
class SampleSpec:
    """Size of the archive: bounding box and cell size [degrees], years and months."""

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
        """Return cell latitudes from south to north, and longitudes from west to east [degrees]."""
        rows = round((self.north - self.south) / cell)
        columns = round((self.east - self.west) / cell)
        lat = self.south + cell * (np.arange(rows) + 0.5)
        lon = self.west + cell * (np.arange(columns) + 0.5)
        return lat.astype(np.float64), lon.astype(np.float64)


def build_sample_archive(
    folder: Path, progress: Progress | None = None, spec: SampleSpec | None = None
) -> list[Path]:
    """Make the archive, always with the same bytes; one that is complete already is kept.

    Its table of datasets is written first, and also when the archive exists, so that the data are
    never taken for the real products of the same catalog names.

    Parameters
    ----------
    folder : gets ``datasets.toml``, ``chirps/``, ``ccsm4/`` and, at the end, a marker file
    progress : called with the number of files done and the number of all
    spec : size of the archive; three years of East Africa if None

    Returns
    -------
    paths of all files, sorted, whether they were made now or before
    """
    spec = spec or SampleSpec()
    put_rows(folder / TABLE, _rows(spec))
    mark = folder / MARK
    files = sorted([*_rain_paths(folder, spec), *_forecast_paths(folder, spec)])
    if _holds(mark, f"{VERSION}{spec}\n") and all(path.exists() for path in files):
        return files
    mark.unlink(missing_ok=True)
    for done, _ in enumerate(_build(folder, spec), start=1):
        if progress:
            progress(done, len(files))
    draft = mark.with_suffix(".tmp")
    draft.write_text(f"{VERSION}{spec}\n", encoding="utf-8")
    draft.replace(mark)
    return files


def _rows(spec: SampleSpec) -> dict[str, Row]:
    """Return the catalog rows of the sample datasets, which take the place of the real products."""
    synthetic = {
        "time_step": "day",
        "region": "East Africa (part)",
        "licence": "MIT (synthetic)",
    }
    rain = {
        "title": "CHIRPS-like daily rainfall, East Africa (synthetic sample)",
        "description": "Made from random numbers, with seasons, zeros and sea; not an observation.",
        "number": 0,
        "old_name": "CHIRPS",
        "variable": "precipitation_amount",
        "files": "chirps/ucsb-chirps.eastafrica.*.nc4",
        "units": "mm/day",
        "resolution": f"{spec.cell:g} degrees",
        "source": "synthetic: made by `csserv sample-data`, in the layout of UCSB CHIRPS 2.0",
        "citation": "Synthetic rainfall made by csserv; not an observation.",
    }
    forecast = {
        "members": spec.members,
        "number_step": 2,
        "description": "Made from random numbers, with seasons; not a forecast.",
        "files": "ccsm4/nmme-ccsm4.eastafrica.*.ens{member:02}.nc4",
        "resolution": f"{10 * spec.cell:g} degrees",
        "source": "synthetic: made by `csserv sample-data`, in the layout of NMME CCSM4",
        "citation": "Synthetic forecast made by csserv; not a forecast.",
    }
    rows = {"chirps": rain | synthetic}
    for number, variable, what, units in (
        (6, "air_temperature", "air temperature", "K"),
        (7, "precipitation", "precipitation", "mm/day"),
    ):
        title = f"CCSM4-like daily forecast, member {{member}}, {what} (synthetic sample)"
        own = {"title": title, "number": number, "variable": variable, "units": units}
        rows[f"ccsm4_ens{{member:02}}_{variable}"] = own | forecast | synthetic
    return rows


def _holds(mark: Path, text: str) -> bool:
    return mark.exists() and mark.read_text(encoding="utf-8") == text


def _build(folder: Path, spec: SampleSpec) -> Iterator[Path]:
    (folder / "chirps").mkdir(parents=True, exist_ok=True)
    (folder / "ccsm4").mkdir(exist_ok=True)
    yield from _rainfall(folder, spec)
    for member, path in enumerate(_forecast_paths(folder, spec), start=1):
        yield _forecast(path, spec, member)


def _months(spec: SampleSpec) -> list[date]:
    return [date(year, month, 1) for year in spec.years for month in spec.months]


def _rain_paths(folder: Path, spec: SampleSpec) -> list[Path]:
    stem = f"ucsb-chirps.eastafrica.{spec.cell:g}deg.daily"
    return [folder / "chirps" / f"{stem}.{first:%Y%m}.nc4" for first in _months(spec)]


def _forecast_paths(folder: Path, spec: SampleSpec) -> list[Path]:
    stem = f"nmme-ccsm4.eastafrica.{10 * spec.cell:g}deg.daily"
    return [folder / "ccsm4" / f"{stem}.ens{n + 1:02}.nc4" for n in range(spec.members)]


def _rainfall(folder: Path, spec: SampleSpec) -> Iterator[Path]:
    lat, lon = spec.centres(spec.cell)
    weather = Weather(0, lat, lon)
    sea = lon[None, :] > np.interp(lat, COAST_LAT, COAST_LON)[:, None]
    for first, path in zip(_months(spec), _rain_paths(folder, spec), strict=True):
        days = calendar.monthrange(first.year, first.month)[1]
        rain = np.empty((days, len(lat), len(lon)), dtype=np.float32)
        for day in range(days):
            weather.step()
            rain[day] = weather.rain(first.timetuple().tm_yday + day)
        rain[:, sea] = FILL
        yield _write(path, first, lat, lon, {"precipitation_amount": rain})


def _forecast(path: Path, spec: SampleSpec, member: int) -> Path:
    lat, lon = spec.centres(10 * spec.cell)
    weather = Weather(member, lat, lon)
    first = date(2021, 12, 1)
    shape = (spec.forecast_days, len(lat), len(lon))
    warmth, rain = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.float32)
    for step in range(spec.forecast_days):
        weather.step()
        warmth[step] = weather.temperature(first.timetuple().tm_yday + step)
        rain[step] = weather.rain(first.timetuple().tm_yday + step)
    return _write(path, first, lat, lon, {"air_temperature": warmth, "precipitation": rain})


class Weather:
    """Smooth random fields, correlated from day to day, with a seasonal cycle."""

    def __init__(self, stream: int, lat: Floats, lon: Floats) -> None:
        self._stream, self._steps = stream, 0
        self._lat, self._lon = np.meshgrid(lat, lon, indexing="ij")
        self._climate = self._wetness()
        self._state = self._noise()

    def step(self) -> None:
        """Advance by a day; fields keep 0.6 of the day before."""
        self._steps += 1
        self._state = 0.6 * self._state + 0.8 * self._noise()

    def rain(self, day: int) -> Floats:
        """Rain of a day [mm/day], zero in most cells; rounded to 1/64 to compress well."""
        wet = np.maximum(self._state + self._season(day) + self._climate, 0.0)
        return np.asarray(np.round(wet**1.4 * 9.0 * 64) / 64)

    def temperature(self, day: int) -> Floats:
        """Temperature of a day [K], highest in March, lower where it is wet."""
        year = np.cos(2 * np.pi * (day - 75) / 365.25)
        warmth = 298.0 + 2.0 * year - 1.5 * self._state - 0.2 * self._lat
        return np.asarray(np.round(warmth * 64) / 64)

    def _wetness(self) -> Floats:
        """Return a map: drier to the north-east, wetter in the highlands beside the Rift."""
        dry = 0.06 * (self._lon - 37.0) + 0.03 * self._lat
        hills = (self._lat / 2.0) ** 2 + ((self._lon - 35.8) / 1.6) ** 2
        return np.asarray(0.4 * np.exp(-hills) - dry - 0.75)

    def _season(self, day: int) -> Floats:
        """Long rains around 20 April and short rains around 10 November, later with latitude."""
        long_rains, short_rains = 110 + 3 * self._lat, 315 - 3 * self._lat

        def near(peak: Floats, width: float) -> Floats:
            away = (day - peak + 182.6) % 365.25 - 182.6
            return np.asarray(np.exp(-((away / width) ** 2)))

        return np.asarray(1.1 * near(long_rains, 40.0) + 0.8 * near(short_rains, 32.0) - 0.35)

    def _noise(self) -> Floats:
        """Return noise of two scales and unit variance; each day has its own random generator."""
        random = np.random.Generator(np.random.PCG64([SEED, self._stream, self._steps]))
        return 0.84 * self._smooth(random, 1.8) + 0.54 * self._smooth(random, 0.5)

    def _smooth(self, random: np.random.Generator, scale: float) -> Floats:
        rows = _spread((self._lat[:, 0] - self._lat[0, 0]) / scale)
        columns = _spread((self._lon[0] - self._lon[0, 0]) / scale)
        nodes = random.standard_normal((rows.shape[1], columns.shape[1]))
        return np.asarray(rows @ nodes @ columns.T)


def _spread(places: Floats) -> Floats:
    """(places, nodes) bell-shaped weights; the squares of each place sum to 1 (equal variance)."""
    nodes = np.arange(-3, int(places[-1]) + 5)
    weights = np.exp(-(((places[:, None] - nodes) / 0.9) ** 2))
    return np.asarray(weights / np.sqrt((weights**2).sum(axis=1, keepdims=True)))


#: variable → units, standard name, long name, cell methods
VARIABLES = {
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
        data.source = "synthetic: seeded random fields, neither observed nor modelled"
        data.comment = "Synthetic: made from random numbers, in the layout of a real product."
        steps = len(next(iter(fields.values())))
        _coordinates(data, first, steps, lat, lon)
        chunks = (min(steps, 31), min(len(lat), 60), min(len(lon), 60))
        for name, values in fields.items():
            units, standard, long_name, methods = VARIABLES[name]
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
