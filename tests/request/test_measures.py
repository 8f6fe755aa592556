"""Measures of shapes: parts add up, and the sphere is that of the weights."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.request.measures import EARTH_RADIUS, ellipsoid_km2, sphere_km2
from csserv.zonal.cell_overlap import sphere_areas

DEGREES = st.floats(-80, 80)


def test_the_whole_globe_has_the_area_of_wgs_84():
    assert ellipsoid_km2([shapely.box(-180, -90, 180, 90)]) == pytest.approx(510_065_621.724)


def test_points_and_nothing_have_none():
    assert ellipsoid_km2([]) == 0
    assert ellipsoid_km2([shapely.Point(1, 2)]) == 0


def test_a_hole_is_not_counted():
    outer, inner = shapely.box(0, 0, 3, 3), shapely.box(1, 1, 2, 2)
    whole = ellipsoid_km2([outer.difference(inner)]) + ellipsoid_km2([inner])
    assert whole == pytest.approx(ellipsoid_km2([outer]))


@given(DEGREES, DEGREES, st.floats(0.1, 9), st.floats(0.1, 9), st.floats(0.1, 0.9))
def test_parts_add_up_and_differ_from_the_sphere_by_less_than_a_per_cent(
    west: float, south: float, width: float, height: float, share: float
):
    shape = shapely.Polygon([(west, south), (west + width, south), (west, south + height)])
    cut = west + share * width
    halves = [
        shape.intersection(shapely.box(*box))
        for box in ((west - 1, -90, cut, 90), (cut, -90, west + 10, 90))
    ]
    whole = ellipsoid_km2([shape])
    assert sum(ellipsoid_km2([half]) for half in halves) == pytest.approx(whole, rel=1e-6)
    assert whole == pytest.approx(sphere_km2([shape]), rel=0.01)


def test_globe_has_its_area_and_a_point_none():
    globe = shapely.box(-180, -90, 180, 90)
    assert sphere_km2([globe]) == pytest.approx(4 * np.pi * EARTH_RADIUS**2, rel=1e-12)
    assert sphere_km2([shapely.Point(1, 1), shapely.MultiPoint([(0, 0), (1, 1)])]) == 0


@settings(deadline=None)  # a time would be one of the machine
@given(
    st.lists(st.tuples(st.floats(-179, 179), st.floats(-89, 89)), min_size=4, max_size=20),
    st.floats(0.1, 0.9),
)
def test_area_is_that_of_the_weights_and_holes_do_not_count(points, share):
    hull = shapely.MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1e-6:
        return
    middle = hull.centroid
    inner = shapely.transform(
        hull, lambda xy: (xy - [middle.x, middle.y]) * share + [middle.x, middle.y]
    )
    ring = hull.difference(inner)
    parts = shapely.get_parts([ring])
    whole = EARTH_RADIUS**2 * sphere_areas(parts, np.zeros(len(parts), np.int64), 1)[0]
    assert sphere_km2([ring]) == pytest.approx(whole, rel=1e-9, abs=1e-6)
    assert sphere_km2([ring, inner]) == pytest.approx(sphere_km2([hull]), rel=1e-6, abs=1e-6)
