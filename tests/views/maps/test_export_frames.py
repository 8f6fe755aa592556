"""The cells of exports, read back from their ZIPs: what was written, from north to south."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cftime
import numpy as np
import pytest

from csserv.errors import TaskExpiredError
from csserv.outputs.formats.export import FORMATS, write_tiffs
from csserv.outputs.map_cells import Cells, Described, Part
from csserv.outputs.netcdf.map_netcdf import write_cells
from csserv.outputs.series import Series
from csserv.views.maps.export_frames import NetcdfFrames, TiffFrames
from csserv.views.maps.nearest_cells import PIXELS, NearestCells

# rasterio multiplies affine transforms in the way that affine is about to give up
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

TIMES = tuple(cftime.datetime(2019, 1, day, 6) for day in (1, 2, 3))
CELLS = Cells(
    lat=np.array([1.5, 0.5]),
    lon=np.array([30.5, 31.5, 32.5]),
    dlat=1.0,
    dlon=1.0,
    variable="rain",
    attributes={"units": "mm/day"},
    title="Rain",
    daily=False,
)
FIELDS = np.arange(18, dtype=np.float32).reshape(3, 2, 3)
FIELDS[0, 1, 2] = np.nan


def described(cells: Cells) -> Described:
    """Edges of the cells, and nothing else."""
    sides = np.array([0.5, -0.5])
    lat_bounds = cells.lat[:, None] + sides * cells.dlat
    return Described({}, None, lat_bounds, cells.lon[:, None] - sides * cells.dlon)


def export(folder: Path, name: str, cells: Cells = CELLS, fields: np.ndarray = FIELDS) -> Path:
    """Write an export as workers do."""
    write = {"geotiff": write_tiffs, "netcdf": write_cells}[name]
    part = Part(TIMES, write(folder, cells, TIMES, iter(fields)))
    path = folder / "task.zip"
    none = np.zeros((len(TIMES), 1))
    series = Series(TIMES, (("a", "A"),), none[None], none)
    FORMATS[name].archive(path, cells, [part], series, described(cells))
    return path


@pytest.mark.parametrize(("name", "kind"), [("geotiff", TiffFrames), ("netcdf", NetcdfFrames)])
def test_cells_come_back_with_their_place_and_time(tmp_path: Path, name: str, kind: type):
    frames = kind(export(tmp_path, name), "mm/day")
    assert len(frames) == 3
    assert frames.bounds == (30.0, 0.0, 33.0, 2.0)
    for step in (2, 0, 1):
        np.testing.assert_array_equal(frames.values(step), FIELDS[step])
    assert frames.label(1) == "2019-01-02 06:00 UTC"


@pytest.mark.parametrize(("name", "kind"), [("geotiff", TiffFrames), ("netcdf", NetcdfFrames)])
def test_of_many_cells_a_screenful_is_read(tmp_path: Path, name: str, kind: type):
    edge = 0.01
    cells = Cells(
        lat=10 - edge * (np.arange(900) + 0.5),
        lon=30 + edge * (np.arange(1000) + 0.5),
        dlat=edge,
        dlon=edge,
        variable="rain",
        attributes={"units": "mm/day"},
        title="Rain",
        daily=True,
    )
    fields = np.broadcast_to(np.linspace(9, 0, 900, dtype=np.float32)[:, None], (3, 900, 1000))
    frames = kind(export(tmp_path, name, cells, fields), "mm/day")
    read = frames.values(0)
    assert max(read.shape) <= 400
    assert read[0, 0] == pytest.approx(9, abs=0.03)
    assert read[-1, 0] == pytest.approx(0, abs=0.03)
    assert frames.bounds == pytest.approx((30, 1, 40, 10))


def test_a_broken_zip_is_told_in_words(tmp_path: Path):
    path = export(tmp_path, "geotiff")
    with zipfile.ZipFile(path) as archive:
        last = archive.infolist()[-1].header_offset
    with path.open("r+b") as file:
        file.seek(last + 60)
        file.write(b"?" * 60)
    frames = TiffFrames(path, "mm/day")
    frames.values(0)
    with pytest.raises(TaskExpiredError, match="run the task again"):
        frames.values(2)


def test_pixels_of_a_curved_grid_have_the_nearest_cell():
    y, x = np.mgrid[0:30, 0:40].astype(float)
    lat, lon = 10 - 0.2 * y + 0.05 * x, 30 + 0.2 * x + 0.05 * y  # turned by a quarter of a cell
    curved = NearestCells(lat, lon)
    straight = curved.to_regular_grid(lat)
    assert straight.shape == (PIXELS, PIXELS)
    _, south, _, north = curved.bounds
    rows = north - (north - south) * (np.arange(PIXELS) + 0.5) / PIXELS
    known = ~np.isnan(straight)
    assert 0.5 < known.mean() < 1.0
    assert np.nanmax(np.abs(straight - rows[:, None])) < 0.25
    assert np.isnan(straight[0, 0])


def test_cells_without_a_place_and_the_date_line_leave_the_map_as_it_is():
    y, x = np.mgrid[0:30, 0:40].astype(float)
    lat, lon = 10 - 0.2 * y + 0.05 * x, 177 + 0.2 * x + 0.05 * y
    lat[0, :5] = np.nan
    frame = NearestCells(lat, np.where(lon > 180, lon - 360, lon))
    assert frame.bounds == pytest.approx((177.0, 4.2, 186.25, 11.95), abs=0.1)
    assert (~np.isnan(frame.to_regular_grid(lat))).mean() > 0.5
    one_row = NearestCells(lat[1:].reshape(1, -1), lon[1:].reshape(1, -1))
    assert (~np.isnan(one_row.to_regular_grid(lat[1:].reshape(1, -1)))).mean() > 0.5
