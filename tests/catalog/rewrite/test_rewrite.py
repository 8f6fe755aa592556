"""A file made of others holds the same numbers, whatever those others look like."""

from __future__ import annotations

import tempfile
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from csserv.catalog import CatalogEntry, Granule, Window
from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.corrections import Corrections
from csserv.catalog.read.origins import DIMENSION, VARIABLE, Origin, superseded
from csserv.catalog.read.source import READING
from csserv.catalog.rewrite.merging import plan_optimisation
from csserv.catalog.rewrite.recipe import Recipe
from csserv.catalog.rewrite.rewrite import rewrite
from csserv.catalog.rewrite.scratch import ChunkShape
from csserv.errors import GranuleError, InvalidRequestError
from tests.files import LAT, LON, Layout, write_granule

# each cell holds a number of its own: 1000 t + 20 row + column, row 0 in the north
FIELD = np.arange(7)[:, None, None] * 1000.0 + np.arange(320).reshape(16, 20)[None]
WHOLE = Window(0, 0, 16, 20)
CUT = ChunkShape(7, 6, 8)  # the last chunks are narrower

LAYOUTS = {
    "maps": Layout(storage={"chunksizes": (1, 16, 20), "zlib": True}),
    "small chunks": Layout(storage={"chunksizes": (1, 5, 7), "zlib": True}),
    "contiguous": Layout(storage={"contiguous": True}),
    "big-endian": Layout(dtype=">f4"),
    "double": Layout(dtype="f8"),
    "south up": Layout(south_up=True),
    "transposed": Layout(order=("lon", "time", "lat")),
    "netCDF-3": Layout(kind="NETCDF3_CLASSIC"),
    "in a group": Layout(group="forecast/daily"),
    "packed": Layout(dtype="i2", attributes={"scale_factor": 0.5, "_FillValue": np.int16(-1)}),
    "unsigned": Layout(dtype="i2", attributes={"_Unsigned": "true", "_FillValue": np.int16(-1)}),
    "missing value": Layout(attributes={"_FillValue": -9.0, "missing_value": np.float32(1019)}),
    "360 days": Layout(calendar="360_day"),
}


def made(folder: Path, parts: list[Path], name: str = "rain", recipe: Recipe | None = None) -> Path:
    granules = [Granule(path, name) for path in parts]
    rewrite(granules, folder / "made.nc", CUT, recipe or Recipe(), lambda share: None)
    return folder / "made.nc"


def parted(folder: Path, layout: Layout, field: np.ndarray = FIELD) -> list[Path]:
    """Write a file of two steps, one of one, and one of the rest."""
    runs = (slice(0, 2), slice(2, 3), slice(3, None))
    return [
        write_granule(folder / f"{i}.nc", field[run], LAT, LON, layout, np.arange(len(field))[run])
        for i, run in enumerate(runs)
    ]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_what_is_read_of_the_new_file_is_what_was_read_of_the_old_ones(
    tmp_path: Path, layout: Layout
):
    parts = parted(tmp_path, layout)
    name = f"{layout.group}/rain".lstrip("/")
    new = Granule(made(tmp_path, parts, name), name)
    old = [Granule(path, name) for path in parts]
    values = [one.read(range(len(one.header().times)), WHOLE) for one in old]
    np.testing.assert_array_equal(new.read(range(7), WHOLE), np.concatenate(values))
    header, first = new.header(), old[0].header()
    assert header.times == tuple(time for one in old for time in one.header().times)
    assert (header.grid, header.units, header.calendar) == (
        first.grid,
        first.units,
        first.calendar,
    )
    assert header.layout.chunk == (7, 6, 8)
    assert header.layout.storage.codec == "deflate"
    assert list(header.origins) == [str(path) for path in parts]


