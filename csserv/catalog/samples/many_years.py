"""Sample data of 45 years, for what is normal: made-up rain and temperature, in dekads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import netCDF4
import numpy as np

from csserv.catalog.catalog import TABLE
from csserv.catalog.row_fields import Row
from csserv.catalog.samples.made_up_climate import MadeUpClimate
from csserv.catalog.samples.sample_files import (
    FILL,
    ORIGIN,
    SampleAxes,
    SampleField,
    SampleVariable,
    write_sample,
)
from csserv.catalog.samples.synthetic import SampleSpec
from csserv.catalog.samples.weather import COAST_LAT, COAST_LON, Floats, is_sea
from csserv.catalog.toml_table import put_rows

YEARS = range(1981, 2026)

#: size of a cell [degrees]
CELL = 0.25

#: stands in each file; another one is written anew
FORMAT = "2"

#: five years in one piece, so that series and maps are both quick
CHUNK = (180, 48, 48)


@dataclass(frozen=True)
class Product:
    """One of the datasets: its variable, what its row says, and how its values are made."""

    name: str
    variable: str
    written: SampleVariable
    row: Row
    make: Callable[[MadeUpClimate], Floats]

    @property
    def file(self) -> str:
        """Where it is, below the data folder."""
        stem = self.name.replace("_", "-")
        return f"{self.name}/{stem}.{YEARS[0]}-{YEARS[-1]}.eastafrica.{CELL:g}deg.dekads.nc4"


PRODUCTS = (
    Product(
        "synthetic_rain",
        "precipitation_amount",
        SampleVariable(
            *("mm", "lwe_thickness_of_precipitation_amount", "rainfall (synthetic)"), "time: sum"
        ),
        {
            "title": "Rainfall of 45 years in dekads, East Africa (synthetic)",
            "description": "Made from random numbers, with two rainy seasons, dry lands, and dry "
            "and wet years, some alike to those remembered; not an observation.",
            "units": "mm",
            "citation": "Synthetic rainfall of 45 years made by csserv; not an observation.",
        },
        MadeUpClimate.rain,
    ),
    Product(
        "synthetic_temperature",
        "air_temperature",
        SampleVariable("degC", "air_temperature", "2 m air temperature (synthetic)"),
        {
            "title": "Air temperature at 2 m of 45 years in dekads, East Africa (synthetic)",
            "description": "Made from random numbers, lower in highlands and wet years, slowly "
            "rising; it goes with synthetic_rain; not an observation.",
            "units": "degC",
            "citation": "Synthetic temperatures of 45 years made by csserv; not an observation.",
        },
        MadeUpClimate.temperature,
    ),
)

#: what the rows of all say
COMMON: Row = {
    "time_step": "dekad",
    "resolution": f"{CELL:g} degrees",
    "region": "East Africa (part)",
    "source": "synthetic: made by `csserv sample-data`",
    "licence": "MIT (synthetic)",
    "synthetic": "made from random numbers",
}


def build_many_years(folder: Path) -> list[Path]:
    """Make the files that are not there yet, always with the same bytes; about a second.

    Their rows of the table of datasets are written first.

    Parameters
    ----------
    folder : gets ``datasets.toml``, ``synthetic_rain/`` and ``synthetic_temperature/``

    Returns
    -------
    paths of all files, whether they were made now or before
    """
    put_rows(
        folder / TABLE,
        {
            one.name: one.row | COMMON | {"variable": one.variable, "files": f"{one.name}/*.nc4"}
            for one in PRODUCTS
        },
    )
    _write_all(folder, [one for one in PRODUCTS if not _is_made(folder / one.file)])
    return [folder / one.file for one in PRODUCTS]


def _is_made(path: Path) -> bool:
    if not path.exists():
        return False
    with netCDF4.Dataset(path) as data:
        return getattr(data, "sample_format", "") == FORMAT


def _write_all(folder: Path, products: Iterable[Product]) -> None:
    lat, lon = SampleSpec().centres(CELL)
    climate = MadeUpClimate(lat, lon, np.interp(lat, COAST_LAT, COAST_LON), YEARS)
    begins = np.array(
        [(date(y, m, d) - ORIGIN).days for y in YEARS for m in range(1, 13) for d in (1, 11, 21)]
    )
    ends = np.append(begins[1:], (date(YEARS[-1] + 1, 1, 1) - ORIGIN).days)
    axes = SampleAxes(lat, lon, begins, ends, CHUNK)
    for one in products:
        values = one.make(climate).astype(np.float32)
        values[:, is_sea(lat, lon)] = FILL
        said = {
            "title": f"SYNTHETIC: {one.row['title']}",
            "comment": f"Synthetic: {one.row['description']}",
            "sample_format": FORMAT,
        }
        path = folder / one.file
        path.parent.mkdir(parents=True, exist_ok=True)
        write_sample(path, axes, {one.variable: SampleField(one.written, values)}, said)
