"""A GeoTIFF says where its cells lie and when its bands are; a damaged one is told in words."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from rasterio.transform import Affine

from csserv.catalog.read.geotiff.tiff_file import open_tiff
from csserv.catalog.read.geotiff.unpacked_tiff import unpack_tiff
from csserv.errors import GranuleError
from tests.tiffs import write_tiff

#: 2 bands, 3 rows from 10 N southwards, 4 columns from 30 E
VALUES = np.arange(24, dtype="f4").reshape(2, 3, 4)
DATES = ("rain 2024-03-09", "rain 2024-03-10")


@pytest.mark.parametrize("name", ["a.tif", "a.tif.gz"])
@pytest.mark.parametrize("only_header", [True, False])
def test_a_tiff_says_what_it_holds(tmp_path: Path, name: str, only_header: bool):
    path = write_tiff(tmp_path / name, VALUES, names=DATES, nodata=-9999, packed=(0.5, 2.0))
    with open_tiff(path, only_header) as file:
        assert (file.rows, file.columns, file.bands, file.dtype) == (3, 4, 2, np.float32)
        assert (file.nodata, file.scale, file.offset) == (-9999, 0.5, 2.0)
        assert file.is_geographic
        assert file.y.tolist() == [9.5, 8.5, 7.5]
        assert file.x.tolist() == [30.5, 31.5, 32.5, 33.5]
        assert file.x_bounds[0].tolist() == [30.0, 31.0]
        assert file.times is not None
        days = [datetime.fromtimestamp(one, UTC).day for one in file.times.numbers]
        assert days == [9, 10]


def test_rows_of_a_tiff_may_run_northwards(tmp_path: Path):
    with open_tiff(write_tiff(tmp_path / "a.tif", VALUES, south_up=True)) as file:
        assert file.y.tolist() == [7.5, 8.5, 9.5]
        assert file.read(range(2), range(1), range(4))[0].tolist() == [[8, 9, 10, 11]]


@pytest.mark.parametrize("how", [{}, {"compress": "lzw", "predictor": 3}, {"cog": True}])
def test_windows_of_any_storage_are_the_numbers_that_were_written(tmp_path: Path, how: dict):
    path = write_tiff(tmp_path / "a.tif", VALUES, **how)
    with open_tiff(path) as file:
        read = file.read(range(1, 2), range(1, 3), range(2, 4))
    assert read.tolist() == VALUES[1:, 1:, 2:].tolist()


@pytest.mark.parametrize(
    "names", [("red", "blue"), ("2024-01-01", "2024-01-01"), ("2024-02-30", "2024-03-01"), ()]
)
def test_names_that_are_no_dates_give_none(tmp_path: Path, names: tuple[str, ...]):
    with open_tiff(write_tiff(tmp_path / "a.tif", VALUES, names=names)) as file:
        assert file.times is None


def test_times_that_gdal_took_over_from_netcdf_are_those_of_the_bands(tmp_path: Path):
    import rasterio

    path = write_tiff(tmp_path / "a.tif", VALUES)
    with rasterio.open(path, "r+") as file:
        file.update_tags(**{"time#units": "days since 1980-1-1", "time#calendar": "noleap"})
        for band, time in ((1, 14610), (2, 14611)):
            file.update_tags(band, NETCDF_DIM_time=time)
    with open_tiff(path) as opened:
        assert opened.times is not None
        assert opened.times.numbers.tolist() == [14610, 14611]
        assert (opened.times.units, opened.times.calendar) == ("days since 1980-1-1", "noleap")


def test_nothing_beside_the_file_counts_and_nothing_is_written_there(tmp_path: Path):
    path = write_tiff(tmp_path / "a.tif", VALUES)
    beside = tmp_path / "a.tif.aux.xml"
    said = "<PAMRasterBand band='1'><NoDataValue>5</NoDataValue></PAMRasterBand>"
    beside.write_text(f"<PAMDataset>{said}</PAMDataset>")
    with open_tiff(path) as file:
        assert file.nodata is None
        file.read(range(2), range(3), range(4))
    assert sorted(tmp_path.iterdir()) == [path, beside]


def cut(path: Path, by: int) -> None:
    path.write_bytes(path.read_bytes()[:-by])


def as_text(text: str) -> bytes:
    return text.encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (as_text("<VRTDataset rasterXSize='20'/>"), "a virtual file of GDAL"),
        (as_text("<html><title>Earthdata Login</title></html>"), "a web page that asks to sign in"),
        (as_text("date,rain\n2024-01-01,3\n"), "text"),
        (b"", "empty (0 bytes)"),
        (b"II*\0" + b"\0" * 90, "damaged"),
        (gzip.compress(b"no tiff at all", mtime=0), "packed with gzip"),
    ],
)
def test_what_is_no_tiff_is_told_in_words(tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "chirps-v3.0.rnl.2024.03.05.tif"
    path.write_bytes(content)
    with pytest.raises(GranuleError) as refused, open_tiff(path):
        pass
    assert said in str(refused.value)


@pytest.mark.parametrize("name", ["a.tif", "a.tif.gz"])
def test_a_tiff_that_was_cut_short_is_refused(tmp_path: Path, name: str):
    noise = np.random.default_rng(1).random((2, 300, 300), "f4")
    path = write_tiff(tmp_path / name, noise)
    cut(path, 3000)
    with pytest.raises(GranuleError, match="cut short"), open_tiff(path):
        pass


def test_no_more_is_unpacked_than_a_tiff_may_take(tmp_path: Path):
    path = tmp_path / "bomb.tif.gz"
    path.write_bytes(gzip.compress(b"II*\0" + bytes(1_000_000)))
    with pytest.raises(GranuleError, match="more than 10,000 bytes are packed in it"):
        unpack_tiff(path, most=10_000)


def test_no_more_is_unpacked_than_the_map_takes(tmp_path: Path):
    path = write_tiff(tmp_path / "a.tif", VALUES)
    bomb = tmp_path / "bomb.tif.gz"
    with gzip.open(bomb, "wb") as file:
        file.write(path.read_bytes() + bytes(30_000_000))
    with open_tiff(bomb, only_header=True) as opened:
        assert opened.rows == 3
    with pytest.raises(GranuleError, match="which is more than its map takes"), open_tiff(bomb):
        pass


def test_several_pictures_in_one_file_are_refused(tmp_path: Path):
    import rasterio

    path = write_tiff(tmp_path / "a.tif", VALUES)
    profile = {"driver": "GTiff", "width": 4, "height": 3, "count": 1, "dtype": "float32"}
    place = Affine(1, 0, 30, 0, -1, 10)
    with rasterio.open(path, "w", transform=place, crs="EPSG:4326", **profile) as file:
        file.write(VALUES[:1])
    with rasterio.open(
        path, "w", transform=place, crs="EPSG:4326", APPEND_SUBDATASET="YES", **profile
    ) as file:
        file.write(VALUES[:1])
    with pytest.raises(GranuleError, match="it holds 2 pictures"), open_tiff(path):
        pass


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"transform": Affine(1, 0.5, 30, 0.5, -1, 10)}, "turned against its coordinates"),
        ({"transform": Affine.identity()}, "does not say where its cells lie"),
        ({"photometric": "RGB", "count": 3, "dtype": "uint8"}, "a picture, of colours"),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_what_has_no_rows_and_columns_of_numbers_is_refused(tmp_path: Path, how: dict, said: str):
    values = np.zeros((how.get("count", 2), 3, 4), how.get("dtype", "f4"))
    path = write_tiff(tmp_path / "a.tif", values, **how)
    with pytest.raises(GranuleError, match=said), open_tiff(path):
        pass
