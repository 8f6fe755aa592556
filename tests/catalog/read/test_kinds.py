"""Every kind of file gives the same numbers, whichever way it is read."""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.catalog import Granule, Grid, Window
from csserv.catalog.read.hdf5.chunks import CODECS
from csserv.errors import GranuleError, InvalidRequestError, StaleGranuleError
from csserv.request import Area, Options
from csserv.tasks.plan.blocks import Block
from tests.engine import answer
from tests.files import LAT, LON, Layout, write_granule

# each cell holds a number of its own: 1000 t + 20 row + column, row 0 in the north
FIELD = np.arange(7)[:, None, None] * 1000.0 + np.arange(320).reshape(16, 20)[None]
WHOLE = Window(0, 0, 16, 20)
CHUNKS = {"chunksizes": (3, 5, 7)}

DIRECT = {
    "deflate": Layout(storage=CHUNKS | {"zlib": True}),
    "deflate, not shuffled": Layout(storage=CHUNKS | {"zlib": True, "shuffle": False}),
    "deflate, checksum": Layout(storage=CHUNKS | {"zlib": True, "fletcher32": True}),
    "short, checksum": Layout(dtype="i2", storage=CHUNKS | {"zlib": True, "fletcher32": True}),
    "double, checksum": Layout(dtype="f8", storage=CHUNKS | {"zlib": True, "fletcher32": True}),
    "zstd": Layout(storage=CHUNKS | {"compression": "zstd"}),
    "big-endian": Layout(dtype=">f4", storage=CHUNKS | {"zlib": True}),
    "big-endian, not shuffled": Layout(
        dtype=">f8", storage=CHUNKS | {"zlib": True, "shuffle": False}
    ),
    "double": Layout(dtype="f8", storage=CHUNKS | {"zlib": True}),
    "short": Layout(dtype="i2", storage=CHUNKS | {"zlib": True}),
    "unsigned": Layout(dtype="u2", storage=CHUNKS | {"zlib": True}),
    "long": Layout(dtype="i4", storage=CHUNKS | {"zlib": True}),
    "south up": Layout(south_up=True, storage=CHUNKS | {"zlib": True}),
    "transposed": Layout(order=("lon", "time", "lat"), storage=CHUNKS | {"zlib": True}),
    "in a group": Layout(group="forecast/daily", storage=CHUNKS | {"zlib": True}),
}

BY_LIBRARY = {
    "contiguous": Layout(storage={"contiguous": True}),
    "chunks, not compressed": Layout(storage=CHUNKS),
    "blosc": Layout(storage=CHUNKS | {"compression": "blosc_lz4"}),
    "bzip2": Layout(storage=CHUNKS | {"compression": "bzip2"}),
    "netCDF-3": Layout(kind="NETCDF3_CLASSIC"),
    "netCDF-3, 64 bit": Layout(kind="NETCDF3_64BIT_OFFSET", south_up=True),
    "transposed": Layout(order=("lat", "lon", "time"), storage={"contiguous": True}),
}


def granule(folder: Path, layout: Layout, field: np.ndarray = FIELD) -> Granule:
    path = write_granule(folder / "a.nc", field, LAT, LON, layout)
    return Granule(path, f"{layout.group}/rain" if layout.group else "rain")


@pytest.mark.parametrize("layout", DIRECT.values(), ids=DIRECT)
def test_chunks_are_read_from_the_file(tmp_path: Path, layout: Layout):
    one = granule(tmp_path, layout)
    assert one.header().index is not None
    check(one)


