"""A file that is no NetCDF, or not all of one, is called what it is, with what to do."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from csserv.catalog.read.granule import Granule
from csserv.errors import GranuleError
from tests.files import LAT, LON, Layout, write_granule

FIELD = np.ones((3, len(LAT), len(LON)), "f4")

#: what lies at the beginning of files → what is said of them
BEGINNINGS = {
    b"": r"empty \(0 bytes\)",
    b"\0" * 500: "full of zeros at its beginning",
    b"\x89HDF": "cut short: 4 bytes are there",
    b"GRIB\0\0\0\2" + b"\0" * 90: "a GRIB file, not NetCDF; `csserv datasets add` converts it",
    b"\x0e\x03\x13\x01" + b"\0" * 90: "an HDF4 file, not NetCDF; convert it: h4tonccf_nc4",
    b"II*\0" + b"\0" * 90: "a TIFF that is damaged",
    b"<!doctype html><title>Earthdata Login</title>": "a web page that asks to sign in",
    b"<html><body>not found</body></html>": "a web page, not data; fetch it again",
    b'{"error": "no such file"}': "JSON, such as an error of a server",
    b"version https://git-lfs.github.com/spec/v1": "a pointer of Git LFS",
    b"date,rain\n2019-01-01,3\n": "text, not NetCDF; it begins with 'date,rain'",
}


def why(path: Path) -> str:
    with pytest.raises(GranuleError) as caught:
        Granule(path, "rain").header()
    assert str(path.parent) not in str(caught.value)  # no path goes to others
    return str(caught.value)


@pytest.mark.parametrize(("head", "words"), BEGINNINGS.items())
def test_what_begins_otherwise_is_called_what_it_is(tmp_path: Path, head: bytes, words: str):
    path = tmp_path / "rain.nc"
    path.write_bytes(head)
    with pytest.raises(GranuleError, match=f"cannot read rain.nc: it is {words}"):
        Granule(path, "rain").header()


def test_what_is_packed_is_looked_into(tmp_path: Path):
    whole = write_granule(tmp_path / "whole.nc", FIELD, LAT, LON)
    packed = tmp_path / "rain.nc.gz"
    packed.write_bytes(gzip.compress(whole.read_bytes()))
    assert "packed with gzip (in it, NetCDF); unpack it: gunzip -c rain.nc.gz > rain.nc" in why(
        packed
    )
    with zipfile.ZipFile(tmp_path / "rain.zip", "w") as archive:
        archive.write(whole, "rain_1.nc")
    assert "a ZIP archive with rain_1.nc, not NetCDF" in why(tmp_path / "rain.zip")


def test_a_folder_of_zarr_is_told_from_others(tmp_path: Path):
    (tmp_path / "rain.zarr").mkdir()
    assert "it is a folder; give a pattern" in why(tmp_path / "rain.zarr")
    (tmp_path / "rain.zarr" / ".zgroup").write_text("{}")
    assert "it is a Zarr store" in why(tmp_path / "rain.zarr")


@pytest.mark.parametrize(
    "kind", ["NETCDF4", "NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"]
)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_file_that_was_cut_short_gives_no_zeros(tmp_path: Path, kind: str, share: float):
    path = write_granule(tmp_path / "rain.nc", FIELD, LAT, LON, Layout(kind=kind))
    whole = path.read_bytes()
    assert Granule(path, "rain").header().times
    path.write_bytes(whole[: int(share * len(whole))])
    assert "cut short" in why(path)


@pytest.mark.parametrize("kind", ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"])
@pytest.mark.parametrize("dtype", ["i1", "i2", "f4", "f8"])
def test_whole_files_of_any_type_are_whole(tmp_path: Path, kind: str, dtype: str):
    layout = Layout(kind=kind, dtype=dtype)
    granule = Granule(write_granule(tmp_path / "rain.nc", FIELD, LAT, LON, layout), "rain")
    assert len(granule.header().times) == 3
