"""Areas from GeoDataFrames: a zone a row."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from csserv.errors import InvalidAreaError
from csserv.request.files import FileChoices
from csserv.request.files.geodataframes import area_of_frame, is_frame

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


def test_series_of_shapes_is_an_area_too():
    found = area_of_frame(frame().geometry)
    assert [zone.id for zone in found.zones] == ["7", "9"]


def test_only_frames_are_frames():
    assert is_frame(frame())
    assert not is_frame(BOX)
