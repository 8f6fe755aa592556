"""Coordinates of the map, and shapes as bokeh draws them."""

from __future__ import annotations

import numpy as np
import shapely

from csserv.views.maps.mercator import RADIUS, rings_of

METRES = RADIUS * np.pi / 180  # of a degree at the equator


def test_rings_are_grouped_by_shape_then_polygon_then_hole():
    holed = shapely.box(0, 0, 4, 1) - shapely.box(1, 0.2, 2, 0.8)
    several = shapely.MultiPolygon([shapely.box(10, 0, 11, 1), holed])
    drawn = rings_of([several, shapely.box(20, 0, 21, 1)])
    assert [[len(polygon) for polygon in xs] for xs, _ in drawn] == [[1, 2], [1]]
    (first, second), (third,) = (xs for xs, _ in drawn)
    assert {round(x / METRES) for x in first[0]} == {10, 11}
    assert {round(x / METRES) for x in second[0]} == {0, 4}
    assert {round(x / METRES) for x in second[1]} == {1, 2}
    assert {round(x / METRES) for x in third[0]} == {20, 21}
    assert all(len(x) == len(y) for xs, ys in drawn for x, y in zip(xs[0], ys[0], strict=True))


def test_no_shapes_are_no_rings():
    assert rings_of([]) == []
