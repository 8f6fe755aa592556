"""Limits: what is too large is refused with the limit and the amount."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv import Service, Settings
from csserv.catalog.grid import EARTH_RADIUS
from csserv.errors import AreaTooLargeError, RequestTooLargeError
from csserv.request import Area, Zone
from csserv.request.limits import Limits, sphere_km2
from csserv.zonal.coverage import sphere_areas

BOX = Area.from_box(0, 0, 1, 1)  # 5 vertices, the last one is the first
TWO = Area(
    (Zone("a", "a", shapely.box(0, 0, 1, 1)), Zone("b", "b", shapely.box(1, 0, 2, 1))), "two"
)


@pytest.mark.parametrize(
    ("limits", "area", "words"),
    [
        (Limits(vertices=9), TWO, r"has 10 vertices; at most 9 are allowed \(CSSERV_MAX_VERTICES"),
        (Limits(zones=1), TWO, r"has 2 zones; at most 1 are allowed \(CSSERV_MAX_ZONES"),
        (Limits(area_km2=12_000), BOX, r"has 12,36\d km2; at most 12,000 km2 .*CSSERV_MAX_AREA"),
    ],
)
def test_too_large_an_area_is_refused_with_limit_and_amount(limits: Limits, area: Area, words: str):
    with pytest.raises(AreaTooLargeError, match=words):
        limits.check_area(area)


def test_what_is_just_allowed_passes_and_no_limit_allows_all():
    Limits(vertices=10, zones=2, area_km2=24_800).check_area(TWO)
    Limits().check_area(TWO)
    Limits().check_size(10**9, 10**9)


def test_request_that_reads_too_much_is_refused_with_limit_and_amount():
    limits = Limits(cell_steps=5e10)
    limits.check_size(1_000_000, 50_000)
    with pytest.raises(
        RequestTooLargeError, match=r"x 50,001 steps = 50,001,000,000; .*50,000,000,"
    ):
        limits.check_size(1_000_000, 50_001)


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


def test_limits_are_those_of_the_settings_and_hold_at_submit(settings: Settings):
    tight = settings.model_copy(update={"max_vertices": 4, "max_cell_steps": None})
    with Service(tight, starts_runner=False) as service:
        assert service.limits.vertices == 4
        assert service.limits.cell_steps is None
        with pytest.raises(AreaTooLargeError, match="5 vertices"):
            service.submit("rain", "mean", Area.from_box(30, 0, 32, 2), "2019-01")
        assert service.tasks() == []
