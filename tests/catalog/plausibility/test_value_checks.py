"""Numbers that a file does not declare, and that cannot be what it measures, are doubted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.catalog import Granule
from csserv.catalog.packing.packing import Packing
from csserv.catalog.plausibility import cell_sample
from csserv.catalog.plausibility.cell_sample import read_sample
from csserv.catalog.plausibility.outliers import find_outliers
from csserv.catalog.plausibility.physical_limits import find_quantity
from csserv.catalog.plausibility.value_checks import check_values
from csserv.catalog.read.corrections import NONE, Corrections
from tests.files import LAT, LON, Layout, write_granule

PLAIN = Packing("<f4")


def granule(
    folder: Path, field: np.ndarray, row: Corrections = NONE, dtype: str = "f4", **attributes: Any
) -> Granule:
    """Write a field of 16 x 20 cells, at one step or several."""
    layout = Layout(dtype=dtype, attributes=attributes)
    values = np.broadcast_to(field, (*np.shape(field)[:-2], 16, 20)).reshape(-1, 16, 20)
    return Granule(write_granule(folder / "a.nc", values, LAT, LON, layout), "rain", row)


def said(one: Granule) -> list[str]:
    return list(map(str, check_values(one, {})))


def rain() -> np.ndarray:
    return np.random.default_rng(1).gamma(0.4, 9.0, (16, 20))


def test_undeclared_mark_is_told_with_the_field_that_mends_it(tmp_path: Path):
    field = np.full((16, 20), 3.0)
    field[0, :4] = -9999
    (found,) = said(granule(tmp_path, field))
    assert found == (
        "rain is -9999 in 1 % of the cells checked, far from all others (3); "
        "if that means missing, its row needs missing = [-9999] (--missing -9999)"
    )
    assert said(granule(tmp_path, field, Corrections(missing=(-9999.0,)))) == []
    assert said(granule(tmp_path, field, missing_value=np.float32(-9999))) == []


@pytest.mark.parametrize("mark", [-9999, -999.9, -99, 1e20, 9999, -32768, 9.96921e35, -3.4e38])
def test_marks_that_people_use_are_found(tmp_path: Path, mark: float):
    field = rain() + 1
    field[3, 5] = mark
    (found,) = said(granule(tmp_path, field))
    assert f"rain is {mark:g}" in found


def test_several_marks_are_told_together():
    numbers = np.array([*np.linspace(0, 200, 50), -9999, -9999, 1e20, 1e20, -99])
    assert find_outliers(numbers.astype("f4"), PLAIN) == pytest.approx([-9999, -99, 1e20])


def test_flags_at_the_end_of_a_byte_are_marks():
    numbers = np.array([*range(101), 251, 252, 253, 254, 255], "u1")
    assert find_outliers(numbers, Packing("|u1")) == [251, 252, 253, 254, 255]
    assert find_outliers(np.arange(256).astype("u1"), Packing("|u1")) == []


def test_number_that_is_no_usual_mark_must_stand_alone_in_several_cells():
    lump = np.linspace(270, 310, 200)
    assert find_outliers(np.append(lump, [0, 0, 0]), PLAIN) == [0]
    assert find_outliers(np.append(lump, [0, 0]), PLAIN) == []
    assert find_outliers(np.append(lump, [200, 200, 200]), PLAIN) == []


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 3), st.floats(0, 0.99))
def test_rain_is_not_doubted(seed: int, shape: float, dry: float):
    random = np.random.default_rng(seed)
    field = np.where(random.random(960) < dry, 0, random.gamma(shape, 9, 960)).astype("f4")
    assert find_outliers(field, PLAIN) == []


@given(st.integers(0, 2**32 - 1), st.sampled_from([-9999.0, -999.0, 1e20, -32768.0]))
def test_usual_mark_among_temperatures_is_always_found(seed: int, mark: float):
    random = np.random.default_rng(seed)
    field = random.normal(15, 12, 960).astype("f4")
    field[random.integers(960)] = mark
    assert find_outliers(field, PLAIN) == pytest.approx([mark])


@pytest.mark.parametrize(
    ("attributes", "low", "high", "why"),
    [
        ({"standard_name": "precipitation_flux"}, -5, 9, "rain is never negative"),
        (
            {"standard_name": "air_temperature", "units": "K"},
            -5,
            30,
            "a temperature in K lies",
        ),
        ({"long_name": "NDVI", "units": "1"}, 0, 200, "a vegetation index lies in -1 to 1"),
        ({"standard_name": "cloud_area_fraction", "units": "1"}, 0, 100, "a fraction lies in 0"),
        ({"standard_name": "wind_speed", "units": "m s-1"}, -9, 300, "a wind speed lies in 0"),
    ],
)
def test_values_that_cannot_be_are_told(tmp_path: Path, attributes, low, high, why):
    field = np.linspace(low, high, 320).reshape(16, 20)
    (found,) = said(granule(tmp_path, field, **attributes))
    assert why in found
    assert "check its scale, offset, units, missing values and valid range" in found


def test_few_impossible_numbers_may_be_marks(tmp_path: Path):
    field = rain()
    field[:3] = -1.0
    (found,) = said(granule(tmp_path, field))
    assert "rain is -1 in 19 % of the cells checked, but rain is never negative" in found
    assert "missing = [-1]" in found


@pytest.mark.parametrize(
    ("names", "units"),
    [
        (["precipitation_anomaly"], "mm/day"),
        (["temp", "air temperature, departure from normal"], "K"),
        (["temperature_bias"], "degC"),
        (["discharge"], "m3 s-1"),
        (["approach"], "1"),
    ],
)
def test_differences_and_the_unknown_may_be_anything(names: list[str], units: str):
    assert find_quantity(names, units) is None


def test_traces_below_zero_are_rounding(tmp_path: Path):
    field = rain()
    field[:3] = -1e-9
    assert said(granule(tmp_path, field)) == []


def test_range_that_leaves_out_all_is_fatal_and_would_suit_values(tmp_path: Path):
    limits = np.array([-5, 40], "i2")
    packed = {"scale_factor": np.float32(0.01), "valid_range": limits, "units": "degC"}
    field = np.linspace(500, 2500, 320).reshape(16, 20)
    (found,) = check_values(granule(tmp_path, field, dtype="i2", **packed), {})
    assert found.is_fatal
    assert str(found) == (
        "100 % of the cells lie outside its valid_range, -5 to 40 as stored; "
        "if those are unpacked values, its row needs valid = [-5, 40] (--valid -5 40)"
    )
    row = Corrections(valid=(-5, 40))
    assert said(granule(tmp_path, field, row, dtype="i2", **packed)) == []


def test_range_that_leaves_out_some_is_not_doubted(tmp_path: Path):
    packed = {"scale_factor": 0.1, "valid_range": np.array([0, 280], "i2"), "units": "m"}
    field = np.arange(320.0).reshape(16, 20)
    assert said(granule(tmp_path, field, dtype="i2", **packed)) == []


def test_range_of_values_that_no_stored_number_reaches_may_be_one_of_stored_numbers(
    tmp_path: Path,
):
    """Vegetation of MODIS, its range turned into floats on the way: flags would be values."""
    packed = {"scale_factor": 0.0001, "valid_range": np.array([0.0, 10000.0]), "units": "1"}
    field = np.linspace(0, 9000, 320).reshape(16, 20).round()
    assert said(granule(tmp_path, field, dtype="i2", **packed)) == []
    field[0, :5] = 32761
    (found,) = said(granule(tmp_path, field, dtype="i2", **packed))
    assert (
        "0 to 10000, is one of unpacked values by its data type, but int16 x 0.0001 never" in found
    )
    assert "valid = [0, 1]" in found


def test_file_without_a_value_is_told(tmp_path: Path):
    (found,) = said(granule(tmp_path, np.full((16, 20), np.nan)))
    assert found.startswith("no cell of the first, the middle and the last step has a value")


def test_first_middle_and_last_step_are_looked_at(tmp_path: Path):
    for step in (0, 2, 4):
        field = np.full((5, 16, 20), 3.0)
        field[step, 1, 1] = -9999
        assert len(said(granule(tmp_path, field))) == 1
    field = np.full((5, 16, 20), 3.0)
    field[1, 1, 1] = -9999
    assert said(granule(tmp_path, field)) == []


def test_large_grid_is_looked_at_here_and_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cell_sample, "CELLS", 36)
    field = np.arange(320.0).reshape(16, 20)
    seen = read_sample(granule(tmp_path, field), {}).stored
    assert len(seen) == 36
    assert {0, 19, 300, 319} <= set(seen.tolist())


def test_first_of_a_further_dimension_is_looked_at_unless_chosen(tmp_path: Path):
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as data:
        axes = {"member": [1, 2], "time": [0], "lat": LAT, "lon": LON}
        for name, numbers in axes.items():
            data.createDimension(name, len(numbers))
            data.createVariable(name, "f8", (name,))[:] = numbers
        data["time"].units = "days since 2019-01-01"
        wind = data.createVariable("wind", "f4", tuple(axes))
        wind[0], wind[1] = 1.0, 2.0
    one = Granule(tmp_path / "a.nc", "wind")
    assert set(read_sample(one, {}).stored.tolist()) == {1}
    assert set(read_sample(one, {"member": 2}).stored.tolist()) == {2}
