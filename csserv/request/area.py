"""The area of a request: one or many named zones on the globe."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any, Self

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.machine.collection_pause import pause_collection
from csserv.notes import Note, each_once, read_notes
from csserv.request.coordinate_systems import is_degrees
from csserv.request.feature_table import Row, shape_notes
from csserv.request.geojson import (
    canonical_geojson,
    parse_geojson,
    read_table,
    stated_crs,
)
from csserv.request.limits import FILE_LIMITS, Limits
from csserv.request.measures import sphere_km2
from csserv.request.plain_text import name_of, one_line
from csserv.request.shape import clean_geometries, clean_geometry


@dataclass(frozen=True)
class Zone:
    """One named polygon, multipolygon or point, longitude/latitude [degrees], EPSG:4326.

    The geometry is repaired where that is safe; its longitudes are brought into -180..180, cut at
    the antimeridian.

    Attributes
    ----------
    parents : names of what it is part of, the largest first, as its file has them; a request does
        not keep them, and they make no other zone of it

    Raises
    ------
    InvalidAreaError : the geometry is empty, a line, off the globe, or broken beyond safe repair
    """

    id: str
    name: str
    geometry: BaseGeometry
    parents: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", one_line(self.id))
        object.__setattr__(self, "name", one_line(self.name))
        object.__setattr__(self, "geometry", clean_geometry(self.geometry, self.name))

    @classmethod
    def of_rows(cls, rows: Sequence[Row]) -> tuple[Self, ...]:
        """Build many zones: their geometries are checked all at once.

        Raises
        ------
        InvalidAreaError : one is no zone
        """
        names = [one_line(name) for _, name, _, _ in rows]
        shapes = clean_geometries([shape for _, _, shape, _ in rows], names)
        zones = []
        for (identity, _, _, above), name, shape in zip(rows, names, shapes, strict=True):
            zone = cls.__new__(cls)  # as __init__ would check its geometry again
            known = {"id": one_line(identity), "name": name, "geometry": shape, "parents": above}
            for attribute, value in known.items():
                object.__setattr__(zone, attribute, value)
            zones.append(zone)
        return tuple(zones)

    @property
    def is_point(self) -> bool:
        """Whether the zone is a point, or several points."""
        return self.geometry.geom_type in ("Point", "MultiPoint")


@dataclass(frozen=True)
class Area:
    """What a request asks about: one or many zones; each one gives a series.

    Attributes
    ----------
    notes : what of a file it leaves out, and what was assumed of it

    Raises
    ------
    InvalidAreaError : no zone, or two with the same id
    """

    zones: tuple[Zone, ...]
    title: str
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        if not self.zones:
            raise InvalidAreaError("the area is empty: it holds no zone")
        counts = Counter(zone.id for zone in self.zones)
        if twice := sorted(name for name, count in counts.items() if count > 1):
            raise InvalidAreaError(f"two zones have the same id: {', '.join(twice[:3])}")
        object.__setattr__(self, "title", one_line(self.title))

    def check(self, limits: Limits) -> None:
        """Check the area against the limits.

        Raises
        ------
        AreaTooLargeError : says the limit, and how much the area has
        """
        limits.check_counts(len(self.zones), self.vertices)
        if limits.area_km2 is not None:  # measuring takes a while
            limits.check_km2(sphere_km2([zone.geometry for zone in self.zones]))

    @classmethod
    def from_box(cls, west: float, south: float, east: float, north: float) -> Self:
        """Build a box from its edges [degrees]; west > east means across the antimeridian.

        Raises
        ------
        InvalidAreaError : an edge is not finite, the box is empty, or wider than the globe
        """
        given = f"box ({west}, {south}, {east}, {north})"
        if not all(map(math.isfinite, (west, south, east, north))):
            raise InvalidAreaError(f"{given}: each edge must be a finite number")
        if north <= south:
            raise InvalidAreaError(f"{given}: write west, south, east, north with south < north")
        if east == west:
            raise InvalidAreaError(f"{given}: west and east are the same")
        title = f"box {west:g} {south:g} {east:g} {north:g}"
        notes: tuple[Note, ...] = ()
        if east < west:
            said = f"from {west:g} eastwards to {east:g}, {360 + east - west:g} degrees"
            notes = (Note("zones", f"the box goes across 180° of longitude: {said}"),)
            east += 360.0
        if east - west > 360.0:
            raise InvalidAreaError(f"{given}: wider than the globe")
        if east > 360.0:
            west, east = west - 360.0, east - 360.0
        corners = shapely.box(west, south, east, north)
        # an edge of more than half of the globe would be taken the other way round
        zone = Zone("box", title, shapely.segmentize(corners, 180.0))
        return cls((zone,), title, notes)

    @classmethod
    def from_point(cls, lon: float, lat: float) -> Self:
        """Build a point; its series is that of the grid cell it lies in.

        Raises
        ------
        InvalidAreaError : a coordinate is not finite, or off the globe
        """
        if not (math.isfinite(lon) and math.isfinite(lat)):
            raise InvalidAreaError(f"point ({lon}, {lat}): write two finite numbers, lon and lat")
        title = f"point {lon:g} {lat:g}"
        return cls((Zone("point", title, shapely.Point(lon, lat)),), title)

    @classmethod
    def from_geometry(cls, geometry: BaseGeometry, name: str = "area") -> Self:
        """Build an area of one zone from a shapely geometry in longitude/latitude."""
        return cls((Zone("1", name, geometry),), name)

    @classmethod
    def from_geojson(
        cls,
        source: str | Mapping[str, Any],
        title: str | None = None,
        limits: Limits = FILE_LIMITS,
        name_field: str = "",
        id_field: str = "",
    ) -> Self:
        """Build an area from GeoJSON text or mapping: a geometry, Feature or FeatureCollection.

        Each feature is a zone; see :func:`csserv.request.naming.zone_names.label_zones` for its
        name. What is no polygon or point is left out, with a note.

        Parameters
        ----------
        name_field, id_field : properties of the names and ids of zones; empty for the likeliest

        Raises
        ------
        InvalidAreaError : it is not GeoJSON, or a feature is no usable zone; says why
        AreaTooLargeError : more zones or vertices than the limits allow
        """
        plain = parse_geojson(source, limits)
        if not is_degrees(crs := stated_crs(plain)):
            raise InvalidAreaError(
                f"the GeoJSON is in the coordinate system {one_line(crs)}; convert it to longitude "
                "and latitude (EPSG:4326)"
            )
        rows, notes = read_table(plain, limits).zones(True, name_field, id_field)
        told = shape_notes([name for _, name, _, _ in rows], [shape for _, _, shape, _ in rows])
        zones = Zone.of_rows(rows)
        default = zones[0].name if len(zones) == 1 else f"{len(zones)} zones"
        known = read_notes(plain.get("notes"))
        every = each_once([*known, *notes, *told])
        return cls(zones, title or name_of(plain.get("title")) or default, every)

    @classmethod
    def from_stored(cls, text: str, limits: Limits | None = None) -> Self:
        """Read canonical GeoJSON again, whatever its zones are called.

        Parameters
        ----------
        limits : none for an area that was accepted before: they were checked then
        """
        with pause_collection():  # what is read stays, and has millions of parts
            return cls.from_geojson(text, limits=limits or Limits(), name_field="name")

    @cached_property
    def geojson(self) -> str:
        """Canonical GeoJSON text, a FeatureCollection; reading it gives an equal area."""
        zones = [(zone.id, zone.name, zone.geometry) for zone in self.zones]
        return canonical_geojson(self.title, zones, self.notes)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical GeoJSON; the area is stored under it."""
        return hashlib.sha256(self.geojson.encode()).hexdigest()

    @cached_property
    def vertices(self) -> int:
        """Number of vertices of all zones."""
        return int(np.sum(shapely.get_num_coordinates([zone.geometry for zone in self.zones])))

    @cached_property
    def shape_hashes(self) -> tuple[bytes, ...]:
        """Hash of each zone's shape, 16 bytes: the same whatever it is called."""
        shapes = shapely.to_wkb([zone.geometry for zone in self.zones])
        return tuple(blake2b(shape, digest_size=16).digest() for shape in shapes)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) [degrees]; west -180, east 180 across the antimeridian."""
        west, south, east, north = shapely.total_bounds([zone.geometry for zone in self.zones])
        return float(west), float(south), float(east), float(north)