@pytest.mark.parametrize("layout", DIRECT.values(), ids=DIRECT)
def test_chunk_has_the_same_numbers_whether_all_or_part_of_it_is_copied(
    tmp_path: Path, layout: Layout
):
    source = granule(tmp_path, layout).source(range(7))
    every = slice(None)
    with source.open() as reader:
        for place in itertools.product(
            *(range(-(-n // c)) for n, c in zip(FIELD.shape, source.layout.chunk, strict=True))
        ):
            piece = reader.read(place)
            whole, parts = (
                np.full(source.layout.chunk, 7, source.layout.packing.native) for _ in range(2)
            )
            piece.copy(every, every, every, whole)
            for step, column in itertools.product(range(parts.shape[0]), range(parts.shape[2])):
                part = slice(step, step + 1), every, slice(column, column + 1)
                piece.copy(*part, parts[part])
            np.testing.assert_array_equal(whole, parts)


@pytest.mark.parametrize("layout", BY_LIBRARY.values(), ids=BY_LIBRARY)
def test_the_library_reads_what_else_there_is(tmp_path: Path, layout: Layout):
    one = granule(tmp_path, layout)
    assert one.header().index is None
    check(one)


def check(one: Granule) -> None:
    assert one.header().grid == Grid(8.0, 20.0, 1.0, 1.0, 16, 20)
    np.testing.assert_array_equal(one.read(range(7), WHOLE), FIELD)
    np.testing.assert_array_equal(one.read(range(2, 4), Window(4, 6, 2, 2)), FIELD[2:4, 4:6, 6:8])
    values, _ = answer([one], Area.from_box(24, -1, 36, 5), "max")
    np.testing.assert_array_equal(values[:, 0], FIELD[:, 3:9, 4:16].max(axis=(1, 2)))


def by_library(one: Granule, block: Block) -> Block:
    """The same block without its index: the library has to read."""
    slow = (dataclasses.replace(source, index=None) for source in block.sources)
    return dataclasses.replace(block, sources=tuple(slow))


@st.composite
def files(draw: st.DrawFn) -> tuple[np.ndarray, Layout]:
    shape = (draw(st.integers(1, 9)), 16, 20)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(["f4", "f8", ">f4", "i2", "u1", "i1", "u2"]))
    attributes: dict[str, Any] = {}
    if np.dtype(dtype).kind == "f":
        field = random.gamma(0.7, 9, shape)
        field[random.random(shape) < 0.2] = np.nan
        attributes["missing_value"] = np.dtype(dtype).newbyteorder("=").type(field.flat[0])
    else:
        info = np.iinfo(dtype)
        field = random.integers(info.min, info.max, shape, endpoint=True).astype("f8")
        attributes["_FillValue"] = np.dtype(dtype).type(info.max // 2)
        attributes["scale_factor"] = draw(st.sampled_from([0.02, 1.0, -0.5]))
        attributes["add_offset"] = draw(st.sampled_from([0.0, 300.0]))
        attributes["valid_range"] = np.array([info.min + 9, info.max - 9], dtype)
    sizes = tuple(draw(st.integers(1, length)) for length in shape)
    packed = draw(
        st.sampled_from([{"zlib": True}, {"zlib": True, "shuffle": False}, {"compression": "zstd"}])
    )
    order = draw(st.permutations(["time", "lat", "lon"]))
    sizes = tuple(sizes[("time", "lat", "lon").index(axis)] for axis in order)
    layout = Layout(
        order=tuple(order),
        south_up=draw(st.booleans()),
        dtype=dtype,
        attributes=attributes,
        storage={"chunksizes": sizes} | packed,
    )
    return field, layout


OPERATIONS = ("mean", "sum", "min", "max", "range", "std", "median", "p90", "count", "coverage")


@pytest.mark.slow
@settings(max_examples=25)
@given(files(), st.sampled_from(OPERATIONS))
def test_direct_and_library_reading_agree(file, name):
    field, layout = file
    area = Area.from_geojson(
        {
            "type": "MultiPolygon",
            "coordinates": [
                [[[22.3, -5], [31, -3.5], [27, 4.1], [22.3, -5]]],
                [[[33, 0], [39.5, 0], [39.5, 7.8], [33, 0]]],
            ],
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        one = granule(Path(folder), layout, field)
        assert one.header().index is not None
        direct = answer([one], area, name)
        slow = answer([one], area, name, change=lambda block: by_library(one, block))
    for fast, other in zip(direct, slow, strict=True):
        np.testing.assert_allclose(fast, other, rtol=1e-12, atol=1e-12)


def test_codecs_are_those_of_the_hdf_group():
    assert CODECS == {1: "deflate", 32015: "zstd"}


def test_chunks_that_were_never_written_are_missing(tmp_path: Path):
    path = tmp_path / "a.nc"
    layout = Layout(storage={"zlib": True, "chunksizes": (1, 16, 20)})
    write_granule(path, FIELD[:1], LAT, LON, layout)
    with netCDF4.Dataset(path, "a") as data:
        assert data["rain"].shape == (1, 16, 20)
    with netCDF4.Dataset(tmp_path / "b.nc", "w") as data:
        for name, numbers in (("time", [0, 1]), ("lat", LAT), ("lon", LON)):
            data.createDimension(name, len(numbers))
            data.createVariable(name, "f8", (name,))[:] = numbers
        data["time"].units = "days since 2019-01-01"
        rain = data.createVariable(
            "rain", "f4", ("time", "lat", "lon"), zlib=True, chunksizes=(1, 16, 20)
        )
        rain[1] = 5.0
    one = Granule(tmp_path / "b.nc", "rain")
    assert one.header().index is not None
    values, percent = answer([one], Area.from_box(24, -1, 36, 5), "mean")
    np.testing.assert_allclose(values[:, 0], [np.nan, 5])
    np.testing.assert_allclose(percent[:, 0], [0, 100])


def test_bytes_may_be_unsigned_by_their_attribute(tmp_path: Path):
    stored = np.array([[[1, -1], [-128, 7]]], "i1")
    layout = Layout(dtype="i1", attributes={"_Unsigned": "true", "_FillValue": np.int8(-1)})
    path = write_granule(tmp_path / "a.nc", stored, LAT[:2], LON[:2], layout)
    values = Granule(path, "rain").read(range(1), Window(0, 0, 2, 2))
    np.testing.assert_array_equal(values, [[[1, np.nan], [128, 7]]])


def members(path: Path) -> Granule:
    """Three members and two heights; member 10 m + height h holds 10 m + h."""
    with netCDF4.Dataset(path, "w") as data:
        axes = {"member": [1, 2, 3], "height": [2.0, 10.0], "time": [0, 1], "lat": LAT, "lon": LON}
        for name, numbers in axes.items():
            data.createDimension(name, len(numbers))
            data.createVariable(name, "f8", (name,))[:] = numbers
        data["time"].units = "days since 2019-01-01"
        data["height"].units = "m"
        wind = data.createVariable(
            "wind", "f4", tuple(axes), zlib=True, chunksizes=(2, 1, 1, 16, 20)
        )
        for m, h in np.ndindex(3, 2):
            wind[m, h] = 10 * m + h
    return Granule(path, "wind")


def test_further_dimensions_are_chosen_by_name(tmp_path: Path):
    one = members(tmp_path / "a.nc")
    options = Options.of({"member": "3", "height": 10})
    values, _ = answer([one], Area.from_box(24, -1, 36, 5), "mean", options=options)
    np.testing.assert_allclose(values[:, 0], [21, 21])
    field = one.read(range(1), Window(0, 0, 1, 1), {"member": "2", "height": "2.0"})
    np.testing.assert_array_equal(field, [[[10]]])


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({}, r"choose one member of 1, 2, 3"),
        ({"member": 1}, r"choose one height of 2, 10 \[m\]"),
        ({"member": 4, "height": 2}, r"no member '4'; it has 1, 2, 3"),
        ({"memebr": 1}, r"no further dimension 'memebr'; it has member, height"),
    ],
)
def test_a_wrong_choice_lists_what_there_is(tmp_path: Path, chosen, said):
    with pytest.raises(InvalidRequestError, match=said):
        members(tmp_path / "a.nc").header().pick({k: str(v) for k, v in chosen.items()})


def test_gaussian_latitudes_make_cells_of_their_own_size(tmp_path: Path):
    lat = np.array([60.0, 40.0, 30.0, 24.0])
    edges = np.array([70.0, 50.0, 35.0, 27.0, 21.0])
    field = np.arange(4.0)[None, :, None] + np.zeros((1, 4, 20))
    one = Granule(write_granule(tmp_path / "a.nc", field, lat, LON), "rain")
    np.testing.assert_allclose(one.header().grid.row_lines, edges)
    values, _ = answer([one], Area.from_box(25, 21, 28, 70), "mean")
    areas = -np.diff(np.sin(np.radians(edges)))
    assert values[0, 0] == pytest.approx((np.arange(4) * areas).sum() / areas.sum(), rel=1e-12)


@pytest.mark.parametrize("rows", [32, 64, 320])
def test_gaussian_latitudes_that_are_nearly_even_are_not_taken_for_even(rows: int, tmp_path: Path):
    lat = np.rad2deg(np.arcsin(np.polynomial.legendre.leggauss(rows)[0]))[::-1]
    lat32 = lat.astype("f4").astype("f8")
    field = np.arange(float(rows))[None, :, None] + np.zeros((1, rows, 20))
    one = Granule(write_granule(tmp_path / "a.nc", field, lat32, LON), "rain")
    inner = (lat[:-1] + lat[1:]) / 2
    np.testing.assert_allclose(one.header().grid.row_lines[1:-1], inner, atol=1e-5)
    np.testing.assert_allclose(one.header().grid.lat(Window(0, 0, rows, 20)), lat, atol=0.01)


@pytest.mark.parametrize(
    "lon",
    [
        np.arange(20, 40, 0.05, "f4"),  # adds up its own rounding
        np.round(20 + (np.arange(480) + 0.5) / 24, 4),
        (20 + 0.0025 * np.arange(800)).astype("f4"),
    ],
)
def test_even_columns_that_were_rounded_are_still_even(lon: np.ndarray, tmp_path: Path):
    field = np.ones((1, 16, len(lon)))
    grid = Granule(write_granule(tmp_path / "a.nc", field, LAT, lon), "rain").header().grid
    assert grid.lon_edges == ()
    assert grid.is_even


def test_bounds_in_the_file_count_where_cells_are_uneven(tmp_path: Path):
    lat = np.array([60.0, 40.0, 30.0, 24.0])
    path = write_granule(tmp_path / "a.nc", np.ones((1, 4, 20)), lat, LON)
    with netCDF4.Dataset(path, "a") as data:
        data.createDimension("two", 2)
        data.createVariable("lat_bnds", "f8", ("lat", "two"))[:] = [
            [75, 48],
            [48, 33],
            [33, 26],
            [26, 20],
        ]
        data["lat"].bounds = "lat_bnds"
    np.testing.assert_allclose(Granule(path, "rain").header().grid.row_lines, [75, 48, 33, 26, 20])


def test_file_of_one_moment_needs_no_time_dimension(tmp_path: Path):
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as data:
        for name, numbers in (("lat", LAT), ("lon", LON)):
            data.createDimension(name, len(numbers))
            data.createVariable(name, "f8", (name,))[:] = numbers
        time = data.createVariable("time", "f8", ())
        time.units = "days since 2019-01-01"
        time[...] = 4.0
        data.createVariable("rain", "f4", ("lat", "lon"), zlib=True)[:] = FIELD[0]
    one = Granule(tmp_path / "a.nc", "rain")
    assert one.header().first == (2019, 1, 5)
    values, _ = answer([one], Area.from_box(24, -1, 36, 5), "max")
    assert values.tolist() == [[FIELD[0, 3:9, 4:16].max()]]


def test_damaged_chunk_is_told_with_the_name_of_the_file(tmp_path: Path):
    one = granule(tmp_path, Layout(storage={"zlib": True, "chunksizes": (7, 16, 20)}))
    header = one.header()
    assert header.index is not None
    offset, size = header.index.find((0, 0, 0))
    content = bytearray(one.path.read_bytes())
    content[offset + size // 2 : offset + size] = bytes(size - size // 2)
    one.path.write_bytes(content)
    with pytest.raises(GranuleError, match=r"a\.nc: damaged chunk"):
        answer([one], Area.from_box(24, -1, 36, 5), "mean")


def test_file_that_changed_after_the_plan_is_not_read_as_if_it_had_not(tmp_path: Path):
    one = granule(tmp_path, DIRECT["deflate"])
    source = one.source(range(7))
    granule(tmp_path / "new", DIRECT["zstd"]).path.replace(one.path)
    with pytest.raises(StaleGranuleError, match=r"a\.nc has changed"), source.open():
        pass
    one.path.unlink()
    with pytest.raises(StaleGranuleError, match=r"a\.nc is gone"), source.open():
        pass


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([0.0, None, 2.0], "its time has no time at 1 of 3 steps; leave these steps out, or fill"),
        ([], "its time is empty: it holds no step"),
    ],
)
def test_steps_without_a_time_are_refused(tmp_path: Path, days: list[float | None], said: str):
    path = tmp_path / "a.nc"
    with netCDF4.Dataset(path, "w") as data:
        for name, numbers, units in (
            ("time", np.ma.masked_invalid(np.array(days, "f8")), "days since 2019-01-01"),
            ("lat", LAT, "degrees_north"),
            ("lon", LON, "degrees_east"),
        ):
            data.createDimension(name, len(numbers) or None)
            data.createVariable(name, "f8", (name,)).units = units
            data[name][:] = numbers
        data.createVariable("rain", "f4", ("time", "lat", "lon"))
    with pytest.raises(GranuleError, match=said):
        Granule(path, "rain").header()


def stamped(path: Path, stamps: Any, units: str | None, bounds: Any = None) -> Granule:
    """Write a file whose times are numbers with units, or texts."""
    texts = isinstance(stamps[0], str)
    with netCDF4.Dataset(path, "w") as data:
        for name, numbers, said in (("lat", LAT, "degrees_north"), ("lon", LON, "degrees_east")):
            data.createDimension(name, len(numbers))
            data.createVariable(name, "f8", (name,)).units = said
            data[name][:] = numbers
        data.createDimension("time", len(stamps))
        time = data.createVariable("time", str if texts else "f8", ("time",))
        time[:] = np.array(stamps, object) if texts else stamps
        if units:
            time.units = units
        if bounds is not None:
            data.createDimension("nv", 2)
            data.createVariable("time_bnds", "f8", ("time", "nv"))[:] = bounds
            time.bounds = "time_bnds"
        data.createVariable("rain", "f4", ("time", "lat", "lon"))
    return Granule(path, "rain")


def test_a_step_to_the_last_second_of_a_day_is_one_to_midnight(tmp_path: Path):
    bounds = np.array([[0, 86399], [86400, 172799]])
    one = stamped(tmp_path / "a.nc", [0, 86400], "seconds since 1970-01-01", bounds)
    assert one.header().stamps.bounds.tolist() == [[0, 86400], [86400, 172800]]


@pytest.mark.parametrize(
    ("stamps", "units", "said"),
    [
        ([0, 1], None, "its time says no units, so its steps have no dates; write them, as `ncatt"),
        (["2020-01-31", "31/01/2020"], None, "holds '31/01/2020', which is no date; write dates"),
        ([0, 1e-4], "seconds since 1970-01-01", "1970-01-01T00:00:00 twice, to the second"),
    ],
)
def test_times_that_are_no_dates_say_how_to_write_them(tmp_path: Path, stamps, units, said):
    with pytest.raises(GranuleError, match=said):
        stamped(tmp_path / "a.nc", stamps, units).header()
