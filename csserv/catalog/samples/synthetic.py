"""The synthetic sample archive: made-up rainfall and a made-up forecast that look plausible."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from csserv.catalog.catalog import TABLE
from csserv.catalog.row_fields import Row
from csserv.catalog.samples.sample_files import (
    FILL,
    ORIGIN,
    SampleAxes,
    SampleField,
    SampleVariable,
    write_sample,
)
from csserv.catalog.samples.weather import Floats, Weather, is_sea
from csserv.catalog.toml_table import put_rows
from csserv.machine.written_whole import written_whole

Progress = Callable[[int, int], None]

MARK = "SYNTHETIC.txt"
VERSION = "synthetic sample data of csserv, format 2; not observations\n"

RAIN = SampleVariable("mm/day", "lwe_precipitation_rate", "rainfall (synthetic)")
WARMTH = SampleVariable("K", "air_temperature", "air temperature (synthetic)")


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
    with written_whole(mark, synced=False) as draft:
        draft.write_text(f"{VERSION}{spec}\n", encoding="utf-8")
    return files


def _rows(spec: SampleSpec) -> dict[str, Row]:
    """Return the catalog rows of the sample datasets, which take the place of the real products."""
    synthetic = {
        "time_step": "day",
        "region": "East Africa (part)",
        "licence": "MIT (synthetic)",
        "synthetic": "made from random numbers",
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
    sea = is_sea(lat, lon)
    for first, path in zip(_months(spec), _rain_paths(folder, spec), strict=True):
        days = calendar.monthrange(first.year, first.month)[1]
        rain = np.empty((days, len(lat), len(lon)), dtype=np.float32)
        for day in range(days):
            weather.step()
            rain[day] = weather.rain(first.timetuple().tm_yday + day)
        rain[:, sea] = FILL
        axes = _days(first, days, lat, lon)
        yield write_sample(path, axes, {"precipitation_amount": SampleField(RAIN, rain)})


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
    fields = {
        "air_temperature": SampleField(WARMTH, warmth),
        "precipitation": SampleField(RAIN, rain),
    }
    return write_sample(path, _days(first, spec.forecast_days, lat, lon), fields)


def _days(first: date, count: int, lat: Floats, lon: Floats) -> SampleAxes:
    return SampleAxes(lat, lon, (first - ORIGIN).days + np.arange(count))