def test_stored_numbers_stay_bit_for_bit(tmp_path: Path):
    field = FIELD.astype("f4")
    field[0, 0, :4] = [np.nan, -np.inf, np.float32(1e-45), -0.0]
    parts = parted(tmp_path, LAYOUTS["maps"], field)
    with netCDF4.Dataset(made(tmp_path, parts)) as data:
        assert data["rain"][:].data.tobytes() == field.tobytes()
        assert data["rain"].dimensions == ("time", "lat", "lon")


def test_times_in_other_units_are_brought_to_those_of_the_first(tmp_path: Path):
    first = write_granule(tmp_path / "1.nc", FIELD[:1], LAT, LON, days=np.array([0.0]))
    hours = Layout(units="hours since 2019-01-02 00:00")
    second = write_granule(tmp_path / "2.nc", FIELD[1:2], LAT, LON, hours, np.array([12.0]))
    with netCDF4.Dataset(made(tmp_path, [first, second])) as data:
        assert data["time"][:].tolist() == [0.0, 1.5]
        assert data["time"].units == "days since 2019-01-01"


def test_bounds_scalars_texts_and_further_variables_are_taken_over(tmp_path: Path):
    parts = parted(tmp_path, LAYOUTS["maps"])
    first = 0
    for path in parts:
        with netCDF4.Dataset(path, "a") as data:
            data.title = "rain of Wau"
            days = data["time"][:]
            data.createDimension("edge", 2)
            data["time"].bounds = "time_bounds"
            data.createVariable("time_bounds", "f8", ("time", "edge"))[:] = np.column_stack(
                [days, days + 1]
            )
            data.createVariable("crs", "i4").grid_mapping_name = "latitude_longitude"
            data["crs"][...] = 7
            data.createVariable("station", str, ())[0] = "Wau"
            wind = data.createVariable("wind", "i2", ("time", "lat", "lon"), fill_value=-5)
            wind[:] = np.full((len(days), 16, 20), first)
            data.createVariable("land", "i1", ("lat", "lon"))[:] = (
                np.arange(320).reshape(16, 20) % 3
            )
            first += len(days)
    with netCDF4.Dataset(made(tmp_path, parts)) as data:
        assert data.title == "rain of Wau"
        assert data["time_bounds"][:].tolist() == [[i, i + 1] for i in range(7)]
        assert (data["crs"][...], data["crs"].grid_mapping_name) == (7, "latitude_longitude")
        assert data["station"][...] == "Wau"
        assert data["wind"][:, 0, 0].tolist() == [0, 0, 2, 3, 3, 3, 3]
        assert data["wind"].chunking() == [7, 6, 8]
        assert data["wind"]._FillValue == -5
        assert data["land"][0, :4].tolist() == [0, 1, 2, 0]
        assert "csserv" in data.history


def test_each_member_of_an_ensemble_is_taken_over(tmp_path: Path):
    parts = []
    for day in range(2):
        parts.append(tmp_path / f"{day}.nc")
        with netCDF4.Dataset(parts[-1], "w") as data:
            for name, numbers in (("member", [1, 2, 3]), ("lat", LAT), ("lon", LON)):
                data.createDimension(name, len(numbers))
                data.createVariable(name, "f8", (name,))[:] = numbers
            data.createDimension("time", 1)
            time = data.createVariable("time", "i4", ("time",))
            time.units, time[:] = "days since 2019-01-01", [day]
            rain = data.createVariable("rain", "f4", ("member", "lat", "time", "lon"))
            members = np.arange(3)[:, None, None] * 100_000 + FIELD[day]
            rain[:] = members[:, :, None]
    new = Granule(made(tmp_path, parts), "rain")
    for member in (1, 3):
        found = new.read(range(2), WHOLE, {"member": str(member)})
        np.testing.assert_array_equal(found, FIELD[:2] + 100_000 * (member - 1))


