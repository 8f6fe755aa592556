"""A compact document holds the same numbers, to the last bit, as one whose series are whole."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import cftime
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from csserv.climatology.normals import REFERENCE_STATISTICS
from csserv.errors import DamagedResultError, InvalidRequestError
from csserv.notebook.result import Result as ShownResult
from csserv.outputs import Result
from csserv.outputs.document.compact_form import MANY, compact, of_year, version_for
from csserv.outputs.formats.series_files import SERIES_FORMATS
from csserv.outputs.result_json import (
    check_document,
    copy_whole,
    each_series,
    is_compact,
    read_document,
    write_document,
)
from csserv.outputs.series import Series, iso
from tests.outputs.compared import document, series_of, with_maximum, write_result
from tests.outputs.flipped_bits import check_each_flipped_bit

NUMBERS = st.floats(width=64) | st.sampled_from([0.0, -0.0, 100.0, 1e308, 5e-324])


@st.composite
def tables(draw: st.DrawFn) -> tuple[Series, list[dict[str, Any]]]:
    """Some operations, steps, zones and members, and what an index has beside its values."""
    steps, zones = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    members = draw(st.sampled_from([(), ("1", "2")]))
    count, names = zones * max(1, len(members)), draw(st.sampled_from([("mean",), ("mean", "max")]))
    longer = draw(st.booleans())

    def array(*shape: int, entries: st.SearchStrategy[float] = NUMBERS) -> Any:
        size = int(np.prod(shape))
        return np.array(draw(st.lists(entries, min_size=size, max_size=size)), float).reshape(shape)

    shares = st.sampled_from([100.0, 100.0, 0.125, 33.33333])
    series = Series(
        times=tuple(cftime.datetime(2019, 1, 1 + day) for day in range(steps)),
        zones=tuple((f"z{n}", draw(st.text(max_size=3))) for n in range(zones)),
        values=array(len(names), steps, count),
        percent=array(steps, count, entries=shares),
        complete=(True,) * steps if longer else (),
        steps_percent=array(steps, count, entries=shares) if longer else None,
        names=names,
        selections=[{"member": one} for one in members] or ({},),
    )
    fit = draw(st.sampled_from([{}, {"index_of": [1.5, None], "fit": {"alpha": [None, 2.5]}}]))
    return series, [fit | {"percent_on_grid": 12.5}] * count


def write_both(folder: Path, series: Series, beside: Any, sets: Any = None) -> tuple[Path, Path]:
    """Write a result in both forms."""
    paths = (folder / "whole.json", folder / "compact.json")
    plain = {"version": 1, "id": "x", "units": "mm", "series": [], "provenance": {"a": [1]}}
    if series.against:
        plain = {"version": 1} | document(series)
    shared = {} if sets is None else of_year(REFERENCE_STATISTICS, sets)
    times = [iso(time) for time in series.times]
    for path, said in zip(paths, (plain, compact(plain, times, shared)), strict=True):
        every = zip(series.arrays(), beside, strict=True)
        write_document(path, said, (one | more for one, more in every))
    return paths


def bits(value: Any) -> Any:
    """Return a value with each number as its bytes: -0.0 equals 0.0, and is another one."""
    if isinstance(value, float):
        return struct.pack("<d", value)
    if isinstance(value, dict):
        return {name: bits(one) for name, one in value.items()}
    return [bits(one) for one in value] if isinstance(value, list) else value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tables())
def test_both_forms_hold_the_same(tmp_path: Path, table: tuple[Series, list[dict[str, Any]]]):
    series, beside = table
    one, other = write_both(tmp_path, series, beside)
    said = json.loads(other.read_text())
    assert said["version"] == 2
    assert "time" not in said["series"][0]
    assert is_compact(other)
    assert not is_compact(one)
    lists = [first | more for first, more in zip(series.each(), beside, strict=True)]
    assert bits(read_document(one)["series"]) == bits(lists)
    assert bits(read_document(one)) == bits(read_document(other))
    assert bits(list(each_series(other))) == bits(lists)
    assert read_document(other, with_series=False) == read_document(one, with_series=False)
    for path in (one, other):
        check_document(path)
        for found, listed in zip(each_series(path, arrays=True), lists, strict=True):
            expected = np.array(listed["value"], float)
            assert found["value"].tobytes() == expected.tobytes()
            assert found["valid_percent"].tolist() == listed["valid_percent"]
            assert found["time"] == listed["time"]
    copied = tmp_path / "copied.json"
    copy_whole(other, copied)
    assert copied.read_bytes() == one.read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 99), years=st.sampled_from([1, 2, 3]), share=st.sampled_from([0, 0.7]))
@example(seed=1, years=2, share=1.0)
def test_normals_are_there_once_and_read_at_each_step(
    tmp_path: Path, seed: int, years: int, share: float
):
    random = np.random.default_rng(seed)
    values = random.gamma(1, 20, (12 * 30, 2))
    values[random.random(values.shape) < share] = np.nan
    series = with_maximum(series_of(values, range(1994, 1994 + years)))
    steps = np.array([time.month for time in series.times])
    one, other = write_both(tmp_path, series, [{}, {}], steps)
    first = json.loads(other.read_text())["series"][0]
    for normals in (first["against"], first["further_against"]["max"]):
        assert len(normals["normal"]) == 12
        assert len(normals["anomaly"]) == 12 * years
    assert bits(read_document(one)) == bits(read_document(other))
    copied = tmp_path / "copied.json"
    copy_whole(other, copied)
    assert copied.read_bytes() == one.read_bytes()


def test_a_step_of_its_own_has_its_own_entries():
    assert of_year(["normal"], np.arange(24)) == {}
    found = of_year(["normal"], np.array([7, 3, 7, 3, 3]))
    assert found["step_of_year"]["of_step"] == [0, 1, 0, 1, 1]  # in the order of the steps


def test_a_result_is_converted_alike_from_both_forms(tmp_path: Path):
    values = np.random.default_rng(3).gamma(1, 20, (360, 2))
    values[7, 0] = np.nan
    series = with_maximum(series_of(values, range(1991, 1994)))
    result = write_result(tmp_path, series)
    frame, data = result.to_dataframe(), result.to_dataset()
    sets = np.array([time.month for time in series.times])
    _, other = write_both(tmp_path, series, [{}, {}], sets)
    other.rename(result.path)
    again = type(result)(result.folder, result.area)
    assert again.to_dataframe().equals(frame)
    assert again.to_dataset().identical(data)
    for written in (repr, ShownResult._repr_html_):
        assert written(ShownResult.of(again)) == written(ShownResult.of(result))
    assert "json" not in vars(again)  # its numbers stay arrays


def test_parquet_has_its_receipt_without_the_series_though_they_were_read(tmp_path: Path):
    values = np.random.default_rng(3).gamma(1, 20, (360, 2))
    result = write_result(tmp_path, series_of(values, range(1991, 1994)))
    assert result.json["series"]
    SERIES_FORMATS["parquet"].write(result, tmp_path / "a.parquet")
    told = json.loads(parquet.read_schema(tmp_path / "a.parquet").metadata[b"csserv"])
    assert told["against"] == result.json["against"]
    assert "series" not in told


def test_few_numbers_and_single_series_are_written_whole():
    assert [version_for(1, 10**9), version_for(2, MANY - 1), version_for(2, MANY)] == [1, 1, 2]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_compact_document_that_was_formatted_anew_is_read(tmp_path: Path, indent: int | None):
    series = series_of(np.random.default_rng(3).gamma(1, 20, (360, 2)), range(1991, 1993))
    sets = np.array([time.month for time in series.times])
    one, other = write_both(tmp_path, series, [{}, {}], sets)
    other.write_text(json.dumps(json.loads(other.read_text()), indent=indent))
    assert read_document(other) == read_document(one)
    assert list(each_series(other)) == list(each_series(one))


def test_no_flipped_bit_of_a_compact_document_changes_a_number(tmp_path: Path):
    values = np.array([[1.5, 27.25], [np.nan, 3.0]])
    series = Series(
        tuple(cftime.datetime(2019, 1, day) for day in (1, 2)),
        (("a", "A"), ("b", "B")),
        values[None],
        np.array([[100.0, 50.0], [100.0, 40.0]]),
    )
    _, path = write_both(tmp_path, series, [{}, {}])
    check_each_flipped_bit(path)


def test_a_form_of_later_versions_is_refused_in_words(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text('{"version": 3, "series": []}')
    with pytest.raises(DamagedResultError, match="version 3; known are 1 and 2"):
        read_document(path)


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_a_result_by_zones_is_the_whole(tmp_path: Path, at_once: int):
    values = np.random.default_rng(3).gamma(1, 20, (360, 4))
    values[5, 1] = np.nan
    series = series_of(values, range(1991, 1994), members=("1", "2"))
    result = write_result(tmp_path, series)
    sets = np.array([time.month for time in series.times])
    _, other = write_both(tmp_path, series, [{}] * 4, sets)
    other.rename(result.path)
    frame = result.to_dataframe()
    parts = list(Result(result.folder, result.area).by_zones(at_once))
    assert len(parts) == -(-2 // at_once)
    found = pd.concat([one.to_dataframe() for one in parts], ignore_index=True)
    pd.testing.assert_frame_equal(found, frame, check_exact=True)
    assert [one.to_xarray().zone.size for one in parts] == [min(at_once, 2)] * len(parts)
    assert parts[0].area is result.area
    with pytest.raises(InvalidRequestError, match="at_once is 0; allowed is 1 or more"):
        next(result.by_zones(0))


def test_files_made_of_a_compact_result_are_those_of_a_whole_one(tmp_path: Path):
    values = np.random.default_rng(3).gamma(1, 20, (360, 2))
    series = with_maximum(series_of(values, range(1991, 1994)))
    result = write_result(tmp_path, series)
    _, other = write_both(tmp_path, series, [{}, {}])
    for name, form in SERIES_FORMATS.items():
        form.write(result, tmp_path / f"whole{form.ending}")
        path = tmp_path / "folder" / result.path.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(other.read_bytes())
        form.write(Result(path.parent, result.area, copied=path), tmp_path / f"other{form.ending}")
        if name == "csv":
            assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()
        if name == "netcdf":
            paths = (tmp_path / "whole.nc", tmp_path / "other.nc")
            with xr.open_dataset(paths[0]) as one, xr.open_dataset(paths[1]) as again:
                assert one.equals(again)
        if name == "parquet":
            one, again = (pd.read_parquet(tmp_path / f"{n}.parquet") for n in ("whole", "other"))
            pd.testing.assert_frame_equal(one, again, check_exact=True)
            one["time"] = one["time"].dt.as_unit("s")  # Parquet counts milliseconds
            pd.testing.assert_frame_equal(one, result.to_dataframe(), check_exact=True)
        if name == "xlsx":
            sheets = [zipfile.ZipFile(tmp_path / f"{n}.xlsx") for n in ("whole", "other")]
            assert len({one.read("xl/worksheets/sheet1.xml") for one in sheets}) == 1
