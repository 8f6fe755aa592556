"""What is asked in the benchmarks: zones, and the files of each layout."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely

from benchmarks.archive import FIRST, folder_of
from csserv.request import Area, Zone


@dataclass(frozen=True)
class Case:
    """One question; the same for all who answer it."""

    layout: str
    zone: str
    operation: str = "mean"
    years: int = 1

    @property
    def period(self) -> str:
        """First and last year."""
        return f"{FIRST}/{FIRST + self.years - 1}"

    def files(self, root: Path) -> list[Path]:
        """List the files of the years."""
        years = {str(FIRST + i) for i in range(self.years)}
        every = sorted(folder_of(root, self.layout).glob("*.nc"))
        return [path for path in every if path.name[:4] in years]

    @property
    def area(self) -> Area:
        """The zones."""
        return zones()[self.zone]


#: into how many parts the country is cut
DISTRICTS = (2, 5, 20, 50, 80, 100)


@lru_cache(maxsize=1)
def zones() -> dict[str, Area]:
    """Name → area: ragged polygons of about so many cells as their name says."""
    return {
        "point": Area.from_point(30.02, 10.02),
        "province": _ragged(28.3, 4.4, 0.5, 1),
        "country": _ragged(29.1, 2.8, 2.5, 2),
        "large": _ragged(30.0, 10.0, 12.5, 3),
        **{f"{count} districts": _districts(count) for count in DISTRICTS},
    }


def _ragged(lon: float, lat: float, reach: float, seed: int) -> Area:
    """Return a square whose sides wander, of twice ``reach`` degrees."""
    random = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    square = reach / np.maximum(np.abs(np.cos(angles)), np.abs(np.sin(angles)))
    wander = np.cumsum(random.standard_normal(400))
    wander -= np.linspace(wander[0], wander[-1], 400)
    reaches = square * (0.93 + 0.06 * wander / np.abs(wander).max())
    points = np.column_stack([lon + reaches * np.cos(angles), lat + reaches * np.sin(angles)])
    return Area.from_geometry(shapely.Polygon(points), "ragged")


def _districts(count: int) -> Area:
    """Cut the country into parts around random places."""
    (country,) = zones_of_country()
    west, south, east, north = country.bounds
    random = np.random.default_rng(4)
    places = shapely.MultiPoint(random.uniform((west, south), (east, north), (count, 2)))
    parts = shapely.get_parts(shapely.voronoi_polygons(places, extend_to=country))
    cut = [shapely.intersection(part, country) for part in parts]
    named = [Zone(str(i), f"district {i}", one) for i, one in enumerate(cut) if one.area > 0]
    return Area(tuple(named), "districts")


def zones_of_country() -> list[shapely.Geometry]:
    """Return the polygon of the country."""
    return [zone.geometry for zone in _ragged(29.1, 2.8, 2.5, 2).zones]