def test_files_of_one_moment_without_a_time_dimension_become_a_series(tmp_path: Path):
    parts = []
    for day in range(3):
        parts.append(tmp_path / f"{day}.nc")
        with netCDF4.Dataset(parts[-1], "w") as data:
            for name, numbers, units in (
                ("lat", LAT, "degrees_north"),
                ("lon", LON, "degrees_east"),
            ):
                data.createDimension(name, len(numbers))
                axis = data.createVariable(name, "f8", (name,))
                axis.units, axis[:] = units, numbers
            time = data.createVariable("time", "f8")
            time.units, time[...] = "days since 2019-01-01", day
            data.createVariable("rain", "f4", ("lat", "lon"))[:] = FIELD[day]
    new = Granule(made(tmp_path, parts), "rain")
    np.testing.assert_array_equal(new.read(range(3), WHOLE), FIELD[:3])
    assert [time.day for time in new.header().times] == [1, 2, 3]


def other_grid(folder: Path) -> None:
    write_granule(folder / "2.nc", FIELD[3:], LAT, LON + 0.1, days=np.arange(3, 7))


def other_packing(folder: Path) -> None:
    write_granule(folder / "2.nc", FIELD[3:], LAT, LON, Layout(dtype="f8"), np.arange(3, 7))


def same_time(folder: Path) -> None:
    write_granule(folder / "2.nc", FIELD[3:], LAT, LON, days=np.arange(2, 6))


def other_variable(folder: Path) -> None:
    with netCDF4.Dataset(folder / "2.nc", "a") as data:
        data.createVariable("wind", "f4", ("time",))


def other_mask(folder: Path) -> None:
    for i in range(3):
        with netCDF4.Dataset(folder / f"{i}.nc", "a") as data:
            data.createVariable("land", "i1", ("lat",))[:] = i // 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (other_grid, "1.nc and 2.nc cannot be one file: they differ in grid"),
        (other_packing, "they differ in packing"),
        (same_time, "1.nc and 2.nc hold the same times"),
        (other_variable, "wind is in one only"),
        (other_mask, "0.nc and 2.nc cannot be one file: they differ in land"),
    ],
)
def test_files_that_do_not_fit_together_are_refused_and_nothing_is_left(
    tmp_path: Path, change: object, said: str
):
    parts = parted(tmp_path, Layout())
    assert callable(change)
    change(tmp_path)
    with pytest.raises(GranuleError, match=said):
        made(tmp_path, parts)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.nc", "1.nc", "2.nc"]


def test_merged_file_can_be_merged_again_with_later_ones(tmp_path: Path):
    parts = parted(tmp_path, Layout())
    first = made(tmp_path, parts[:2]).rename(tmp_path / "first.nc")
    new = Granule(made(tmp_path, [first, parts[2]]), "rain")
    np.testing.assert_array_equal(new.read(range(7), WHOLE), FIELD)


def test_origins_are_superseded_until_they_change(tmp_path: Path):
    parts = parted(tmp_path, Layout())
    whole = made(tmp_path, parts)
    origins = Granule(whole, "rain").header().origins
    files = {whole: origins} | {path: {} for path in parts}
    assert superseded(files) == set(parts)
    write_granule(parts[0], FIELD[:1], LAT, LON)
    assert superseded(files) == set(parts[1:])
    # a new file under the name of an old one does not supersede itself
    assert superseded({parts[1]: origins}) == set()


def test_records_of_older_files_are_read(tmp_path: Path):
    older = write_granule(tmp_path / "older.nc", FIELD[:2], LAT, LON)
    with READING, netCDF4.Dataset(older, "a") as file:
        record = np.frombuffer(b'[["a.nc",5,7]]', np.uint8)
        file.createDimension(DIMENSION, len(record))
        file.createVariable(VARIABLE, "u1", (DIMENSION,), zlib=True)[:] = record
    assert Granule(older, "rain").header().origins == {str(tmp_path / "a.nc"): Origin("a.nc", 5, 7)}


rain = st.floats(0, 500, width=32, allow_subnormal=False)
fields = arrays(np.float32, (2, 3, 4), elements=rain | st.just(-9.0) | st.just(float("nan")))


