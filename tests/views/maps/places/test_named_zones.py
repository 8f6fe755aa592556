"""Where names of zones stand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from csserv.views.maps.mercator import to_degrees, to_mercator
from csserv.views.maps.outlines import Outlines, world
from csserv.views.maps.places.named_zones import (
    ABOVE,
    MOST_NAMED,
    NO_NAMES,
    countries_named_in,
    named_countries,
    zone_names,
)

NO_POINTS: dict[str, list] = {"x": [], "y": [], "name": []}


def outlines(*shapes: shapely.Geometry) -> Outlines:
    names = tuple(f"zone {i}" for i in range(len(shapes)))
    return Outlines(names, names, shapes)


def test_name_stands_in_the_middle_of_a_square_which_is_its_room():
    found = zone_names(outlines(shapely.box(36, -1, 38, 1)), NO_POINTS)
    lon, lat = to_degrees(found["x"], found["y"])
    assert np.allclose((lon[0], lat[0]), (37, 0), atol=0.05)
    (west, east), _ = to_mercator([36, 38], [0, 0])
    assert found["room"][0] == pytest.approx(east - west, rel=0.01)
    assert (found["name"], found["up"]) == (["zone 0"], [0])


def test_name_stands_in_the_zone_though_its_middle_is_outside():
    ring = shapely.Point(37, 0).buffer(5).difference(shapely.Point(37.5, 0).buffer(4))
    islands = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(9, 0, 12, 3)])
    found = zone_names(outlines(ring, islands), NO_POINTS)
    places = shapely.points(*to_degrees(found["x"], found["y"]))
    assert ring.contains(places[0])
    assert shapely.box(9, 0, 12, 3).contains(places[1])  # the larger one


def test_points_have_their_names_above_them():
    points = {"x": [1.0], "y": [2.0], "name": ["<b>well</b>"]}
    found = zone_names(outlines(), points)
    want = {"x": [1.0], "y": [2.0], "up": [ABOVE], "room": [0.0], "name": ["<b>well</b>"]}
    assert found == want


def test_many_zones_have_no_names():
    many = [shapely.box(i, 0, i + 1, 1) for i in range(MOST_NAMED + 1)]
    assert zone_names(outlines(*many), NO_POINTS) == NO_NAMES
    assert len(zone_names(outlines(*many[1:]), NO_POINTS)["name"]) == MOST_NAMED
    assert zone_names(outlines(), NO_POINTS) == NO_NAMES


def test_names_of_countries_stand_in_them_and_have_room():
    found = named_countries()
    for shape, x, y, room in zip(
        world().shapes, found["x"], found["y"], found["room"], strict=True
    ):
        assert shape.contains(shapely.Point(*to_degrees(x, y)))
        assert room > 0


def test_countries_are_named_where_their_names_stand_in_the_box():
    found = countries_named_in((25, -10, 50, 12))
    assert {"Kenya", "Uganda", "Tanzania"} <= set(found["name"])
    assert not {"France", "South Africa"} & set(found["name"])
    assert {len(column) for column in found.values()} == {len(found["name"])}
    assert countries_named_in((-150, -5, -140, 5))["name"] == []
