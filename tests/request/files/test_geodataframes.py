"""Areas from GeoDataFrames: a zone a row."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from csserv.errors import InvalidAreaError
from csserv.request.files import FileChoices
from csserv.request.files.geodataframes import area_of_frame, area_of_table, is_frame

BOX = shapely.box(30, 0, 31, 1)


def frame(**columns: list[str]) -> gpd.GeoDataFrame:
    shapes = [BOX, shapely.box(31, 0, 32, 1)]
    return gpd.GeoDataFrame(columns, geometry=shapes, index=[7, 9], crs="EPSG:4326")


def test_index_holds_the_ids_and_a_usual_column_the_names():
    found = area_of_frame(frame(people=["1", "2"], NAME=["West", "East"]))
    assert [(zone.id, zone.name) for zone in found.zones] == [("7", "West"), ("9", "East")]
    assert [zone.name for zone in area_of_frame(frame()).zones] == ["7", "9"]
    assert area_of_frame(frame(b=["x", "y"]), FileChoices(name_field="b")).zones[1].name == "y"


def test_coordinates_are_brought_to_longitude_and_latitude():
    found = area_of_frame(frame().to_crs("EPSG:3857"))
    # straight edges of a projection get more corners
    assert found.zones[0].geometry.symmetric_difference(BOX).area < 1e-9
    assert [note.text for note in found.notes] == [
        "coordinates are converted from WGS 84 / Pseudo-Mercator"
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (frame().iloc[:0], "the frame is empty"),
        (frame().set_index([[1, 1]]), "two zones have the same id: 1"),
        (frame().set_geometry([None, None]), "the frame: it holds no shape"),
    ],
)
def test_frames_that_are_no_area_are_refused(given: gpd.GeoDataFrame, said: str):
    with pytest.raises(InvalidAreaError, match=said):
        area_of_frame(given)


def test_wrong_column_of_names_is_told_with_those_there_are():
    with pytest.raises(InvalidAreaError, match=r"there is no field 'nme'; there are people"):
        area_of_frame(frame(people=["1", "2"]), FileChoices(name_field="nme"))


def test_rows_without_a_shape_are_left_out_with_a_note():
    found = area_of_frame(frame().set_geometry([BOX, None]))
    assert [zone.id for zone in found.zones] == ["7"]
    assert [note.text for note in found.notes] == ["1 feature without a shape is left out"]


def test_table_without_shapes_has_a_point_a_row_and_its_index_gives_the_ids():
    table = pd.DataFrame({"lon": [36.5, 37], "lat": [1.5, -1.25]}, index=[7, 9])
    area = area_of_table(table)
    assert [(zone.id, zone.name, zone.geometry.x) for zone in area.zones] == [
        ("7", "7", 36.5),
        ("9", "9", 37),
    ]
    with pytest.raises(InvalidAreaError, match="the frame, row 9: 'x' is no coordinate"):
        area_of_table(table.assign(lat=[1, "x"]))


def test_index_that_repeats_gives_no_ids_which_is_told():
    table = pd.DataFrame({"lon": [36.5, 37], "lat": [1.5, -1.25]})
    twice = area_of_table(pd.concat([table, table]))
    assert [zone.id for zone in twice.zones] == ["1", "2", "3", "4"]
    assert twice.zones[2].name == "zone 3"
    assert "the index of the frame repeats, so that it gives no ids" in str(twice.notes)
    coded = area_of_table(pd.concat([table, table]).assign(code=list("abcd"), name=list("ABCD")))
    assert [(zone.id, zone.name) for zone in coded.zones][::3] == [("a", "A"), ("d", "D")]


def test_index_of_several_levels_is_written_with_strokes():
    index = pd.MultiIndex.from_tuples([("A", 1), ("A", 2)])
    table = pd.DataFrame({"lon": [36.5, 37], "lat": [1.5, -1.25]}, index=index)
    assert [zone.id for zone in area_of_table(table).zones] == ["A / 1", "A / 2"]
    shapes = frame().set_index(index)
    assert [zone.name for zone in area_of_frame(shapes).zones] == ["A / 1", "A / 2"]


def test_coordinates_may_be_levels_of_the_index():
    table = pd.DataFrame({"lon": [36.5, 37], "lat": [1.5, -1.25], "rain": [1, 2]})
    area = area_of_table(table.set_index(["lat", "lon"]))
    assert [(zone.id, zone.geometry.y) for zone in area.zones] == [
        ("1.5 / 36.5", 1.5),
        ("-1.25 / 37.0", -1.25),
    ]


def test_columns_of_a_table_can_be_named_and_those_of_shapes_not():
    table = pd.DataFrame({"a": [36.5], "b": [1.5]})
    with pytest.raises(InvalidAreaError, match=r"has a, b.*\(lon_field, lat_field\)"):
        area_of_table(table)
    named = FileChoices(lon_field="a", lat_field="b")
    assert area_of_table(table, named).zones[0].geometry.x == 36.5
    with pytest.raises(InvalidAreaError, match="the frame has shapes"):
        area_of_frame(frame(), named)


def test_series_of_shapes_is_an_area_too():
    found = area_of_frame(frame().geometry)
    assert [zone.id for zone in found.zones] == ["7", "9"]


def test_only_frames_are_frames():
    assert is_frame(frame())
    assert not is_frame(BOX)
