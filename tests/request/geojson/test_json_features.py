"""GeoJSON as people and programs write it: read whole, or refused in words of our own."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request import Area
from csserv.request.files.reading import read_area
from csserv.request.geojson import canonical_geojson

RING = [[30, 0], [32, 0], [32, 2], [30, 2], [30, 0]]
HOLE = [[30.5, 0.5], [31, 0.5], [31, 1], [30.5, 1], [30.5, 0.5]]
SQUARE = shapely.box(30, 0, 32, 2)


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def several(*parts: Any) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": list(parts)}


def collection(*geometries: Any, **more: Any) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": {"name": f"z{i}"}, "geometry": one}
        for i, one in enumerate(geometries, 1)
    ]
    return {"type": "FeatureCollection", "features": features, **more}


def test_all_kinds_of_shapes_stand_side_by_side_in_their_order():
    shapes = [
        shapely.Point(36, 1),
        SQUARE - shapely.Polygon(HOLE),
        shapely.MultiPoint([(1, 2), (3, 4)]),
        shapely.MultiPolygon([SQUARE, shapely.box(40, 0, 41, 1)]),
        shapely.box(0, 0, 1, 1),
        shapely.Point(-5, 2),
    ]
    given = collection(*(json.loads(shapely.to_geojson(one)) for one in shapes))
    zones = Area.from_geojson(given).zones
    assert [zone.name for zone in zones] == [f"z{i}" for i in range(1, 7)]
    assert all(zone.geometry.equals(one) for zone, one in zip(zones, shapes, strict=True))


@pytest.mark.parametrize("more", [[1500.0], [1500, 7], [None, 3.5]])
def test_heights_and_measures_are_left_out(more: list[Any]):
    ring = [[*place, *more] for place in RING]
    area = Area.from_geojson(
        collection(polygon(ring), {"type": "Point", "coordinates": [1, 2, *more]})
    )
    assert area.zones[0].geometry.equals(SQUARE)
    assert area.zones[1].geometry == shapely.Point(1, 2)


def test_a_position_of_five_numbers_is_none():
    with pytest.raises(InvalidAreaError, match="z1: broken coordinates of a Point"):
        Area.from_geojson(collection({"type": "Point", "coordinates": [1, 2, 3, 4, 5]}))


@pytest.mark.parametrize("empty", [several([]), several([[]]), polygon(), polygon([]), several()])
def test_an_empty_shape_among_good_ones_is_left_out_with_a_count(empty: dict[str, Any]):
    area = Area.from_geojson(collection(polygon(RING), empty, empty))
    assert [zone.name for zone in area.zones] == ["z1"]
    assert [str(note) for note in area.notes] == ["2 features without a shape are left out"]


def test_empty_parts_and_holes_of_a_shape_are_left_out():
    for one in (several([], [RING], [[]]), polygon(RING, []), several([RING, []])):
        assert Area.from_geojson(one).zones[0].geometry.equals(SQUARE)


def test_open_rings_are_closed():
    given = several([RING[:-1], HOLE[:-1]], [[[40, 0], [41, 0], [41, 1]]])
    expected = shapely.Polygon(RING, [HOLE]).area + 0.5
    assert Area.from_geojson(given).zones[0].geometry.area == pytest.approx(expected)


def test_the_broken_one_of_many_is_named():
    broken = polygon([[30, 0], ["32", 0], [32, 2], [30, 0]])
    with pytest.raises(InvalidAreaError, match=r"^z2: broken coordinates of a Polygon: each is"):
        Area.from_geojson(collection(polygon(RING), broken, polygon(RING)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ('{"type": "Point",\n "coordinates": [1 2]}', "line 2, column 20: a comma, or the end"),
        ('{"type": Point}', "line 1, column 10: a value is missing, or is none that JSON knows"),
        ("{'type': 'Point'}", "line 1, column 2: a name in double quotes is missing"),
        ('{"type" "Point"}', "line 1, column 9: a colon is missing"),
        ('{"type": "Poi\nnt"}', "line 1, column 14: a text holds a line end"),
        ('{"type": "P\\q"}', "line 1, column 12: a backslash"),
        ('{"type": "Point"} {}', "line 1, column 19: something follows"),
        ('{"type": "Point", "coordinates": [1,\n', "it ends too early, at line 2, column 1"),
        ("<!DOCTYPE html><html>", "it is XML or HTML, perhaps the message of a server"),
        ('{"type":"Point","coordinates":[0,%s]}' % ("9" * 5000), "too many digits|broken"),
    ],
)
def test_what_is_no_json_is_told_by_line_and_column(text: str, said: str):
    with pytest.raises(InvalidAreaError, match=said) as caught:
        Area.from_geojson(text)
    assert "Expecting" not in str(caught.value)


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({}, "this is no GeoJSON: an object in it has no type; give a FeatureCollection"),
        ({"geometry": polygon(RING)}, "no type, which is Feature;"),
        ({"features": []}, "no type, which is FeatureCollection;"),
        ({"coordinates": RING}, "no type, such as Polygon;"),
        ({"type": 5}, "its type is 5;"),
        ({"version": 0.6, "elements": []}, "Overpass gives; export GeoJSON there"),
        ({"error": {"code": 400}}, "the error of a server"),
        ({"type": "CurvePolygon"}, "area has a geometry of type 'CurvePolygon'; give one of Point"),
        ({"type": "Feature", "geometry": {}}, "area has {} as its geometry; give one of Point"),
    ],
)
def test_an_object_that_is_no_geojson_is_told_what_it_is(plain: dict[str, Any], said: str):
    with pytest.raises(InvalidAreaError) as caught:
        Area.from_geojson(plain)
    assert said in str(caught.value)
    assert "None" not in str(caught.value)


def test_numbers_that_are_no_json_and_long_ids_are_kept(tmp_path):
    text = json.dumps(collection(polygon(RING), polygon(HOLE)))
    text = text.replace('"name": "z1"', '"name": "a", "id": 12345678901234567891, "x": NaN')
    text = text.replace('"name": "z2"', '"name": "b", "id": 12345678901234567892, "x": 1')
    path = tmp_path / "a.geojson"
    path.write_text(text, encoding="utf-8")
    zones = read_area(path).zones
    assert [zone.id for zone in zones] == ["12345678901234567891", "12345678901234567892"]


def test_a_system_that_geometries_state_is_honoured(tmp_path):
    """As ST_AsGeoJSON of PostGIS writes it."""
    crs = {"type": "name", "properties": {"name": "EPSG:3857"}}
    metres = [[[0, 0], [111319.49079327357, 0], [111319.49079327357, 111325.1428663851], [0, 0]]]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection({**polygon(*metres), "crs": crs})), encoding="utf-8")
    assert read_area(path).bounds == pytest.approx((0, 0, 1, 1), abs=1e-6)
    other = {**polygon(RING), "crs": {"type": "name", "properties": {"name": "EPSG:4326"}}}
    both = collection({**polygon(*metres), "crs": crs}, other)
    path.write_text(json.dumps(both), encoding="utf-8")
    with pytest.raises(InvalidAreaError, match="in different coordinate systems, among them"):
        read_area(path)


NUMBERS = st.floats(-180, 180) | st.floats(-1e-3, 1e-3) | st.integers(-5, 5)
POINTS = st.tuples(NUMBERS, NUMBERS)


@given(st.lists(POINTS, min_size=1, max_size=4), st.lists(POINTS, min_size=4), st.text())
def test_canonical_text_is_what_python_writes(some, ring, name):
    rings = shapely.linearrings(ring)
    shapes = [
        shapely.Point(some[0]),
        shapely.MultiPoint(some),
        shapely.Polygon(rings),
        shapely.MultiPolygon([shapely.Polygon(rings, [rings]), SQUARE]),
    ]
    note = Note("zones", "told")
    features = [
        {
            "type": "Feature",
            "id": str(i),
            "properties": {"name": name},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for i, shape in enumerate(shapes)
    ]
    plain = {"type": "FeatureCollection", "title": name, "features": features}
    plain["notes"] = [note.to_dict()]
    expected = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    zones = [(str(i), name, shape) for i, shape in enumerate(shapes)]
    assert canonical_geojson(name, zones, [note]) == expected
