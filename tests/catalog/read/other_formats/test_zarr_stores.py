"""Zarr stores are files like others: found, signed, read; what is damaged is told in words."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from csserv.catalog import Granule
from csserv.catalog.adding import make_row
from csserv.catalog.entry import CatalogEntry
from csserv.errors import GranuleError, StaleGranuleError

TIME = xr.date_range("2019-01-01", periods=4, unit="s")
PLACES = {"time": TIME, "lat": [1.5, 0.5], "lon": [30.5, 31.5, 32.5]}


def store(path: Path, value: float = 3.0, version: int = 3, **more: xr.DataArray) -> Path:
    field = xr.DataArray(np.full((4, 2, 3), value, "f4"), PLACES, attrs={"units": "mm/day"})
    data = xr.Dataset({"rain": field} | more)
    data.to_zarr(path, mode="w", zarr_format=version, consolidated=False)
    return path


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("where", ["rain", "rain/*.zarr", "rain/2019.zarr"])
def test_a_store_is_added_by_its_folder_a_pattern_or_its_own_name(
    tmp_path: Path, version: int, where: str
):
    store(tmp_path / "rain" / "2019.zarr", version=version)
    row = make_row(tmp_path, "rain", where, {})
    coverage = CatalogEntry.of("rain", tmp_path, row).coverage()
    assert (row["variable"], coverage.units, coverage.steps) == ("rain", "mm/day", 4)
    assert coverage.bytes > 500  # of all that is in it


def test_members_and_groups_are_found_as_in_netcdf(tmp_path: Path):
    members = xr.DataArray(
        np.ones((4, 2, 2, 3)), PLACES | {"member": ["a", "b"]}, ("time", "member", "lat", "lon")
    )
    path = store(tmp_path / "a.zarr", version=2, ensemble=members)
    header = Granule(path, "ensemble").header()
    assert [(one.name, one.labels) for one in header.further] == [("member", ("a", "b"))]
    inner = xr.Dataset({"snow": members.isel(member=0)})
    inner.to_zarr(path, group="cold", mode="a", zarr_format=2, consolidated=False)
    assert len(Granule(path, "cold/snow").header().stamps) == 4


def test_zeros_are_values_where_nobody_says_that_they_are_missing(tmp_path: Path):
    import zarr

    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    for name, values, units in (
        ("time", np.arange(4.0), "days since 2019-01-01"),
        ("lat", np.array([1.5, 0.5]), "degrees_north"),
        ("lon", np.array([30.5, 31.5, 32.5]), "degrees_east"),
        ("rain", np.zeros((4, 2, 3), "f4"), "mm/day"),
    ):
        made = group.create_array(name, shape=values.shape, dtype=values.dtype, fill_value=0)
        made[:] = values
        names = ("time", "lat", "lon") if values.ndim == 3 else (name,)
        made.attrs.update({"_ARRAY_DIMENSIONS": list(names), "units": units})
    assert (
        Granule(tmp_path / "a.zarr", "rain").open().to_numpy().tolist()
        == np.zeros((4, 2, 3)).tolist()
    )


def test_a_store_that_changes_is_planned_again(tmp_path: Path):
    granule = Granule(store(tmp_path / "a.zarr"), "rain")
    source = granule.source(range(4))
    store(granule.path, 5.0)
    with pytest.raises(StaleGranuleError, match="has changed since"), source.open():
        pass
    assert granule.open().to_numpy().max() == 5


def test_damage_is_told_in_words(tmp_path: Path):
    path = store(tmp_path / "a.zarr")
    chunk = next(one for one in (path / "rain" / "c").rglob("*") if one.is_file())
    chunk.write_bytes(b"nonsense")
    with pytest.raises(GranuleError, match=r"a\.zarr: it is a Zarr store that is damaged"):
        Granule(path, "rain").open()
    (path / "zarr.json").write_text("{")
    with pytest.raises(GranuleError, match=r"a\.zarr: it is a Zarr store that is damaged"):
        Granule(path, "rain").header()


def test_without_zarr_a_sentence_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = store(tmp_path / "a.zarr")
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(GranuleError, match=r"pip install 'csserv\[zarr\]'"):
        Granule(path, "rain").header()
