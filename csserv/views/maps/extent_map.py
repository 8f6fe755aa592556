"""A small SVG map of the extent of a dataset."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from csserv.views.maps.outlines import world
from csserv.views.maps.scene import Bounds

#: size of the picture [pixels]
WIDTH, HEIGHT = 220, 120

#: margin around a box, to either side [degrees]
MARGIN = 25.0

#: shifts of longitude at which land and box are repeated [degrees]
TURNS = (-360.0, 0.0, 360.0)


@lru_cache(maxsize=256)
def extent_svg(bounds: Bounds) -> str:
    """Draw the extent of a dataset, on the land around it, as SVG.

    A degree has the same length in both directions. Style sheets give the classes ``land`` and
    ``data`` their colours.

    Parameters
    ----------
    bounds : west, south, east, north [degrees]
    """
    view = _view(bounds)
    west, _, east, north = view
    scale = WIDTH / (east - west)
    land = _path(_land(view, scale), west, north, scale)
    boxes = "".join(_box(bounds, turn, west, north, scale) for turn in TURNS)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f'<path class="land" d="{land}"/>{boxes}</svg>'
    )


def _view(bounds: Bounds) -> Bounds:
    """Return the bounds of the picture around a box."""
    west, south, east, north = bounds
    wide = min(max(east - west + 2 * MARGIN, (north - south + 2 * MARGIN) * WIDTH / HEIGHT), 360.0)
    high = wide * HEIGHT / WIDTH
    middle, up = (west + east) / 2, (south + north) / 2
    up = float(np.clip(up, -90 + high / 2, 90 - high / 2)) if high < 180 else 0.0
    if wide == 360.0 and west >= -180 and east <= 180:
        middle = 0.0
    return middle - wide / 2, up - high / 2, middle + wide / 2, up + high / 2


def _land(view: Bounds, scale: float) -> BaseGeometry:
    """Return the land in the picture, simplified to the size of a pixel."""
    shapes = _continents()
    west, south, east, north = view
    seen = [
        translate(shapely.clip_by_rect(shapes, west - turn, south, east - turn, north), turn)
        for turn in TURNS
    ]
    return shapely.simplify(shapely.union_all(seen), 0.7 / scale)


@lru_cache(maxsize=1)
def _continents() -> BaseGeometry:
    simple = shapely.coverage_simplify(np.array(world().shapes, dtype=object), 0.3)
    return shapely.unary_union(shapely.make_valid(simple))


def _path(land: BaseGeometry, west: float, north: float, scale: float) -> str:
    pieces = []
    for polygon in shapely.get_parts(land):
        if polygon.geom_type != "Polygon" or polygon.area * scale**2 < 1.5:
            continue
        xy = shapely.get_coordinates(polygon.exterior)[:-1]
        x, y = ((xy[:, 0] - west) * scale).round(1), ((north - xy[:, 1]) * scale).round(1)
        corners = " ".join(f"{a:g},{b:g}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
        pieces.append(f"M{corners}Z")
    return "".join(pieces)


def _box(bounds: Bounds, turn: float, west: float, north: float, scale: float) -> str:
    left, right = (bounds[0] + turn - west) * scale, (bounds[2] + turn - west) * scale
    if right <= 0 or left >= WIDTH:
        return ""
    left, right = max(left, 1.0), min(right, WIDTH - 1.0)
    top, bottom = (north - bounds[3]) * scale, (north - bounds[1]) * scale
    return (
        f'<rect class="data" x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 3):.1f}" '
        f'height="{max(bottom - top, 3):.1f}"/>'
    )
