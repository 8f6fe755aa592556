"""A text may be an area itself: WKT, or the edges of a box; the same in all faces."""

from __future__ import annotations

import struct

import pytest
import shapely

from csserv.catalog import Layers
from csserv.catalog.area_lookup import find_area
from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.request.files.reading import read_upload
from csserv.request.files.written_areas import read_written
from csserv.request.limits import Limits

BOX = shapely.box(36, -1, 37.5, 1)


@pytest.fixture(scope="module")
def layers() -> Layers:
    return Layers.bundled()


@pytest.mark.parametrize(
    "text", ["36,-1,37.5,1", "36 -1 37.5 1", "[36, -1, 37.5, 1.0]", "36; -1; 37.5; 1", BOX.wkt]
)
def test_box_and_wkt_are_understood_wherever_an_area_is_named(layers: Layers, text: str):
    for area in (read_written(text), layers.find(text), find_area(text, layers)):
        assert area is not None
        assert area.zones[0].geometry.equals(BOX)


def test_how_numbers_are_read_is_told():
    area = read_written("170,-20,-170,-10")
    assert area is not None
    assert [note.text for note in area.notes] == [
        "the numbers are read as west 170, south -20, east -170, north -10",
        "the box goes across 180° of longitude: from 170 eastwards to -170, 20 degrees",
    ]


def test_polygons_of_a_collection_are_taken():
    area = read_written("GEOMETRYCOLLECTION (POINT (1 1), POLYGON ((36 0, 37 0, 37 1, 36 0)))")
    assert area is not None
    assert area.zones[0].geometry.geom_type == "Polygon"


OPEN = "POLYGON ((36 -1, 37.5 -1, 37.5 1, 36 1))"
OPEN_HEX = (struct.pack("<BIII", 1, 3, 1, 4) + shapely.get_coordinates(BOX)[:4].tobytes()).hex()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.wkt", OPEN),
        ("a.wkt", f"GEOMETRYCOLLECTION ({OPEN})"),
        ("a.csv", f'name,shape\nA,"{OPEN}"\n'),
        ("a.csv", f"name,shape\nA,{OPEN_HEX}\n"),
    ],
)
def test_open_rings_are_closed_as_those_of_geojson(name: str, text: str, layers: Layers):
    assert read_upload(name, text.encode()).zones[0].geometry.equals(BOX)
    assert find_area(OPEN, layers).zones[0].geometry.equals(BOX)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("POLYGON ((36 0, 37 0))", "the polygon has no width"),
        ("POLYGON ((36 0, 37 0, 37 1, 36 1)) and", "the text: this is no WKT; write POLYGON"),
        ("LINESTRING (36 0, 37 1)", "a LineString covers no cell; give a polygon or a point"),
        ("MULTILINESTRING ((36 0, 37 1))", "a MultiLineString covers no cell"),
        ("CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 0 0))", "a CURVEPOLYGON may have curves"),
        ("MULTISURFACE (((36 0, 37 0, 37 1, 36 0)))", "give a POLYGON or MULTIPOLYGON"),
        ("POLYGON EMPTY", "the geometry is empty"),
        ("POLYGON ((36 0, 37 0", "the text: this is no WKT; write POLYGON"),
        ("36.8, -1.3", r"2 numbers are no area; .*; or a point, POINT \(36\.8 -1\.3\), longitude"),
        ("1 2 3 4 5 6", "6 numbers are no area; write the four edges of a box, west, south"),
        ("36,1,37,-1", "write west, south, east, north with south < north"),
    ],
)
def test_a_text_that_is_no_zone_says_what_is_needed(layers: Layers, text: str, said: str):
    for find in (layers.find, lambda one: find_area(one, layers)):
        with pytest.raises(InvalidAreaError, match=said):
            find(text)


@pytest.mark.parametrize("name", ["Kenya", "Point (Barrow)", "Triangle", "7", "Surface Creek (US)"])
def test_names_are_no_such_text(name: str):
    assert read_written(name) is None


def test_limits_hold_for_texts():
    with pytest.raises(AreaTooLargeError, match="5 vertices; at most 4"):
        read_written(BOX.wkt, Limits(vertices=4))
