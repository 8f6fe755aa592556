"""Outlines of countries, administrative units and zones, simplified for a screen."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.catalog import FeatureLayer
from csserv.catalog.layers.whole_parts import parts_at
from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.views.maps.mercator import rings_of

WORLD = Path(__file__).parent / "world.geojsonl.gz"

#: width of a screen, about [pixels]
PIXELS = 1500

#: most zones of a layer that are shown at once
MOST_ON_A_SCREEN = 6000

#: most corners of shapes whose edges are compared: of 2,000,000 it takes 16 s
MOST_SHARED = 300_000

#: how many discs of a radius fit side by side
DISCS = 250


@dataclass(frozen=True)
class Outlines:
    """Shapes to draw, with their ids and names."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    shapes: tuple[BaseGeometry, ...]

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The columns from which bokeh draws multipolygons: xs, ys [m], name and id."""
        drawn = rings_of(self.shapes)
        return {
            "xs": [xs for xs, _ in drawn],
            "ys": [ys for _, ys in drawn],
            "name": list(self.names),
            "id": list(self.ids),
        }


@lru_cache(maxsize=1)
def world() -> Outlines:
    """Return the countries, simplified for a screen that shows all of them."""
    rows = [orjson.loads(line) for line in gzip.decompress(WORLD.read_bytes()).splitlines()]
    return Outlines(
        tuple(row["id"] for row in rows),
        tuple(row["properties"]["name"] for row in rows),
        tuple(shapely.from_geojson(orjson.dumps(row["geometry"]).decode()) for row in rows),
    )


@lru_cache(maxsize=1)
def world_columns() -> dict[str, list[Any]]:
    """Return the countries as columns for bokeh; computed once for all sessions."""
    return world().columns


def countries_near(bounds: tuple[float, float, float, float]) -> dict[str, list[Any]]:
    """Return the countries that touch a box [degrees], as columns for bokeh."""
    shapes = np.array(world().shapes, dtype=object)
    near = np.flatnonzero(shapely.intersects(shapes, shapely.box(*bounds))).tolist()
    return {name: [column[i] for i in near] for name, column in world_columns().items()}


@lru_cache(maxsize=64)
def admin_units(layer: FeatureLayer, country: str) -> Outlines:
    """Return the administrative units of a country, given by its code, simplified for a screen."""
    found = layer.of_country(country)
    shapes = [layer.zone(feature).geometry for feature in found]
    return Outlines(
        tuple(feature.id for feature in found),
        tuple(feature.name for feature in found),
        tuple(simplified(shapes)),
    )


@lru_cache(maxsize=8)
def part_outlines(layer: FeatureLayer, depth: int) -> Outlines:
    """Return the parts of a layer at a depth, 1 for the largest, put together of its outlines.

    Raises
    ------
    InvalidAreaError : it has more zones than a screen can show
    """
    zones = layer_outlines(layer)
    shapes = dict(zip(zones.ids, zones.shapes, strict=True))
    parts = parts_at(layer.features, depth)
    drawn = [
        shapely.union_all([shapes[one.id] for one in part.members(layer.features)])
        for part in parts
    ]
    return Outlines(
        tuple(part.id for part in parts), tuple(part.name for part in parts), tuple(drawn)
    )


@lru_cache(maxsize=8)
def layer_outlines(layer: FeatureLayer) -> Outlines:
    """Return all zones of a layer, simplified for a screen that shows all of it; points as discs.

    Raises
    ------
    InvalidAreaError : there are more than a screen can show
    """
    if len(layer) > MOST_ON_A_SCREEN:
        raise InvalidAreaError(
            f"{layer.title} has {len(layer):,} zones, more than {MOST_ON_A_SCREEN:,} to tap on a "
            "map; search one by its name"
        )
    found = layer.features
    shapes = [zone.geometry for zone in layer.zones(found)]
    west, south, east, north = shapely.total_bounds(shapes)
    radius = max(max(east - west, north - south) / DISCS, 0.001)
    drawn = [one if one.area else one.buffer(radius, quad_segs=4) for one in shapes]
    ids, names = zip(*((feature.id, feature.name) for feature in found), strict=True)
    return Outlines(ids, names, tuple(simplified(drawn)))


def area_outlines(area: Area) -> Outlines:
    """Return the polygons of an area, simplified for a screen that shows all of it."""
    zones = [zone for zone in area.zones if not zone.is_point]
    return Outlines(
        tuple(zone.id for zone in zones),
        tuple(zone.name for zone in zones),
        tuple(simplified([zone.geometry for zone in zones])),
    )


def are_simpler(drawn: Iterable[BaseGeometry], given: Iterable[BaseGeometry]) -> bool:
    """Whether shapes as they are drawn have lost a tenth of their corners or more."""
    after, before = (shapely.get_num_coordinates(list(some)).sum() for some in (drawn, given))
    return bool(after < 0.9 * before)


def simplified(shapes: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    """Simplify shapes to the size of a pixel; shared edges stay shared, up to ``MOST_SHARED``.

    Beyond that, each shape is simplified by itself.
    """
    given = np.array(list(shapes), dtype=object)
    if not given.size:
        return []
    west, south, east, north = shapely.total_bounds(given)
    pixel = max(east - west, north - south) / PIXELS
    if shapely.get_num_coordinates(given).sum() > MOST_SHARED:
        simple = shapely.simplify(given, pixel, preserve_topology=False)
        gone = shapely.is_empty(simple)  # smaller than a pixel, each of its parts
        simple[gone] = shapely.simplify(given[gone], pixel, preserve_topology=True)
    else:
        simple = shapely.coverage_simplify(given, pixel)
    whole = np.where(shapely.is_empty(simple), given, simple)
    return list(whole)
