from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from csserv.request.ellipsoid import ellipsoid_km2
from csserv.request.limits import sphere_km2

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
