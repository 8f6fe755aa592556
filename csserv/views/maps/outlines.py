"""What the map shows of countries and their units: as much as a screen can."""

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
from csserv.request import Area
from csserv.views.maps.mercator import Rings, rings

WORLD = Path(__file__).parent / "world.geojsonl.gz"

#: a screen is so many pixels wide, about
PIXELS = 1500


@dataclass(frozen=True)
class Outlines:
    """Shapes to draw, with what they are called."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    shapes: tuple[BaseGeometry, ...]

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The columns that bokeh draws multipolygons from."""
        drawn: list[tuple[Rings, Rings]] = [rings(shape) for shape in self.shapes]
        return {
            "xs": [xs for xs, _ in drawn],
            "ys": [ys for _, ys in drawn],
            "name": list(self.names),
            "id": list(self.ids),
        }


@lru_cache(maxsize=1)
def world() -> Outlines:
    """Read the countries, for a screen that shows all of them."""
    rows = [orjson.loads(line) for line in gzip.decompress(WORLD.read_bytes()).splitlines()]
    return Outlines(
        tuple(row["id"] for row in rows),
        tuple(row["properties"]["name"] for row in rows),
        tuple(shapely.from_geojson(orjson.dumps(row["geometry"]).decode()) for row in rows),
    )


@lru_cache(maxsize=1)
def world_columns() -> dict[str, list[Any]]:
    """Write the countries as bokeh draws them; computed once for all sessions."""
    return world().columns


def countries_near(bounds: tuple[float, float, float, float]) -> dict[str, list[Any]]:
    """Write the countries in a part of the world [degrees], as bokeh draws them."""
    shapes = np.array(world().shapes, dtype=object)
    near = np.flatnonzero(shapely.intersects(shapes, shapely.box(*bounds))).tolist()
    return {name: [column[i] for i in near] for name, column in world_columns().items()}


@lru_cache(maxsize=64)
def units(layer: FeatureLayer, country: str) -> Outlines:
    """Read the units of a country by its code, for a screen that shows all of it."""
    found = layer.of_country(country)
    shapes = [layer.zone(feature).geometry for feature in found]
    return Outlines(
        tuple(feature.id for feature in found),
        tuple(feature.name for feature in found),
        tuple(for_screen(shapes)),
    )


def area_outlines(area: Area) -> Outlines:
    """Write the polygons of an area, for a screen that shows all of it."""
    zones = [zone for zone in area.zones if not zone.is_point]
    return Outlines(
        tuple(zone.id for zone in zones),
        tuple(zone.name for zone in zones),
        tuple(for_screen([zone.geometry for zone in zones])),
    )


def for_screen(shapes: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    """Leave out the vertices that no screen shows; shared edges stay shared."""
    given = np.array(list(shapes), dtype=object)
    if not given.size:
        return []
    west, south, east, north = shapely.total_bounds(given)
    simple = shapely.coverage_simplify(given, max(east - west, north - south) / PIXELS)
    whole = np.where(shapely.is_empty(simple), given, simple)
    return list(whole)
