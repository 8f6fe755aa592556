"""A result of several members or levels, as tables, arrays, files and words have it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from csserv import Settings
from csserv.catalog import Catalog
from csserv.checking import explain, verify
from csserv.errors import InvalidRequestError
from csserv.notebook.result import Result as NotebookResult
from csserv.outputs import Result
from csserv.outputs.formats.series_files import SERIES_FORMATS, provenance_table
from csserv.outputs.further_dimensions import choose_coordinates
from csserv.request import Area
from tests.cf_checker import complaints
from tests.outputs.ensembles import ONE, TWO, write_ensembles
from tests.outputs.exports import export, series_file

ASKED: dict[str, tuple[str, str, Area, dict[str, Any]]] = {
    "members of a zone": ("ensemble", "mean", ONE, {"member": "*"}),
    "members of zones": ("ensemble", "mean,p90", TWO, {"member": "*"}),
    "heights and members": ("tower", "mean", TWO, {"member": "0,2", "height": "*"}),
    "texts": ("scenarios", "max", TWO, {"scenario": "*"}),
    "no coordinates": ("bare", "mean", ONE, {"run": "*"}),
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return write_ensembles(tmp_path_factory.mktemp("further"))


@pytest.fixture(scope="module")
def found(settings: Settings) -> Result:
    """Two zones, two heights, three members."""
    return export(settings, "tower", "mean", TWO, select={"member": "*", "height": "*"})


@pytest.fixture(scope="module")
def several(settings: Settings) -> Result:
    """Two zones, three members, two operations, by month."""
    select = {"member": "*"}
    return export(settings, "ensemble", "mean,max", TWO, select=select, time_step="monthly")


def series(result: Result, **wanted: str) -> list[float | None]:
    """The values of the one series that has this zone and these coordinates."""
    zone = wanted.pop("zone", "East")
    (one,) = (
        one
        for one in result.json["series"]
        if one["zone"]["name"] == zone and one["select"] == wanted
    )
    return list(one["value"])


def test_array_has_a_dimension_for_each_with_the_coordinates_of_the_files(found: Result):
    array = found.to_xarray()
    assert array.dims == ("zone", "height", "member", "time")
    assert array["member"].dtype == "int16"
    assert array["height"].dtype == "float32"
    assert array["height"].attrs["units"] == "m"
    picked = array.sel(zone="Wést", height=10.1, member=2)
    assert picked.values.tolist() == series(found, zone="Wést", height="10.1", member="2")
    share = picked["valid_percent"].values
    assert ((share > 0) & (share < 100)).any()


def test_what_is_selected_is_named(found: Result):
    with pytest.raises(InvalidRequestError, match="select is 'member=1'; allowed are names with"):
        choose_coordinates(found.json, "member=1")


def test_one_zone_has_no_dimension_of_zones(settings: Settings):
    array = export(settings, "ensemble", "mean", ONE, select={"member": "5,1"}).to_xarray()
    assert array.dims == ("member", "time")
    assert array["member"].values.tolist() == [5, 1]
    assert array["zone"].item() == "East"


def test_dataset_has_the_dimension_in_each_operation(several: Result):
    data = several.to_dataset()
    assert data["max"].dims == ("zone", "member", "time")
    assert data["valid_steps_percent"].dims == ("zone", "member", "time")
    assert (data["max"] > data["mean"]).all()


def test_table_has_a_column_for_each_dimension(found: Result):
    table = found.to_dataframe()
    assert list(table.columns) == [
        *("zone", "zone_id", "height", "member", "time", "value", "valid_percent")
    ]
    assert (table["member"].dtype, table["height"].dtype) == ("int16", "float32")
    mine = table[(table.zone == "East") & (table.member == 1) & (table.height == np.float32(10.1))]
    assert mine["value"].tolist() == series(found, height="10.1", member="1")
    assert len(table) == 2 * 2 * 3 * 59


def test_wide_table_has_a_level_of_columns_for_each_dimension(found: Result):
    wide = found.to_dataframe(wide=True)
    assert list(wide.columns.names) == ["zone", "height", "member"]
    own = wide[("Wést", np.float32(2.0), 0)]
    assert own.tolist() == series(found, zone="Wést", height="2", member="0")
    alone = found.select(height=2, member="0").to_dataframe(wide=True)
    assert list(alone.columns) == ["East", "Wést"]
    assert alone["Wést"].tolist() == own.tolist()


@pytest.mark.parametrize("given", [False, True])
def test_shapes_have_a_row_for_each_series(found: Result, given: bool):
    own = gpd.GeoDataFrame(
        {"people": [10, 20], "member": ["theirs", "theirs"]},
        geometry=[zone.geometry for zone in TWO.zones[::-1]],
        index=["w", "e"],
        crs="EPSG:4326",
    )
    zones = own if given else None
    tidy = found.to_geodataframe(zones)
    assert len(tidy) == 2 * 6 * 59
    assert tidy.member.isin([0, 1, 2]).all()
    wide = found.to_geodataframe(zones, wide=True)
    assert list(wide.index) == ["e"] * 6 + ["w"] * 6
    row = wide[(wide.index == "w") & (wide.member == 1) & (wide.height == 2)]
    assert row.iloc[0][found.json["series"][0]["time"]].tolist() == series(
        found, zone="Wést", height="2", member="1"
    )
    assert row.geometry.iloc[0].equals(TWO.zones[1].geometry)
    assert wide.crs == "EPSG:4326"
    if given:
        assert row["people"].tolist() == [10]


def test_files_of_a_result_have_the_columns(several: Result, tmp_path: Path):
    for name in ("csv", "xlsx"):
        SERIES_FORMATS[name].write(several, tmp_path / f"a.{name}")
    table = pd.read_csv(tmp_path / "a.csv")
    assert list(table.columns)[:4] == ["zone", "zone_id", "member", "time"]
    mine = table[(table.zone == "East") & (table.member == 5)]
    assert mine["mean"].tolist() == pytest.approx(series(several, member="5"), rel=1e-14)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<si><t>zone_id</t></si><si><t>member</t></si>" in texts
    told = dict(provenance_table(several).values.tolist())
    assert told["Further dimensions"] == "member: 1, 2, 5"


def test_csv_export_has_the_columns(settings: Settings):
    result = export(settings, "tower", "csv", ONE, select={"member": "*", "height": "2,10.1"})
    with zipfile.ZipFile(result.path.with_suffix(".zip")) as archive:
        lines = archive.read(archive.namelist()[0]).decode().splitlines()
    assert lines[0] == "zone,height,member,date,value [mm/day],valid [%]"
    first = series(result, height="2", member="0")[0]
    assert lines[1].startswith(f"East,2,0,2019-01-01,{first}")
    assert len(lines) == 1 + 6 * 59


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "operation", "area", "select"), ASKED.values(), ids=ASKED)
def test_netcdf_of_series_is_cf(
    settings: Settings, dataset: str, operation: str, area: Area, select: dict[str, Any]
):
    result = export(settings, dataset, operation, area, select=select)
    path = series_file(result)
    assert complaints(path) == []
    with xr.open_dataset(path, engine="netcdf4", decode_coords="all") as file:
        file.load()
    assert json.loads(file.attrs["provenance"]) == result.provenance
    array = result.to_xarray()
    own = file[result.operations[0]]
    np.testing.assert_array_equal(own.values, array.values)
    for name in set(array.dims) - {"time", "zone"}:
        assert own[name].values.tolist() == array[name].values.tolist()
        assert own[name].dtype.kind == array[name].dtype.kind


def test_coordinates_in_netcdf_keep_type_and_units(found: Result):
    with netCDF4.Dataset(series_file(found)) as data:
        assert data["mean"].dimensions == ("zone_index", "height", "member", "time")
        assert (data["height"].dtype, data["height"].units) == ("f4", "m")
        assert data["member"].standard_name == "realization"
        assert "axis" not in data["member"].ncattrs()
        assert "_FillValue" not in data["member"].ncattrs()


def test_selected_member_is_as_if_it_had_been_asked_for_alone(found: Result):
    one = found.select(member=2.0, height="10.10")
    assert [row["zone"]["name"] for row in one.json["series"]] == ["East", "Wést"]
    assert one.json["series"][0]["value"] == series(found, height="10.1", member="2")
    assert one.json["request"]["options"]["select"] == [["height", "10.1"], ["member", "2"]]
    assert "dimensions" not in one.json
    assert one.to_xarray().dims == ("zone", "time")
    half = found.select(height=2)
    assert half.to_xarray().dims == ("zone", "member", "time")
    for wrong, said in (
        ({"member": 7}, "no member '7'; the result has 0, 1, 2"),
        ({"level": 1}, "no 'level' to choose from; it has several of height, member"),
    ):
        with pytest.raises(InvalidRequestError, match=said):
            found.select(**wrong)
    with pytest.raises(InvalidRequestError, match="it has one of each dimension"):
        one.select(member=2)


def test_reason_of_a_missing_value_is_of_one_series(found: Result, settings: Settings):
    with pytest.raises(InvalidRequestError, match=r"say which height, of 2, 10.1: select="):
        found.why("2019-01-03", "East")
    reason = found.why("2019-01-03", "East", select={"height": 2, "member": 1})
    assert reason.code == "value"
    assert str(reason).startswith("East, height 2, member 1: 2019-01-03 has a value: ")


def test_each_number_is_explained_by_its_cells(found: Result, settings: Settings):
    catalog = Catalog.read(settings.data, settings.catalog)
    with pytest.raises(InvalidRequestError, match="say which height"):
        explain(found, catalog, "2019-02-03", "Wést")
    for member in ("0", "2"):
        chosen = {"height": "10.1", "member": member}
        told = explain(found, catalog, "2019-02-03", "Wést", select=chosen)
        assert told.value == series(found, zone="Wést", **chosen)[33]
        assert told.cells.contribution.sum() == pytest.approx(told.value, rel=1e-12)
        assert told.zone == f"Wést, height 10.1, member {member}"
    total = export(settings, "ensemble", "max", ONE, select={"member": "*"})
    told = explain(total, catalog, "2019-01-05", select={"member": 5})
    assert told.value == series(total, member="5")[4]


def test_all_members_are_verified(several: Result, settings: Settings, tmp_path: Path):
    catalog = Catalog.read(settings.data, settings.catalog)
    assert str(verify(several, catalog)) == "identical"
    plain = json.loads(several.path.read_text())
    plain["series"][4]["value"][1] += 0.5
    copy = tmp_path / "copy.json"
    copy.write_text(json.dumps(plain))
    area = several.folder.parent.parent / "areas" / f"{TWO.sha256}.geojson"
    text = str(verify(Result(tmp_path, area, copy), catalog))
    assert "Wést, member 2: 1 of 2 values differ, by 0.5 mm at most" in text
    del plain["series"][4:]
    copy.write_text(json.dumps(plain))
    assert "it had 4 series, and has 6 now" in str(verify(Result(tmp_path, area, copy), catalog))


def test_names_that_are_taken_are_not_taken_twice(found: Result):
    plain = json.loads(json.dumps(found.json).replace('"member"', '"value"'))
    other = found.select()
    object.__setattr__(other, "json", plain)
    assert "value_of_data" in other.to_dataframe().columns
    assert other.to_xarray().dims == ("zone", "height", "value_of_data", "time")


def test_notebook_names_each_series_and_maps_one_member(found: Result):
    shown = NotebookResult(found.folder)
    assert "2 zones, 2 of height, 3 of member, 59 steps" in repr(shown)
    assert "<th>East, height 2, member 0</th>" in shown._repr_html_()
    assert "and 6 more series and" in shown._repr_html_()
    lines, _ = shown.plot()
    assert len(lines) == 12
    assert ("East, height 2, member 1",) in lines.data
    with pytest.raises(InvalidRequestError, match=r"result.select\(height='2'\).plot.map\(\)"):
        shown.plot.map()
    picture = shown.select(height=2, member=1).plot.map("2019-01-02")
    assert picture is not None


def test_members_are_summed_up_beside_each_other(found: Result):
    spread = found.spread("member", (0.0, 0.5, 1.0))
    members = found.to_xarray()
    assert spread["mean"].identical(members.rename("mean"))
    axis = members.get_axis_num("member")
    np.testing.assert_array_equal(spread["mean_quantile"][0], np.nanmin(members, axis=axis))
    np.testing.assert_array_equal(spread["mean_quantile"][2], np.nanmax(members, axis=axis))
    np.testing.assert_allclose(spread["mean_mean"], np.nanmean(members, axis=axis), rtol=1e-12)
    assert set(np.unique(spread["members_used"])) <= {0, 1, 2, 3}
    assert spread["mean_quantile"].dims == ("quantile", "zone", "height", "time")


@pytest.mark.parametrize(
    ("dimension", "shares", "why"),
    [
        (None, (0.5,), "say over which dimension: "),
        ("scenario", (0.5,), "has no 'scenario'; it has "),
        ("member", (50,), "allowed are 0 to 1"),
        ("member", (), "allowed are 0 to 1"),
    ],
)
def test_what_cannot_be_summed_up_is_said(found: Result, dimension, shares, why: str):
    with pytest.raises(InvalidRequestError, match=why):
        found.spread(dimension, shares)


def test_one_series_has_no_spread(settings: Settings):
    single = export(settings, "ensemble", "mean", ONE, select={"member": "1"})
    with pytest.raises(InvalidRequestError, match="ask for several members"):
        single.spread()