@pytest.mark.slow
@given(fields, st.integers(1, 22))
@settings(max_examples=25)
def test_rounded_numbers_are_as_near_as_their_bits_say(field: np.ndarray, bits: int):
    before, after = rounded(field, Recipe(bits=bits))
    np.testing.assert_array_equal(np.isnan(before), np.isnan(after))
    assert (
        np.nan_to_num(np.abs(after - before)) <= np.nan_to_num(before) * 2.0 ** -(bits + 1)
    ).all()


@pytest.mark.slow
@given(fields, st.floats(0.02, 1))
@settings(max_examples=25)
def test_packed_numbers_are_as_near_as_half_the_precision(field: np.ndarray, precision: float):
    before, after = rounded(field, Recipe(precision=precision))
    np.testing.assert_array_equal(np.isnan(before), np.isnan(after))
    assert (np.nan_to_num(np.abs(after - before)) <= precision / 2 * (1 + 1e-6)).all()


def rounded(field: np.ndarray, recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
    """Values before and after, NaN where missing: NaN or -9."""
    with tempfile.TemporaryDirectory() as name:
        folder, whole = Path(name), Window(0, 0, 3, 4)
        layout = Layout(attributes={"missing_value": np.float32(-9)})
        path = write_granule(folder / "0.nc", field, LAT[:3], LON[:4], layout)
        new = made(folder, [path], recipe=recipe)
        return tuple(Granule(p, "rain").read(range(2), whole) for p in (path, new))


def test_precision_too_fine_for_16_bits_is_refused_and_says_what_would_do(tmp_path: Path):
    path = write_granule(tmp_path / "0.nc", FIELD[:1], LAT, LON)
    with pytest.raises(GranuleError, match=r"up to 319 do not fit .* must be 0.0097 or more"):
        made(tmp_path, [path], recipe=Recipe(precision=0.001))


def test_recipes_that_make_no_sense_are_refused():
    with pytest.raises(InvalidRequestError, match="allowed are 1 to 22"):
        Recipe(bits=24)
    with pytest.raises(InvalidRequestError, match="not both"):
        Recipe(bits=10, precision=0.1)
    with pytest.raises(InvalidRequestError, match="above 0"):
        Recipe(precision=-1.0)
    with pytest.raises(InvalidRequestError, match="stored as int16 already"):
        Recipe(bits=10).check(Packing("<i2"))


CORRECTED = Corrections(aliases=("rain",), missing=(1019.0,), valid=(5.0, None), scale=2.0)


@pytest.mark.parametrize("recipe", [Recipe(), Recipe(bits=12)], ids=str)
def test_what_a_row_corrects_stays_corrected(tmp_path: Path, recipe: Recipe):
    parts = [Granule(path, "precip", CORRECTED) for path in parted(tmp_path, LAYOUTS["maps"])]
    rewrite(parts, tmp_path / "made.nc", CUT, recipe, lambda share: None)
    made = Granule(tmp_path / "made.nc", "precip", CORRECTED).read(range(7), WHOLE)
    wanted = np.where((FIELD == 1019) | (FIELD * 2 < 5), np.nan, FIELD * 2)
    np.testing.assert_allclose(made, wanted, rtol=2.0**-13)


def test_row_that_speaks_of_stored_numbers_forbids_to_pack_them(tmp_path: Path):
    write_granule(tmp_path / "a.nc", FIELD, LAT, LON)
    row = {"title": "Rain", "variable": "rain", "files": "*.nc", "missing": -9999, "scale": 0.1}
    entry = CatalogEntry.of("rain", tmp_path, row)
    with pytest.raises(InvalidRequestError, match="the row of rain says missing, scale of the num"):
        plan_optimisation(entry, Recipe(precision=0.1))
    assert plan_optimisation(entry, Recipe(bits=10)).merges
