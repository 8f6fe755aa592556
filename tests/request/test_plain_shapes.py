"""Many zones are checked at once; each is what it is by itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from csserv.errors import InvalidAreaError
from csserv.request import Area, Zone
from csserv.request.plain_shapes import are_plain
from csserv.request.shape import clean_geometries

SQUARE = shapely.box(30, 0, 32, 2)

PLAIN = (
    shapely.Point(36.8, -1.3),
    shapely.Point(180, -90),
    SQUARE,
    shapely.box(-180, -90, 0, 90),
    shapely.MultiPolygon([SQUARE, shapely.box(40, 0, 41, 1)]),
)

#: shapes that are mended, moved or cut before they are zones
ODD = (
    shapely.Polygon([(30, 0), (32, 0), (32, 2), (32, 3), (32, 2), (30, 2)]),  # a spike
    shapely.from_wkt("MULTIPOLYGON (((30 0, 32 0, 32 2, 30 2, 30 0)), EMPTY)"),
    shapely.from_wkt("POLYGON ((30 0, 32 0, 32 2, 30 2, 30 0), EMPTY)"),
    shapely.MultiPolygon([shapely.box(i, 0, i + 0.5, 1) for i in range(101)]),
    shapely.MultiPoint([(1, 2), (3, 4)]),
    shapely.Point(350, 5),
    shapely.box(225, 0, 315, 10),
    shapely.Polygon([(-178, -19), (177, -19), (177, -16), (-178, -16)]),
)

BROKEN = (
    shapely.Point(np.nan, 3),
    shapely.Point(200, 100),
    shapely.Polygon(),
    shapely.LineString([(0, 0), (1, 1)]),
    shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]),
    shapely.MultiPolygon([SQUARE, shapely.box(31, 0, 33, 2)]),
)


def test_points_and_valid_polygons_are_plain_and_nothing_else():
    shapes = np.array([*PLAIN, *ODD, *BROKEN], dtype=object)
    assert are_plain(shapes).tolist() == [True] * len(PLAIN) + [False] * len(ODD + BROKEN)


def test_a_polygon_with_a_height_is_plain_and_comes_out_flat():
    tall = shapely.force_3d(SQUARE, 5.0)
    (clean,) = clean_geometries([tall], ["tall"])
    assert not clean.has_z
    assert clean.equals(SQUARE)


@given(st.lists(st.sampled_from([*PLAIN, *ODD]), max_size=8))
def test_many_zones_at_once_are_those_one_by_one(shapes):
    rows = [(str(i), f"zone\n{i}", shape, ()) for i, shape in enumerate(shapes)]
    assert Zone.of_rows(rows) == tuple(Zone(*row) for row in rows)


@given(st.lists(st.sampled_from([*PLAIN, *ODD, *BROKEN]), min_size=1, max_size=8))
def test_the_first_broken_one_of_many_is_named(shapes):
    rows = [(str(i), f"zone {i}", shape, ()) for i, shape in enumerate(shapes)]
    broken = next((i for i, shape in enumerate(shapes) if shape in BROKEN), None)
    if broken is None:
        assert len(Zone.of_rows(rows)) == len(rows)
    else:
        with pytest.raises(InvalidAreaError, match=f"^zone {broken}: "):
            Zone.of_rows(rows)


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=20))
def test_points_of_geojson_read_at_once_keep_each_digit(places):
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": place}}
        for place in places
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    zones = Area.from_geojson(text).zones
    assert [(zone.geometry.x, zone.geometry.y) for zone in zones] == places


@pytest.mark.parametrize(
    "coordinates", [[True, 2], ["36.8", "-1.3"], [36.8], [10**400, 2], [None, 2], {"0": 1, "1": 2}]
)
def test_a_broken_point_among_good_ones_is_refused_by_name(coordinates):
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Point", "coordinates": place},
        }
        for name, place in (("good", [36.8, -1.3]), ("bad", coordinates))
    ]
    with pytest.raises(InvalidAreaError, match=r"^bad: "):
        Area.from_geojson(json.dumps({"type": "FeatureCollection", "features": features}))
