"""A result on disk, opened as xarray, pandas and geopandas have it; and how to cite it."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import cftime
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from csserv import Area, Result, Zone
from csserv.errors import (
    AreaTooLargeError,
    InvalidAreaError,
    InvalidRequestError,
    TaskNotFinishedError,
)
from csserv.outputs.formats.series_files import SERIES_FORMATS
from csserv.outputs.series import Series

EAST, WEST = shapely.box(10, 0, 11, 1), shapely.box(9, 0, 10, 1)
AREA = Area((Zone("w", "West", WEST), Zone("e", "East", EAST)), "both")


def write_result(home: Path, calendar: str = "standard", zones: int = 2, **changes: Any) -> Result:
    """A result of two zones and two months, as a server leaves it."""
    area = Area(AREA.zones[:zones], "both")
    (home / "areas").mkdir(parents=True, exist_ok=True)
    (home / "areas" / f"{area.sha256}.geojson").write_text(area.geojson)
    numbers = [([1.5, None], [100.0, 0.0]), ([2.5, 3.5], [50.0, 75.0])]
    plain = {
        "id": "abc",
        "request": {
            "dataset": "rain",
            "operation": "mean",
            "period": "2019-01-01/2019-02-28",
            "area": "both",
            "area_sha256": area.sha256,
            "fingerprint": "0123456789abcdef0123",
        },
        "units": "mm",
        "variable": {"long_name": "mean of rain", "cell_methods": "time: sum area: mean"},
        "calendar": calendar,
        "steps": {"end": ["2019-01-31", "2019-02-28"], "complete": [True, False]},
        "series": [
            {
                "zone": {"id": zone.id, "name": zone.name},
                "time": ["2019-01-01", "2019-02-01"],
                "value": values,
                "valid_percent": percent,
            }
            for zone, (values, percent) in zip(area.zones, numbers, strict=False)
        ],
        "provenance": {
            "dataset": {
                "name": "rain_1",
                "title": "Rain & hail",
                "source": "",
                "licence": "CC-BY 4.0",
                "citation": "Somebody (2001): 100 % rain_fall.",
            },
            "versions": {"csserv": "0.1.0"},
            "finished": "2026-03-04T05:06:07.000Z",
        },
    }
    result = Result(home / "results" / "abc")
    result.folder.mkdir(parents=True, exist_ok=True)
    result.path.write_text(json.dumps(plain | changes))
    return result


def test_xarray_has_zones_times_units_and_shares(tmp_path: Path):
    found = write_result(tmp_path).to_xarray()
    assert found.dims == ("zone", "time")
    assert found.sel(zone="East").values.tolist() == [2.5, 3.5]
    assert np.isnan(found.sel(zone="West", time="2019-02-01"))
    assert found["valid_percent"].sel(zone="East").values.tolist() == [50.0, 75.0]
    assert found["zone_id"].values.tolist() == ["w", "e"]
    assert found["complete"].values.tolist() == [True, False]
    assert found["last_day"].values[1] == np.datetime64("2019-02-28")
    assert found.attrs == {
        "units": "mm",
        "long_name": "mean of rain",
        "cell_methods": "time: sum area: mean",
        "dataset": "rain",
    }


def test_one_zone_gives_time_alone(tmp_path: Path):
    found = write_result(tmp_path, zones=1).to_xarray()
    assert found.dims == ("time",)
    assert found["zone"].item() == "West"


def test_xarray_survives_a_netcdf_file(tmp_path: Path):
    found = write_result(tmp_path).to_xarray()
    found.to_netcdf(tmp_path / "series.nc", engine="netcdf4")
    with xr.open_dataarray(tmp_path / "series.nc", engine="netcdf4") as again:
        xr.testing.assert_identical(again.load(), found)


def test_other_calendars_keep_their_days(tmp_path: Path):
    steps = {"end": ["2019-01-30", "2019-02-30"], "complete": [True, True]}
    result = write_result(tmp_path, calendar="360_day", steps=steps)
    last = result.to_xarray()["last_day"].values[1]
    assert last == cftime.datetime(2019, 2, 30, calendar="360_day")
    assert len(result.to_dataframe()) == 4


def test_tables_are_tidy_or_wide(tmp_path: Path):
    result = write_result(tmp_path)
    tidy, wide = result.to_dataframe(), result.to_dataframe(wide=True)
    assert list(tidy.columns) == ["zone", "zone_id", "time", "value", "valid_percent", "complete"]
    assert tidy["zone"].tolist() == ["West", "West", "East", "East"]
    assert list(wide.columns) == ["West", "East"]
    assert wide.loc["2019-01-01"].tolist() == [1.5, 2.5]
    assert wide.index.name == "time"
    assert tidy.attrs["units"] == wide.attrs["units"] == "mm"


def test_month_that_was_cut_is_told_from_a_whole_one_in_every_table(tmp_path: Path):
    result = write_result(tmp_path)
    made = {"granules": [{"file": "rain.nc"}], "weighting": "", "steps_read": 59, "started": "now"}
    result = write_result(tmp_path, provenance=result.provenance | made)
    SERIES_FORMATS["csv"].write(result, tmp_path / "series.csv")
    SERIES_FORMATS["xlsx"].write(result, tmp_path / "series.xlsx")
    said = [True, False, True, False]
    assert pd.read_csv(tmp_path / "series.csv")["complete"].tolist() == said
    assert result.to_geodataframe()["complete"].tolist() == said
    with zipfile.ZipFile(tmp_path / "series.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<t>complete</t>" in book.read("xl/sharedStrings.xml").decode()
    # dates, not texts: 1 January and 1 February 2019, in days as Excel counts them
    times = re.findall(r'r="C\d" s="\d"><v>(\d+)</v>', sheet)
    assert times == ["43466", "43497", "43466", "43497"]
    found = re.findall(r'r="F(\d)"[^>]* t="b"><v>(\d)</v>', sheet)
    assert found == [("2", "1"), ("3", "0"), ("4", "1"), ("5", "0")]


@pytest.mark.parametrize(
    ("calendar", "day"), [("360_day", "2019-02-30"), ("standard", "1859-12-01")]
)
def test_days_that_excel_does_not_know_are_texts(tmp_path: Path, calendar: str, day: str):
    result = write_result(tmp_path)
    made = {"granules": [{"file": "rain.nc"}], "weighting": "", "steps_read": 1, "started": "now"}
    plain = json.loads(result.path.read_text())
    for one in plain["series"]:
        one["time"] = [day, "2019-03-01"]
    plain |= {"calendar": calendar, "provenance": plain["provenance"] | made}
    result.path.write_text(json.dumps(plain))
    for name in ("csv", "xlsx"):
        SERIES_FORMATS[name].write(result, tmp_path / f"series.{name}")
    assert pd.read_csv(tmp_path / "series.csv")["time"].tolist()[0] == day
    with zipfile.ZipFile(tmp_path / "series.xlsx") as book:
        assert f"<t>{day}</t>" in book.read("xl/sharedStrings.xml").decode()


def test_netcdf_says_what_it_is_and_holds_its_receipt(tmp_path: Path):
    result = write_result(tmp_path)
    SERIES_FORMATS["netcdf"].write(result, tmp_path / "series.nc")
    seconds = xr.coders.CFDatetimeCoder(time_unit="s")  # as those of ``to_xarray``
    path = tmp_path / "series.nc"
    with xr.open_dataset(path, engine="netcdf4", decode_times=seconds) as found:
        assert found.attrs["Conventions"] == "CF-1.11"
        assert found.attrs["title"] == "mean of Rain & hail, both, 2019-01-01/2019-02-28"
        assert found.attrs["history"] == (
            "2026-03-04T05:06:07.000Z csserv 0.1.0: request 0123456789abcdef0123"
        )
        assert found.attrs["source"] == "Rain & hail"
        assert json.loads(found.attrs["provenance"]) == result.provenance
        series = found["mean"].load().swap_dims(zone_index="zone")
    assert series.attrs == result.to_xarray().attrs
    xr.testing.assert_equal(series, result.to_xarray())


def test_steps_of_the_data_are_not_called_complete(tmp_path: Path):
    result = write_result(tmp_path, steps=None)
    assert "complete" not in result.to_dataframe().columns
    assert "complete" not in result.to_xarray().coords


@given(st.lists(st.booleans(), min_size=1, max_size=24), st.integers(1, 3))
def test_each_row_of_a_longer_step_says_what_its_step_says(complete: list[bool], zones: int):
    times = tuple(cftime.datetime(2001 + i // 12, i % 12 + 1, 1) for i in range(len(complete)))
    names = tuple((str(z), f"zone {z}") for z in range(zones))
    values = np.ones((len(times), zones))
    longer = Series(times, names, values[None], values, tuple(complete), steps_percent=values / 2)
    rows = list(longer.rows())
    assert [row[5] for row in rows] == complete * zones
    assert {row[4] for row in rows} == {0.5}
    assert {len(row) for row in Series(times, names, values[None], values).rows()} == {4}


def write_several(home: Path) -> Result:
    """A result of three operations, of which one has units of its own."""
    plain = write_result(home).json
    further = {"max": [9.0, None], "count": [4.0, 0.0]}
    series = [one | {"further": further} for one in plain["series"]]
    about = [
        {"operation": "max", "units": "mm", "variable": {"cell_methods": "area: maximum"}},
        {"operation": "count", "units": "cells", "variable": {}},
    ]
    request = plain["request"] | {"operation": "mean,max,count"}
    return write_result(home, series=series, request=request, further=about)


def test_several_operations_are_columns_and_variables(tmp_path: Path):
    result = write_several(tmp_path)
    assert result.operations == ["mean", "max", "count"]
    frame = result.to_dataframe()
    assert frame["max"].tolist()[:1] + frame["count"].tolist()[:2] == [9.0, 4.0, 0.0]
    assert frame.attrs["units"] == {"mean": "mm", "max": "mm", "count": "cells"}
    found = result.to_dataset()
    assert {name: one.attrs["units"] for name, one in found.items()} == frame.attrs["units"]
    assert found["max"].attrs["cell_methods"] == "area: maximum"
    xr.testing.assert_identical(
        found["count"].drop_attrs(), result.select("count").to_xarray().drop_attrs()
    )
    assert len(result.to_geodataframe()) == 4


def test_one_of_several_operations_is_a_result_of_its_own(tmp_path: Path):
    result = write_several(tmp_path)
    assert result.to_xarray().name == "mean"
    chosen = result.select("max")
    assert chosen.to_dataframe(wide=True)["East"].tolist()[0] == 9.0
    assert (chosen.operations, chosen.json["units"]) == (["max"], "mm")
    with pytest.raises(InvalidRequestError, match="no median; it has mean, max, count"):
        result.select("median")
    for wide in (result.to_dataframe, result.to_geodataframe):
        with pytest.raises(InvalidRequestError, match="select one of mean, max, count"):
            wide(wide=True)


@pytest.mark.parametrize("name", ["csv", "netcdf"])
def test_files_hold_several_operations(tmp_path: Path, name: str):
    form, result = SERIES_FORMATS[name], write_several(tmp_path)
    path = tmp_path / f"several{form.ending}"
    form.write(result, path)
    if name == "netcdf":
        with xr.open_dataset(path, engine="netcdf4") as found:
            assert set(found.data_vars) == {"mean", "max", "count"}
    else:
        frame = pd.read_csv(path)
        assert frame["max"].iloc[0] == 9.0
        assert list(frame.columns[:6]) == ["zone", "zone_id", "time", "mean", "max", "count"]


def test_zones_of_one_name_are_columns_by_their_id(tmp_path: Path):
    result = write_result(tmp_path)
    series = [one | {"zone": one["zone"] | {"name": "Same"}} for one in result.json["series"]]
    again = write_result(tmp_path, series=series)
    assert list(again.to_dataframe(wide=True).columns) == ["w", "e"]


def test_shapes_are_found_beside_the_log_or_given(tmp_path: Path):
    result = write_result(tmp_path)
    tidy, wide = result.to_geodataframe(), result.to_geodataframe(wide=True)
    assert tidy.crs == wide.crs == "EPSG:4326"
    assert len(tidy) == 4
    assert tidy.set_index(["zone", "time"]).loc[("East", "2019-02-01"), "value"] == 3.5
    assert tidy.iloc[3].geometry.equals(EAST)
    assert wide.loc["e", ["2019-01-01", "2019-02-01"]].tolist() == [2.5, 3.5]
    moved = Result(tmp_path / "elsewhere" / "results" / "abc")
    moved.folder.parent.mkdir(parents=True)
    result.folder.rename(moved.folder)
    with pytest.raises(InvalidAreaError, match=r"give them: Result\(folder, zones"):
        moved.to_geodataframe()
    for zones in (AREA, tmp_path / "areas" / f"{AREA.sha256}.geojson"):
        assert Result(moved.folder, zones).to_geodataframe().equals(tidy)


def test_an_area_that_was_accepted_is_read_whatever_its_size(tmp_path: Path):
    """A server may allow more than files have by default."""
    rows = [(str(i), "", shapely.Point(36, i * 1e-4), ()) for i in range(100_001)]
    points = Zone.of_rows(rows)
    path = tmp_path / "area.geojson"
    path.write_text(Area(points, "points").geojson, encoding="utf-8")
    with pytest.raises(AreaTooLargeError, match="at most 100,000"):
        Area.from_geojson(path.read_text(encoding="utf-8"))
    result = Result(write_result(tmp_path).folder, path)
    assert len(result.area.zones) == len(points)


def test_frame_that_was_asked_about_is_joined_by_its_index(tmp_path: Path):
    result = write_result(tmp_path)
    index = pd.Index(["e", "x", "w"], name="district")
    own = gpd.GeoDataFrame(
        {"people": [1, 2, 3]}, geometry=[EAST, EAST, WEST], index=index, crs="EPSG:4326"
    )
    wide = result.to_geodataframe(own, wide=True)
    assert wide["people"].tolist() == [3, 1]
    assert wide.index.tolist() == ["w", "e"]
    assert wide["2019-01-01"].tolist() == [1.5, 2.5]
    tidy = result.to_geodataframe(own)
    assert tidy["people"].tolist() == [3, 3, 1, 1]
    with pytest.raises(InvalidAreaError, match="zone 'w' of the result is not in the index"):
        result.to_geodataframe(own.iloc[:2])


def test_citation_names_data_request_and_program(tmp_path: Path):
    found = write_result(tmp_path).citation()
    assert str(found) == (
        "Rain & hail. mean over both, 2019-01-01/2019-02-28. Computed with csserv 0.1.0 on "
        "2026-03-04 (request 0123456789abcdef). Somebody (2001): 100 % rain_fall. "
        "Licence: CC-BY 4.0."
    )
    assert found.bibtex.splitlines() == [
        "@misc{rain-1-01234567,",
        r"  title = {Rain \& hail: mean over both, 2019-01-01/2019-02-28},",
        "  year = {2026},",
        "  howpublished = {csserv 0.1.0, request 0123456789abcdef},",
        r"  note = {Somebody (2001): 100 \% rain\_fall. Licence: CC-BY 4.0.},",
        "}",
    ]


def test_folder_without_a_result_is_told(tmp_path: Path):
    with pytest.raises(TaskNotFinishedError, match="no result in"):
        Result(tmp_path).to_xarray()


@given(st.lists(st.floats(0, 100) | st.integers(0, 20_000).map(lambda n: n / 200), min_size=1))
def test_shares_are_rounded_as_python_does(shares: list[float]):
    times = tuple(cftime.datetime(1981 + n, 1, 1) for n in range(len(shares)))
    percent = np.array(shares)[:, None]
    (found,) = Series(times, (("0", "a"),), percent[None], percent).each()
    assert found["valid_percent"] == [round(one, 2) for one in shares]  # 1.115 is below its half


def test_what_is_no_number_is_none():
    times = tuple(cftime.datetime(2019, 1, day) for day in (1, 2, 3, 4))
    values = np.array([1.5, np.nan, np.inf, -np.inf])[:, None]
    thirds = np.array([["below"], [None], ["near"], ["above"]], object)
    against = {"anomaly": values, "years_used": np.full((4, 1), 30), "tercile": thirds}
    (found,) = Series(
        times, (("0", "a"),), values[None], np.full((4, 1), 9.0), against=[against]
    ).each()
    assert found["value"] == found["against"]["anomaly"] == [1.5, None, None, None]
    assert found["against"]["years_used"] == [30] * 4
    assert found["against"]["tercile"] == ["below", None, "near", "above"]
