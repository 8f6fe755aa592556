"""Small datasets with further dimensions, whose numbers say which coordinate they are of."""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import shapely

from csserv import Area, Settings, Zone
from tests.catalog.read.place.grids import degrees, write_field
from tests.files import LAT, LON

ONE = Area((Zone("e", "East", shapely.box(30.0, -2.0, 34.0, 2.0)),), "East")
TWO = Area(
    (*ONE.zones, Zone("w", "Wést", shapely.Polygon([(22.2, -3.3), (27.7, -2.1), (24.4, 3.8)]))),
    "both",
)

MEMBER = {"standard_name": "realization", "long_name": "member of the ensemble", "units": "1"}
HEIGHT = {"standard_name": "height", "units": "m", "positive": "up", "axis": "Z"}

#: name of the dataset → further dimensions of its files: coordinates and attributes
DATASETS = {
    "ensemble": {"member": (np.array([1, 2, 5], "i4"), MEMBER | {"axis": "E"})},
    "tower": {
        "height": (np.array([2.0, 10.1], "f4"), HEIGHT),
        "member": (np.array([0, 1, 2], "i2"), MEMBER),
    },
    "scenarios": {"scenario": (np.array(["ssp126", "ssp585"], dtype=object), {})},
    "bare": {"run": (np.zeros(2), None)},  # a dimension without coordinates
    "alike": {"plume": (np.array([7, 7], "i4"), {})},
}

#: days of each file
DAYS = (31, 28)


def numbers(dataset: str, seed: int = 3) -> np.ndarray:
    """``(time, …, lat, lon)`` amounts of two months, one of eight missing."""
    lengths = [len(values) for values, _ in DATASETS[dataset].values()]
    random = np.random.default_rng(seed)
    values = random.gamma(2.0, 3.0, (sum(DAYS), *lengths, len(LAT), len(LON)))
    values[random.random(values.shape) < 0.125] = np.nan
    return values


def write_ensembles(home: Path, names: tuple[str, ...] = tuple(DATASETS)) -> Settings:
    """Write the datasets, a file a month; return settings that know them."""
    for name in names:
        field = numbers(name)
        for path, days in (("01.nc", slice(0, DAYS[0])), ("02.nc", slice(DAYS[0], None))):
            write_month(home / "data" / name / path, name, field[days], days.start)
    rows = [
        f'[{name}]\ntitle = "{name.title()}"\nvariable = "rain"\nfiles = "{name}/*.nc"\n'
        'units = "mm/day"\n'
        for name in names
    ]
    (home / "own.toml").write_text("\n".join(rows))
    return Settings(home=home / "home", data=home / "data", catalog=home / "own.toml")


def write_month(path: Path, name: str, field: np.ndarray, first: int) -> None:
    """Write some days of a dataset, from the ``first``, counted from the beginning of 2019."""
    further = DATASETS[name]
    dims = ("time", *further, "lat", "lon")
    write_field(path, field, dims, degrees(LAT, LON), long_name="rainfall")
    with netCDF4.Dataset(path, "a") as data:
        data["time"][:] = first + np.arange(len(field))
        for dimension, (values, said) in further.items():
            if said is not None:
                kind = str if values.dtype == object else values.dtype
                coordinate = data.createVariable(dimension, kind, (dimension,))
                coordinate[:] = values
                coordinate.setncatts(said)
