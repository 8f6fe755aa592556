"""What attributes and rows declare of stored numbers, by CF and the NetCDF Users Guide."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.catalog import Granule, Window
from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.corrections import NONE, Corrections
from csserv.catalog.read.packing_attributes import declare_packing
from csserv.catalog.read.windows import read_window
from csserv.errors import GranuleError
from tests.files import LAT, LON, Layout, write_granule

F4, F8 = np.float32, np.float64


def packing(dtype: str, corrections: Corrections = NONE, **attributes: Any) -> Packing:
    return declare_packing(np.dtype(dtype), attributes, corrections).packing


def values(dtype: str, stored: list[float], corrections: Corrections = NONE, **attributes: Any):
    with np.errstate(all="ignore"):
        numbers = np.array(stored).astype(dtype)
    found = declare_packing(numbers.dtype, attributes, corrections).packing
    return found.values(numbers.view(found.native)).tolist()


NAN = pytest.approx(math.nan, nan_ok=True)


def test_range_of_floats_on_packed_integers_is_one_of_values():
    """Real winds of satellites: 250 x 0.2f is 50.0000007, and 251 to 255 are flags."""
    attributes = {
        "scale_factor": F4(0.2),
        "add_offset": F4(0),
        "valid_range": np.array([0, 50], "f4"),
    }
    found = values("i2", [0, 75, 250, 251, 255, -1], **attributes)
    assert found == [0, pytest.approx(15), pytest.approx(50), NAN, NAN, NAN]


def test_range_of_the_packed_type_is_one_of_stored_numbers():
    attributes = {"scale_factor": F4(0.2), "valid_range": np.array([0, 100], "i2")}
    assert values("i2", [-1, 0, 100, 101], **attributes) == [NAN, 0, pytest.approx(20), NAN]


def test_range_of_the_type_of_the_factors_is_one_of_values_where_that_is_wider():
    limits = np.array([0, 50], "f8")
    factors = {"scale_factor": F8(0.5), "add_offset": F8(10)}
    assert values("f4", [-21, -20, 80, 81], valid_range=limits, **factors) == [NAN, 0, 50, NAN]
    of_stored = {"valid_range": limits.astype("f4")} | factors
    assert values("f4", [-1, 0, 50, 51], **of_stored) == [NAN, 10, 35, NAN]
    same = {"valid_range": limits, "scale_factor": F8(0.5)}  # no wider than doubles
    assert values("f8", [-1, 0, 50, 51], **same) == [NAN, 0, 25, NAN]
    whole = {"valid_range": np.array([1, 1000], "i4"), "add_offset": np.int32(32768)}
    assert values("i2", [-32760, -31768, 5], **whole) == [8, 1000, NAN]


def test_range_without_factors_is_one_of_stored_numbers():
    assert values("i2", [-1, 0, 9], valid_min=F8(0)) == [NAN, 0, 9]


def test_range_turns_round_where_the_scale_is_negative():
    attributes = {"scale_factor": -0.01, "add_offset": 300.0, "valid_range": np.array([290.0, 300])}
    assert values("i2", [1001, 1000, 0, -1], **attributes) == [NAN, 290, 300, NAN]


def test_unsigned_numbers_say_ranges_and_marks_by_their_bits():
    """As rain rates of GOES do: 0, -6 means 0 to 65530."""
    attributes = {
        "_Unsigned": "true",
        "valid_range": np.array([0, -6], "i2"),
        "_FillValue": np.int16(-1),
        "scale_factor": F8(0.5),
    }
    found = declare_packing(np.dtype("i2"), attributes)
    assert (found.packing.dtype, found.packing.marks) == ("<u2", (65535,))
    assert (found.packing.low, found.packing.high, found.packing.fill) == (None, 65530, 65535)
    assert values("i2", [-1, -6, -5, 7], **attributes) == [NAN, 32765, NAN, 3.5]


def test_signed_numbers_in_an_unsigned_type_are_signed():
    attributes = {"_Unsigned": "false", "_FillValue": np.uint8(255)}
    assert values("u1", [255, 254, 3], **attributes) == [NAN, -2, 3]


@pytest.mark.parametrize(
    "attributes",
    [
        {"valid_range": np.array([0, 200], "i2")},
        {"valid_max": np.int16(200)},
        {"missing_value": np.int16(201)},
    ],
)
def test_bytes_that_go_beyond_127_are_unsigned(attributes: dict[str, Any]):
    found = declare_packing(np.dtype("i1"), attributes)
    assert found.packing.dtype == "|u1"
    assert "goes beyond int8" in found.sources["stored as"]
    stored = np.array([-56, -55, 100], "i1").view("u1")
    assert found.packing.values(stored).tolist() == [200, NAN, 100]


def test_bytes_of_a_range_that_is_signed_stay_signed():
    assert packing("i1", valid_range=np.array([-1, 200], "i2")).dtype == "|i1"
    in_units = {"valid_range": np.array([0, 200], "f4"), "scale_factor": F4(2)}
    assert packing("i1", **in_units).dtype == "|i1"
    assert packing("i1", _Unsigned="false", valid_max=np.int16(200)).dtype == "|i1"


def test_longer_integers_are_unsigned_only_by_a_whole_range():
    assert packing("i2", valid_range=np.array([0, 40000], "i4")).dtype == "<u2"
    assert packing("i2", valid_max=np.int32(40000)).dtype == "<i2"
    assert packing("i2", missing_value=np.int32(65535)).dtype == "<i2"


@pytest.mark.parametrize(
    ("dtype", "attributes", "stored", "wanted"),
    [
        ("f4", {"_FillValue": F4(-99), "missing_value": F4(-999)}, [-99, -999, 3], [NAN, NAN, 3]),
        ("f4", {"missing_value": np.array([-1, -2], "f4")}, [-1, -2, 3], [NAN, NAN, 3]),
        ("f4", {"missing_value": "-9999.f"}, [-9999, 3], [NAN, 3]),
        ("f4", {"missing_value": "NaN"}, [np.nan, 3], [NAN, 3]),
        ("f4", {"missing_value": F8(-999.9)}, [-999.9, 3], [NAN, 3]),
        ("f8", {"missing_value": F4(-999.9)}, [-999.9, F4(-999.9), 3], [NAN, NAN, 3]),
        ("f4", {"missing_value": F8(-1.7e308)}, [-np.inf, 3], [NAN, 3]),
        ("f4", {"_FillValue": F4(np.nan)}, [np.nan, 3], [NAN, 3]),
        ("i2", {"_FillValue": F4(np.nan)}, [0, 3], [0, 3]),
        ("i2", {"_FillValue": F4(1e20)}, [0, 3], [0, 3]),
        ("i2", {"missing_value": F4(-9999), "scale_factor": 0.5}, [-9999, 3], [NAN, 1.5]),
        ("i2", {"missing_value": F4(-999.9), "scale_factor": 0.1}, [-9999, 30], [NAN, 3]),
        ("i2", {"missing_value": 1e20, "scale_factor": 0.5}, [32767, 3], [16383.5, 1.5]),
        ("i4", {}, [-2147483647, 3], [NAN, 3]),
        ("i8", {}, [-9223372036854775806, 3], [NAN, 3]),
        ("u8", {}, [18446744073709551614, 3], [NAN, 3]),
        ("u1", {}, [255, 0], [255, 0]),
        ("i1", {}, [-127, 0], [-127, 0]),
        ("i2", {"flag_values": np.array([1, 2], "i2"), "flag_meanings": "a b"}, [1, 2], [1, 2]),
        ("i2", {"actual_range": np.array([0, 2], "i2")}, [-5, 5], [-5, 5]),
    ],
)
def test_marks_are_stored_numbers_or_else_values(dtype, attributes, stored, wanted):
    numbers = np.array(stored, "f8" if dtype in ("f4", "f8") else dtype).astype(dtype)
    found = packing(dtype, **attributes).values(numbers).tolist()
    assert found == [one if one is NAN else pytest.approx(one) for one in wanted]


@pytest.mark.parametrize(
    ("dtype", "attributes", "said"),
    [
        ("i2", {"scale_factor": 0.0}, "its scale_factor is 0, which no value can come of; say"),
        ("i2", {"scale_factor": np.nan}, "its scale_factor is NaN, which no value can come of"),
        ("i2", {"scale_factor": "a tenth"}, "its scale_factor is the text 'a tenth', which is no"),
        (
            "i2",
            {"scale_factor": np.array([1.0, 2.0])},
            r"its scale_factor is 2 numbers and not one \(1, 2\)",
        ),
        ("i2", {"add_offset": np.inf}, "its add_offset is inf, .* in its row: offset"),
        ("f4", {"valid_range": np.array([1.0])}, "its valid_range is 1 and not two numbers; say"),
        ("f4", {"valid_range": np.array([4.0, 0])}, "its valid_range goes from 4 down to 0; say"),
        ("f4", {"valid_min": 5.0, "valid_max": 1.0}, "valid_min and valid_max goes from 5 down"),
        ("f4", {"valid_max": "high"}, "its valid_max is the text 'high'"),
        ("f4", {"missing_value": "none"}, "its missing_value is the text 'none'"),
        ("u1", {"valid_range": np.array([300, 400], "i2")}, "no uint8 lies in its valid_range"),
        ("S1", {}, r"it holds \|S1, no numbers"),
    ],
)
def test_what_makes_no_sense_is_refused(dtype: str, attributes: dict[str, Any], said: str):
    with pytest.raises(GranuleError, match=said):
        declare_packing(np.dtype(dtype), attributes)


def test_refusal_names_the_file(tmp_path: Path):
    layout = Layout(attributes={"missing_value": "unknown"})
    path = write_granule(tmp_path / "a.nc", np.ones((1, 2, 2)), LAT[:2], LON[:2], layout)
    with pytest.raises(GranuleError, match=r"cannot use a\.nc: its missing_value is the text"):
        Granule(path, "rain").header()


def test_row_corrects_what_makes_no_sense():
    wrong = {"scale_factor": 0.0, "valid_range": np.array([1.0]), "missing_value": "none"}
    right = Corrections(missing=(-9.0,), valid=(0.0, 2.0), scale=0.5)
    assert values("i2", [-9, 4, 5], right, **wrong) == [NAN, 2, NAN]


def test_marks_of_a_row_count_besides_those_of_the_file():
    row = Corrections(missing=(255, -3.5))
    assert packing("u1", row, _FillValue=np.uint8(9)).marks == (9, 255)
    assert -3.5 in packing("f4", row).marks


def test_scale_and_offset_of_a_row_replace_those_of_the_file_each_for_itself():
    file = {"scale_factor": 2.0, "add_offset": 3.0}
    assert values("i2", [10], Corrections(scale=0.5), **file) == [8]
    assert values("i2", [10], Corrections(offset=0.0), **file) == [20]


def test_bytes_of_vegetation_that_declare_nothing_are_corrected_by_a_row():
    """(DN - 100) / 100, and 201 to 255 are flags."""
    row = Corrections(scale=0.01, offset=-1, valid=(-1, 1))
    assert values("u1", [0, 150, 200, 201, 255], row) == [-1, 0.5, 1, NAN, NAN]


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_range_of_a_row_holds_its_ends(dtype: str):
    ends = (0.1, 2.5) if dtype != "i2" else (1, 2)
    row = Corrections(valid=ends)
    assert values(dtype, [ends[0], ends[1]], row) == pytest.approx(list(ends))


def test_each_taken_thing_says_where_it_is_from():
    attributes = {
        "units": "m/s",
        "scale_factor": F4(0.2),
        "valid_range": np.array([0, 50], "f4"),
        "missing_value": np.array([-1, -2], "i2"),
        "_FillValue": F4(1e20),
    }
    assert dict(
        declare_packing(np.dtype("i2"), attributes, Corrections(missing=(255.0,))).sources
    ) == {
        "missing": "1e+20 (from _FillValue; no stored number is that), "
        "-1, -2 (from missing_value), 255 (given)",
        "valid": "0 to 50 m/s (valid_range, in unpacked units, as its data type says)",
        "scale": "0.2 (from scale_factor)",
    }
    stored = {"valid_min": np.int16(5), "scale_factor": 0.5}
    assert (
        declare_packing(np.dtype("i2"), stored).sources["valid"]
        == "5 or more as stored, 2.5 or more (valid_min)"
    )
    assert declare_packing(np.dtype("f4"), {}).sources == {
        "missing": "9.96921e+36 (netCDF's default)"
    }


@st.composite
def ranges(draw: st.DrawFn) -> tuple[str, dict[str, Any], float, float, float]:
    """A type, factors, and a range of values that some stored numbers lie in."""
    dtype = draw(st.sampled_from(["i1", "u1", "i2", "u2", "i4", "f4"]))
    scale = draw(st.sampled_from([0.01, 0.1, 0.2, 1 / 3, 1.0, 2.5, -0.5, -0.001]))
    offset = draw(st.sampled_from([0.0, -1.0, 273.15, -40.0]))
    single = draw(st.booleans())
    factors = {"scale_factor": F4(scale) if single else scale, "add_offset": F8(offset)}
    ends = sorted(draw(st.tuples(st.integers(0, 120), st.integers(0, 120))))
    low, high = sorted(n * scale + offset for n in ends)
    return dtype, factors, low, high, abs(scale)


@given(ranges(), st.sampled_from(["valid_range", "valid_min and valid_max", "a row"]))
def test_values_inside_by_a_step_are_kept_and_outside_by_a_step_are_missing(case, said):
    dtype, factors, low, high, step = case
    rows = NONE
    attributes = dict(factors)
    if said == "valid_range":
        attributes["valid_range"] = np.array([low, high])
    elif said == "a row":
        rows = Corrections(valid=(low, high))
    else:
        attributes |= {"valid_min": F8(low), "valid_max": F8(high)}
    stored = np.arange(0 if dtype == "u1" or dtype == "u2" else -127, 127).astype(dtype)
    found = declare_packing(np.dtype(dtype), attributes, rows).packing.values(stored)
    true = stored.astype("f8") * float(factors["scale_factor"]) + float(factors["add_offset"])
    inside = (true >= low + step) & (true <= high - step)
    outside = (true < low - step) | (true > high + step)
    np.testing.assert_array_equal(found[inside], true[inside])
    assert np.isnan(found[outside]).all()


@st.composite
def stored_files(draw: st.DrawFn) -> tuple[np.ndarray, Layout, Corrections]:
    """Files with all that attributes and rows may say, in chunks that can be read directly."""
    dtype = draw(st.sampled_from(["i1", "u1", "i2", "u2", "f4"]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    numbers = random.integers(0, 100, (2, 4, 5)).astype("f8")
    own = np.dtype(dtype).type
    choices: dict[str, list[Any]] = {
        "_FillValue": [own(7)],
        "missing_value": [own(8), np.array([8, 9], dtype), F4(8.5), "9."],
        "valid_range": [np.array([10, 90], dtype), np.array([1.0, 30.0])],
        "scale_factor": [0.5, F4(0.25), -0.1],
        "add_offset": [5.0],
        "_Unsigned": ["true"],
    }
    names = draw(st.sets(st.sampled_from(sorted(choices))))
    attributes = {name: draw(st.sampled_from(choices[name])) for name in sorted(names)}
    storage = {"zlib": True, "chunksizes": (1, 3, 2)}
    row = Corrections(
        missing=draw(st.sampled_from([(), (3.0,)])),
        valid=draw(st.sampled_from([(None, None), (0.0, 40.0), (2.5, None)])),
        scale=draw(st.sampled_from([None, 2.0])),
    )
    return numbers, Layout(dtype=dtype, attributes=attributes, storage=storage), row


@pytest.mark.slow
@settings(max_examples=60)
@given(stored_files())
def test_chunks_and_the_library_give_the_same_values(case):
    numbers, layout, row = case
    stored = numbers.astype(layout.dtype)
    try:
        packing = declare_packing(stored.dtype, layout.attributes, row).packing
    except GranuleError:  # unsigned numbers of a range that none of them lies in
        return
    with tempfile.TemporaryDirectory() as folder:
        path = write_granule(Path(folder) / "a.nc", numbers, LAT[:4], LON[:5], layout)
        granule = Granule(path, "rain", row)
        source = granule.source(range(2))
        assert source.index is not None
        window = Window(0, 0, 4, 5)
        direct = read_window(source, window)
        by_library = read_window(replace(source, index=None), window)
    np.testing.assert_array_equal(direct, by_library)
    np.testing.assert_array_equal(direct, packing.values(stored.view(packing.native)))


@st.composite
def plain_files(draw: st.DrawFn) -> tuple[np.ndarray, Layout]:
    """Files whose attributes are of the type of the stored numbers, as CF wants it."""
    dtype = draw(st.sampled_from(["i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    numbers = random.integers(0, 100, (2, 4, 5)).astype("f8")
    own = np.dtype(dtype).type
    choices: dict[str, list[Any]] = {
        "_FillValue": [own(7)],
        "missing_value": [own(8), np.array([8, 9], dtype)],
        "valid_range": [np.array([10, 90], dtype)],
        "valid_min": [own(20)],
        "scale_factor": [0.5, -0.25],
        "add_offset": [5.0],
    }
    names = draw(st.sets(st.sampled_from(sorted(choices))))
    return numbers, Layout(
        dtype=dtype,
        attributes={name: draw(st.sampled_from(choices[name])) for name in sorted(names)},
    )


@pytest.mark.slow
@settings(max_examples=60)
@given(plain_files())
def test_where_attributes_follow_cf_values_are_those_of_netcdf4_python(case):
    numbers, layout = case
    with tempfile.TemporaryDirectory() as folder:
        path = write_granule(Path(folder) / "a.nc", numbers, LAT[:4], LON[:5], layout)
        found = Granule(path, "rain").read(range(2), Window(0, 0, 4, 5))
        with netCDF4.Dataset(path) as data:
            wanted = np.ma.filled(data["rain"][:].astype("f8"), np.nan)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.filterwarnings("ignore:WARNING. (valid_range|missing_value) not used")
@pytest.mark.parametrize(
    ("dtype", "attributes", "stored", "ours", "theirs"),
    [
        # a range of values, which that library takes for one of stored numbers
        (
            "i2",
            {"scale_factor": 0.5, "valid_range": np.array([0.0, 5.0])},
            [4, 8, 12],
            [2, 4, NAN],
            [2, NAN, NAN],
        ),
        # a mark that no stored number is, and bytes beyond 127: it passes over them
        ("i2", {"scale_factor": 0.5, "missing_value": 2.25}, [4, 5], [2, 2.5], [2, 2.5]),
        ("i2", {"scale_factor": 0.1, "missing_value": -0.9}, [-9, 5], [NAN, 0.5], [-0.9, 0.5]),
        ("i1", {"valid_range": np.array([0, 200], "i2")}, [-56, 5], [200, 5], [-56, 5]),
        # a text
        ("f4", {"missing_value": "-9999.f"}, [-9999, 5], [NAN, 5], [-9999, 5]),
        # NaN and infinities, which are no measure
        ("f4", {}, [np.inf, np.nan, 5], [NAN, NAN, 5], [np.inf, NAN, 5]),
    ],
)
def test_where_they_do_not_ours_differ_from_those_of_netcdf4_python(
    tmp_path: Path, dtype, attributes, stored, ours, theirs
):
    numbers = np.array([[stored, stored]], "f8")
    layout = Layout(dtype=dtype, attributes=attributes)
    path = write_granule(tmp_path / "a.nc", numbers, LAT[:2], LON[: len(stored)], layout)
    found = Granule(path, "rain").read(range(1), Window(0, 0, 1, len(stored))).ravel().tolist()
    assert found == [one if one is NAN else pytest.approx(one) for one in ours]
    with netCDF4.Dataset(path) as data:
        wanted = np.ma.filled(data["rain"][0, 0].astype("f8"), np.nan).tolist()
    assert wanted == [one if one is NAN else pytest.approx(one) for one in theirs]


def test_chunk_that_was_never_written_holds_the_fill_of_its_bits(tmp_path: Path):
    attributes = {"_Unsigned": "true", "_FillValue": np.int16(-1)}
    layout = Layout(
        dtype="i2", attributes=attributes, storage={"zlib": True, "chunksizes": (1, 1, 2)}
    )
    path = write_granule(tmp_path / "a.nc", np.ones((1, 2, 2)), LAT[:2], LON[:2], layout)
    with netCDF4.Dataset(path, "a") as data:
        data.createVariable(
            "new", "i2", ("time", "lat", "lon"), zlib=True, chunksizes=(1, 1, 2), fill_value=-1
        )._Unsigned = "true"
        data["new"][0, 0] = 5
    read = Granule(path, "new").read(range(1), Window(0, 0, 2, 2))
    np.testing.assert_array_equal(read, [[[5, 5], [np.nan, np.nan]]])
