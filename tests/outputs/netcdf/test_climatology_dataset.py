"""Normals stand on a climatological axis as CF has it, and are those beside the values."""

from __future__ import annotations

from pathlib import Path

import cf_xarray  # noqa: F401  # registers .cf
import netCDF4
import numpy as np
import pytest
import xarray as xr

from csserv import Area, Settings
from csserv.errors import InvalidRequestError
from csserv.outputs import Result
from csserv.outputs.netcdf.climatology_dataset import BOUNDS
from tests.cf_checker import complaints
from tests.files import LAT, LON, Layout, write_granule
from tests.outputs.compared import series_of, write_result
from tests.outputs.exports import export, series_file

AREA = Area.from_box(20.0, 7.0, 22.0, 8.0)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Months of 2000 to 2012: their number, and tenths of their year."""
    folder = tmp_path_factory.mktemp("months")
    months = np.arange("2000-01", "2013-01", dtype="datetime64[M]")
    values = np.tile(np.arange(1.0, 13.0), 13) + np.repeat(np.arange(13), 12) / 10
    cells = np.broadcast_to(values[:, None, None], (len(months), 2, 4))
    days = (months.astype("datetime64[D]") - np.datetime64("2019-01-01")).astype(int)
    said = Layout(attributes={"cell_methods": "time: sum"})
    write_granule(folder / "data" / "rain" / "a.nc", cells, LAT[:2], LON[:4], said, days=days)
    row = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\nunits = "mm"\n'
    (folder / "own.toml").write_text(row, encoding="utf-8")
    return Settings(home=folder / "home", data=folder / "data", catalog=folder / "own.toml")


def of_two_years(settings: Settings, **asked: str) -> Result:
    asked = {"period": "2011/2012", "against": "2000/2010", **asked}
    return export(settings, "rain", "mean,max", AREA, **asked)


def test_each_normal_is_there_once(settings: Settings) -> None:
    found = of_two_years(settings)
    data, beside = found.to_climatology(), found.to_dataset()
    assert data.sizes["time"] == 12
    assert data["mean_normal"].attrs["cell_methods"] == (
        "time: sum within years area: mean time: mean over years"
    )
    assert data["max_normal_median"].attrs["cell_methods"].endswith("time: median over years")
    assert "mean_anomaly" not in data
    for name in data.data_vars:
        twice = np.concatenate([data[name], data[name]])
        np.testing.assert_array_equal(twice, beside[name])
    bounds = data[BOUNDS].values.astype("datetime64[D]").astype(str)
    assert bounds[0].tolist() == ["2000-01-01", "2010-02-01"]
    assert bounds[11].tolist() == ["2000-12-01", "2011-01-01"]


def test_a_file_has_them_in_a_group_that_is_cf(settings: Settings, tmp_path: Path) -> None:
    found = of_two_years(settings)
    path, alone = series_file(found), tmp_path / "alone.nc"
    assert complaints(path) == []
    with xr.open_dataset(path, group="climatology", decode_coords="all") as data:
        assert data.cf["time"].name == "time"
        assert BOUNDS in data.coords
        assert data["time"].encoding["climatology"] == BOUNDS
        np.testing.assert_array_equal(data["max_normal"], found.to_climatology()["max_normal"])
    with netCDF4.Dataset(path) as file, netCDF4.Dataset(alone, "w") as copy:
        _copy(file["climatology"], copy, file.__dict__)
    assert complaints(alone) == []


def _copy(group: netCDF4.Dataset, copy: netCDF4.Dataset, attributes: dict[str, str]) -> None:
    """Copy a group into a file of its own, which the checker reads."""
    copy.setncatts(attributes)
    every = (one for variable in group.variables.values() for one in variable.get_dims())
    for name, size in {one.name: len(one) for one in every}.items():  # some are of the parent
        copy.createDimension(name, size)
    for name, variable in group.variables.items():
        said = variable.__dict__
        new = copy.createVariable(
            name, variable.dtype, variable.dimensions, fill_value=said.pop("_FillValue", None)
        )
        new.setncatts(said)
        new[...] = variable[...]


def test_what_has_no_climatology_is_refused_in_words(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="compared with nothing; ask with against"):
        export(settings, "rain", "mean", AREA, period="2011").to_climatology()
    with pytest.raises(InvalidRequestError, match="each year has normals of its own"):
        of_two_years(settings, own_year="out").to_climatology()
    older = write_result(tmp_path, series_of(np.ones((12 * 30, 2)), range(2020, 2021)))
    with pytest.raises(InvalidRequestError, match="submit its request again"):
        older.to_climatology()
