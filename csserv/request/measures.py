"""Areas of polygons: on the sphere, as cells are weighted, and on the ellipsoid."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

#: mean radius of the Earth [km] (IUGG), used for the weights of cells
EARTH_RADIUS = 6371.0088

#: WGS 84: equatorial radius [km], flattening
RADIUS, FLATTENING = 6378.137, 1 / 298.257223563

#: Gauss-Legendre nodes and weights to integrate along an edge; exact to 1e-9 even over 90 degrees
_PLACES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


def sphere_km2(shapes: Iterable[BaseGeometry]) -> float:
    """Return the area of polygons on a sphere of ``EARTH_RADIUS`` [km2]; points have none.

    Edges are straight in longitude and latitude, as for the weights of cells.
    """
    width, start, end = edges(shapes)
    middle, half = (end + start) / 2, (end - start) / 2
    # the mean of sin(latitude) along an edge is sin(middle) sin(half) / half
    under = width * np.sin(middle) * np.sinc(half / np.pi)
    return float(EARTH_RADIUS**2 * abs(np.sum(under)))


def ellipsoid_km2(shapes: Iterable[BaseGeometry]) -> float:
    """Return the area of polygons on the WGS 84 ellipsoid [km2]; points have none.

    Edges are straight in longitude and latitude, as for the weights of cells. Source: Snyder 1987,
    USGS Professional Paper 1395, equation 3-12, integrated along the edges.

    >>> import shapely
    >>> round(ellipsoid_km2([shapely.box(-180, -90, 180, 90)]))
    510065622
    """
    width, start, end = edges(shapes)
    middle, half = (end + start) / 2, (end - start) / 2
    e2 = FLATTENING * (2 - FLATTENING)
    e = np.sqrt(e2)
    total = 0.0
    for place, weight in zip(_PLACES, _WEIGHTS / 2, strict=True):
        sine = np.sin(middle + half * place)
        # from the equator to a latitude, for a radian of longitude (Snyder 1987, 3-12)
        under = (1 - e2) / 2 * (sine / (1 - e2 * sine**2) + np.arctanh(e * sine) / e)
        total += weight * float(np.sum(width * under))
    return RADIUS**2 * abs(total)


def edges(shapes: Iterable[BaseGeometry]) -> tuple[Floats, Floats, Floats]:
    """List the edges of polygons, outer rings in one direction and holes in the other.

    Returns
    -------
    width : (edges,) difference of longitude [radians]
    start, end : (edges,) latitudes of both ends [radians]
    """
    polygons = shapely.get_parts([one for one in shapes if one.area > 0])
    rings = shapely.get_rings(shapely.orient_polygons(polygons))
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    lon, lat = np.deg2rad(points).T
    joined = of_ring[:-1] == of_ring[1:]
    return np.diff(lon)[joined], lat[:-1][joined], lat[1:][joined]
