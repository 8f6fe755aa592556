"""Maps are compared cell by cell with the maps of other years, however many rows at a time."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cftime
import netCDF4
import numpy as np
import pytest

from csserv.checking.stored_maps import OPENERS
from csserv.climatology.comparison import Comparison
from csserv.outputs.formats.export import FORMATS
from csserv.outputs.map_cells import Cells, Described
from csserv.outputs.netcdf.map_netcdf import write_cells
from csserv.outputs.series import Series
from csserv.tasks.work.cell_maps.compared_maps import MAPPED, ComparedMaps
from csserv.tasks.work.cell_maps.raw_maps import RawMaps
from csserv.views.maps.export_frames import KINDS
from tests.cf_checker import complaints

# rasterio multiplies affine transforms in the way that affine is about to give up
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

YEARS = 14
CELLS = Cells(
    lat=np.array([1.5, 0.5, -0.5]),
    lon=np.array([30.5, 31.5]),
    dlat=1.0,
    dlon=1.0,
    variable="rain",
    attributes={"units": "mm", "long_name": "rainfall", "cell_methods": "time: sum"},
    title="Rain",
    daily=True,
)
#: January of 14 years, and the first days of another one: two blocks of them
FIELDS = np.random.default_rng(7).gamma(2, 30, (YEARS + 1, 3, 2)).astype(np.float32)
FIELDS[:, 2, 1] = np.nan  # no data in any year
FIELDS[3, 0, 0] = np.nan
ALL = tuple(cftime.datetime(2001 + n, 1, 1) for n in range(YEARS + 1))
#: the last two years are asked for, and compared with the first 14
SHOWN = (YEARS - 1, YEARS)
COMPARISON = Comparison(
    shown=np.array(SHOWN),
    samples=np.tile(np.arange(YEARS), (2, 1)),
    years=np.tile(2001 + np.arange(YEARS), (2, 1)),
    asked_years=np.array([2014, 2015]),
)


def compared(folder: Path, at_once: int = 1000) -> ComparedMaps:
    parts = []
    for run in (slice(0, 6), slice(6, None)):
        mine = folder / str(run.start)
        mine.mkdir(exist_ok=True)
        parts.append((len(ALL[run]), write_cells(mine, CELLS, ALL[run], iter(FIELDS[run]))))
    times = tuple(ALL[n] for n in SHOWN)
    return ComparedMaps(RawMaps(tuple(parts), CELLS, at_once), times, COMPARISON, "in")


def expected() -> dict[str, np.ndarray]:
    """What the maps are, by another way."""
    values, sample = FIELDS[list(SHOWN)].astype(float), FIELDS[:YEARS].astype(float)
    with np.errstate(invalid="ignore"):
        normal = np.nansum(sample, axis=0) / np.isfinite(sample).sum(axis=0)
        below = (sample[None] < values[:, None]).sum(axis=1)
        equal = (sample[None] == values[:, None]).sum(axis=1)
        rank = 100 * (below + equal / 2) / np.isfinite(sample).sum(axis=0)
        spread = np.sqrt(((sample - normal) ** 2 * 1.0)[:YEARS].copy())
        count = np.isfinite(sample).sum(axis=0)
        deviation = np.sqrt(np.nansum(spread**2, axis=0) / (count - 1))
    return {
        "": values,
        "normal": np.broadcast_to(normal, values.shape),
        "anomaly": values - normal,
        "percent_of_normal": 100 * values / normal,
        "percentile_rank": np.where(np.isnan(values), np.nan, rank),
        "standardised_anomaly": (values - normal) / deviation,
    }


@pytest.mark.parametrize("at_once", [1, 70, 10_000])
def test_maps_are_those_of_numpy(tmp_path: Path, at_once: int) -> None:
    seen = []
    found = compared(tmp_path, at_once).write(tmp_path, lambda: seen.append(1))
    assert [one.name for one in found] == ["", *MAPPED]
    assert len(seen) == (1 if at_once > 100 else 3 if at_once == 1 else 2)
    for one in found:
        maps = np.array(list(one.part.layers(one.cells)))
        np.testing.assert_allclose(maps, expected()[one.name], rtol=1e-5, err_msg=one.name)
    assert {one.cells.attributes["units"] for one in found} == {"mm", "%", "1"}


def written(folder: Path, name: str) -> Path:
    maps = compared(folder).write(folder, lambda: None)
    path = folder / "task.zip"
    times = tuple(ALL[n] for n in SHOWN)
    none = np.zeros((len(times), 1))
    series = Series(times, (("a", "A"),), none[None], none)
    sides = np.array([0.5, -0.5])
    said = Described(
        {"Conventions": "CF-1.11", "title": "rain", "history": "made", "source": "made"},
        None,
        CELLS.lat[:, None] + sides,
        CELLS.lon[:, None] - sides,
    )
    archive = FORMATS[name].archive_named
    assert archive
    archive(path, maps, series, said)
    return path


def test_tiffs_of_statistics_lie_in_folders(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "geotiff")) as archive:
        names = archive.namelist()
    assert names[:2] == ["20140101.tif", "20150101.tif"]
    assert names[2:] == [f"{name}/{day}" for name in MAPPED for day in names[:2]]


def test_a_netcdf_has_a_variable_for_each_and_is_cf(tmp_path: Path) -> None:
    path = written(tmp_path, "netcdf")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    inner = tmp_path / "task.nc"
    assert complaints(inner) == []
    with netCDF4.Dataset(inner) as data:
        assert data["rain"].ancillary_variables.split() == [f"rain_{name}" for name in MAPPED]
        assert data["rain_percentile_rank"].units == "%"
        assert data["rain_anomaly"].long_name == "rainfall: value less normal"
        for name in MAPPED:
            kept = np.ma.filled(data[f"rain_{name}"][:], np.nan)
            np.testing.assert_allclose(kept, expected()[name], rtol=1e-5)


@pytest.mark.parametrize("name", ["geotiff", "netcdf"])
def test_who_reads_the_values_finds_them_among_the_statistics(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name)
    frames = KINDS[name](path, "mm")
    assert len(frames) == 2
    times = ["2014-01-01", "2015-01-01"]
    with zipfile.ZipFile(path) as archive, OPENERS[name](archive, times) as stored:
        for number, time in enumerate(times):
            np.testing.assert_array_equal(frames.values(number), FIELDS[SHOWN[number]])
            np.testing.assert_array_equal(stored.read(time)[0], FIELDS[SHOWN[number]])
