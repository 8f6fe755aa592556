"""What is said against what is normal is the same in JSON, tables, arrays, files and words."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import netCDF4
import numpy as np
import pytest
import xarray as xr

from csserv.cli.series_rows import series_columns, series_rows
from csserv.climatology.normals import STATISTICS
from csserv.notebook.result import Result as NotebookResult
from csserv.outputs import Result
from csserv.outputs.against import SHOWN, compared_with
from csserv.outputs.formats.export import archive_csv
from csserv.outputs.formats.series_files import SERIES_FORMATS, provenance_table
from csserv.outputs.further_dimensions import choose_coordinates, column_names
from csserv.outputs.series import Series, pick_steps
from csserv.outputs.several_operations import choose_operation
from csserv.outputs.words.provenance_text import summarise
from csserv.outputs.words.sentence import in_words
from tests.cf_checker import complaints
from tests.outputs.compared import AREA, document, series_of, with_maximum, write_result

NAMES = [one.name for one in STATISTICS]


def rain(series: int = 2) -> Any:
    """Months of 1991 to 2025: East lacks two years and has no data in May 2025."""
    rng = np.random.default_rng(2)
    values = np.round(rng.gamma(0.8, 40, (12 * 35, series)), 1)
    values[12:36, 1] = np.nan
    values[12 * 34 + 4, 1] = np.nan
    values[6::12] = 0.0  # no rain in July
    return values


@pytest.fixture(scope="module")
def asked() -> Series:
    return series_of(rain(), range(2024, 2026))


@pytest.fixture(scope="module")
def found(asked: Series, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return write_result(tmp_path_factory.mktemp("against"), asked)


def test_json_has_each_statistic_at_each_step(found: Result, asked: Series):
    for number, one in enumerate(found.json["series"]):
        assert list(one["against"]) == NAMES
        assert list(one)[-1] == "against"
        for name, values in one["against"].items():
            expected = asked.against[0][name][:, number]
            assert len(values) == 24
            for value, wanted in zip(values, expected.tolist(), strict=True):
                assert value == wanted or (value is None and wanted != wanted)
    east = found.json["series"][1]["against"]
    assert east["years_used"][:2] == [28, 28]
    assert {type(one) for one in east["years_used"]} == {int}
    assert east["anomaly"][16] is east["tercile"][16] is None
    assert east["normal"][16] is not None


def test_series_without_statistics_are_as_they_were(asked: Series):
    plain = Series(asked.times, asked.zones, asked.values, asked.percent)
    assert all("against" not in one for one in plain.each())
    assert {len(row) for row in plain.rows()} == {4}


def test_array_has_them_as_coordinates_and_dataset_as_variables(found: Result, asked: Series):
    array, data = found.to_xarray(), found.to_dataset()
    assert set(NAMES) <= set(array.coords)
    assert list(data.data_vars) == ["mean", *NAMES]
    for name in NAMES:
        assert array[name].dims == data[name].dims == ("zone", "time")
        if name != "tercile":
            np.testing.assert_array_equal(data[name].values.T, asked.against[0][name])
    classes = data["tercile"].sel(zone="East").values.tolist()
    assert classes[16] == ""
    assert set(classes) == {"", "below", "near", "above"}
    difference = data["mean"] - data["normal"]
    np.testing.assert_allclose(data["anomaly"], difference, atol=1e-9)


def test_variables_say_what_they_are_as_cf_has_it(found: Result):
    data = found.to_dataset()
    assert data["normal"].attrs == {
        "long_name": "mean of the reference, 1991 to 2020",
        "units": "mm",
        "cell_methods": "area: mean time: sum time: mean (of the same step of the years "
        "1991 to 2020)",
    }
    assert data["anomaly"].attrs["cell_methods"] == "area: mean time: sum"
    assert data["percentile_rank"].attrs["units"] == "%"
    assert "cell_methods" not in data["normal_p10"].attrs
    assert "units" not in data["tercile"].attrs


def test_step_of_a_temperature_is_a_difference(tmp_path: Path):
    data = write_result(tmp_path, series_of(rain(), range(2025, 2026)), "degC").to_dataset()
    said = {name: data[name].attrs.get("units_metadata", "") for name in NAMES}
    assert said["anomaly"] == said["standard_deviation"] == "temperature: difference"
    assert said["normal"] == said["normal_p90"] == "temperature: on_scale"
    assert said["percentile_rank"] == said["standardised_anomaly"] == ""


def test_rows_end_with_them(found: Result, asked: Series):
    table = found.to_dataframe()
    assert list(table.columns) == [
        *("zone", "zone_id", "time", "value", "valid_percent", "valid_steps_percent", "complete"),
        *NAMES,
    ]
    east = table[table["zone"] == "East"]
    for name in NAMES[:-1]:
        np.testing.assert_array_equal(east[name], asked.against[0][name][:, 1])
    assert east["tercile"].tolist()[16] == ""
    assert table["years_used"].dtype.kind == "i"
    assert list(found.to_dataframe(wide=True).columns) == ["West", "East"]
    zones = gpd.GeoDataFrame(geometry=[AREA.zones[0].geometry] * 2, index=["w", "e"], crs=4326)
    assert set(NAMES) <= set(found.to_geodataframe(zones).columns)


@pytest.fixture(scope="module")
def several(asked: Series, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return write_result(tmp_path_factory.mktemp("several"), with_maximum(asked))


def test_older_readers_find_the_first_of_several_operations(several: Result, found: Result):
    assert several.json["against"] == found.json["against"]
    for one, alone in zip(several.json["series"], found.json["series"], strict=True):
        assert {name: one[name] for name in alone} == alone
        assert one.keys() - alone.keys() == {"further", "further_against"}


def test_each_of_several_operations_has_its_own(several: Result):
    chosen, table, data = several.select("max"), several.to_dataframe(), several.to_dataset()
    assert chosen.json["against"]["statistics"][0]["units"] == "cm"
    assert [*table.columns[:5]] == ["zone", "zone_id", "time", "mean", "max"]
    of_each = [f"{operation}_{name}" for operation in ("mean", "max") for name in NAMES]
    assert [*table.columns[-len(of_each) :]] == of_each
    assert [*data.data_vars] == ["mean", "max", *of_each]
    for name in NAMES:
        np.testing.assert_array_equal(data[f"max_{name}"], chosen.to_dataset()[name])
        assert data[f"max_{name}"].attrs == chosen.to_dataset()[name].attrs
        alone = chosen.to_dataframe()[name]
        np.testing.assert_array_equal(table[f"max_{name}"], alone)
    np.testing.assert_allclose(data["max_normal"] - 1, data["mean_normal"])
    assert "max 73 cm, 196 % of normal (38 cm)" in several.in_words("2024-08", "West", "max")
    picked = pick_steps(several.json["series"][0], [3])
    (normal,) = picked["further_against"]["max"]["normal"]
    assert normal == chosen.json["series"][0]["against"]["normal"][3]


@pytest.mark.parametrize(("operation", "said"), [("max", "wetter than"), ("range", "higher than")])
def test_how_cells_differ_is_no_drier_or_wetter(several: Result, operation: str, said: str):
    plain = several.select("max").json
    plain["variable"] = {"long_name": f"{operation} of rainfall"}
    plain["request"] = plain["request"] | {"operation": operation}
    assert said in in_words(plain, "2024-08", "West")


def test_netcdf_of_several_operations_is_cf(several: Result, tmp_path: Path):
    path = tmp_path / "a.nc"
    SERIES_FORMATS["netcdf"].write(several, path)
    assert complaints(path) == []
    with netCDF4.Dataset(path) as data:
        assert data["max_tercile"].flag_meanings == "below near above"
        assert (data["max_normal"].units, data["mean_normal"].units) == ("cm", "mm")


def test_rows_of_a_terminal_have_those_of_each_operation(several: Result):
    columns = series_columns(several.json)
    assert columns[2:5] == ["mean [mm]", "max [cm]", "valid_percent"]
    assert columns[5:] == [f"{one}_{name}" for one in ("mean", "max") for name in SHOWN]
    first = next(series_rows(several.json))
    assert {*first} == {*columns}
    assert float(first["max_normal"]) == pytest.approx(float(first["mean_normal"]) + 1, abs=1e-3)


def test_csv_of_an_export_ends_with_them(found: Result, asked: Series, tmp_path: Path):
    class Cells:
        attributes = {"units": "mm"}  # noqa: RUF012

    archive_csv(tmp_path / "a.zip", Cells(), (), asked, None)  # type: ignore[arg-type]
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        header, *rows = csv.reader(io.StringIO(archive.read("a.csv").decode()))
    assert header[-len(NAMES) :] == NAMES
    assert {len(row) for row in rows} == {len(header)}
    lacking = rows[24 + 16]
    assert lacking[:3] == ["East", "2025-05-01", ""]
    assert lacking[header.index("anomaly")] == lacking[header.index("tercile")] == ""
    assert float(lacking[header.index("normal")]) == asked.against[0]["normal"][16, 1]


def test_csv_of_a_result_has_the_same_columns(found: Result, tmp_path: Path):
    SERIES_FORMATS["csv"].write(found, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open() as file:
        rows = [*csv.DictReader(file)]
    assert list(rows[0])[-len(NAMES) :] == NAMES
    july = rows[6]
    assert (july["time"], july["normal"], july["tercile"]) == ("2024-07-01", "0.0", "near")
    assert july["percent_of_normal"] == ""


def test_netcdf_is_cf_and_has_classes_as_flags(found: Result, tmp_path: Path):
    path = tmp_path / "a.nc"
    SERIES_FORMATS["netcdf"].write(found, path)
    assert complaints(path) == []
    with netCDF4.Dataset(path) as data:
        assert data.title == "mean of Rain, two zones, 2024-01-01/2025-12-31"
        assert data["tercile"].flag_meanings == "below near above"
        assert np.flatnonzero(data["tercile"][1].mask).tolist() == [16]
    with xr.open_dataset(path, engine="netcdf4") as data:
        words = np.array(["", "below", "near", "above"])[
            np.nan_to_num(data["tercile"].values).astype(int)
        ]
        assert words.tolist() == found.to_dataset()["tercile"].values.tolist()
        np.testing.assert_array_equal(data["anomaly"], found.to_dataset()["anomaly"])


def test_what_values_are_compared_with_is_told_where_they_come_from(found: Result):
    said = "the same step of 1991 to 2020; its own year counts"
    told = dict(provenance_table(found).values.tolist())
    assert told["Compared with"] == said
    assert told["Percentiles and ranks"].startswith("Hazen")
    assert f"Each step is compared with {said}." in summarise(found.json)
    assert f"against {said}" in repr(NotebookResult.of(found))
    days = {"reference": "1981/2010", "own_year": "out", "window_days": 15}
    assert compared_with({"against": days}) == (
        "the same step of 1981 to 2010, 15 days of each; its own year does not count"
    )
    assert compared_with({}) == ""


def test_some_steps_are_picked_with_their_statistics(found: Result):
    one = found.json["series"][0]
    picked = pick_steps(one, [3, 0])
    assert picked["time"] == ["2024-04-01", "2024-01-01"]
    for name, values in one["against"].items():
        assert picked["against"][name] == [values[3], values[0]]


def test_choices_of_members_and_operations_keep_them(tmp_path: Path):
    result = write_result(tmp_path, series_of(rain(4), range(2025, 2026), members=("1", "2")))
    assert result.to_xarray()["normal"].dims == ("zone", "member", "time")
    chosen = choose_coordinates(choose_operation(result.json, "mean"), {"member": 2})
    assert chosen["against"] == result.json["against"]
    for one, every in zip(chosen["series"], result.json["series"][1::2], strict=True):
        assert one["against"] == every["against"]
    alone = result.select(member=2)
    assert "member" not in alone.to_dataframe().columns
    assert alone.to_xarray()["anomaly"].dims == ("zone", "time")


def test_dimension_of_the_data_that_has_the_name_of_a_statistic_is_named_otherwise(asked: Series):
    plain = document(asked) | {"dimensions": {"normal": {}, "member": {}}}
    assert column_names(plain) == {"normal": "normal_of_data", "member": "member"}
    del plain["against"]
    assert column_names(plain)["normal"] == "normal"


def test_why_says_how_a_value_stands_to_normal(found: Result):
    for month in range(12):
        time = f"2024-{month + 1:02}"
        _, _, words = found.in_words(time, zone="West").partition(", ")
        said = found.why(time, zone="West")
        assert said.code == "value"
        assert str(said).endswith(f"% of its area; {words.partition(' mm, ')[2]}")
    assert "; as is normal; as in all 30 years of 1991-2020" in str(found.why("2024-07", "West"))
    assert "normal" not in str(found.why("2025-05", zone="East"))


def test_why_says_that_years_are_too_few(tmp_path: Path):
    values = rain()
    values[12 * 9 :, 0] = np.nan
    values[-12:, 0] = 1.0
    result = write_result(tmp_path, series_of(values, range(2025, 2026)))
    said = str(result.why("2025-01", zone="West"))
    assert said.endswith("of its area; no normal, as only 9 years of 1991-2020 have a value")
