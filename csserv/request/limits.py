"""How much may be asked for: vertices, zones and km2 of an area, cells and steps of a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.errors import AreaTooLargeError, RequestTooLargeError

if TYPE_CHECKING:  # areas are read within limits
    from csserv.request.area import Area

Floats = NDArray[np.float64]

#: mean radius of the Earth [km], as cells are weighted by
EARTH_RADIUS = 6371.0088


@dataclass(frozen=True)
class Limits:
    """How much one request, and one client, may ask for; None allows any amount.

    Attributes
    ----------
    vertices : of all zones of an area together
    zones : of an area
    area_km2 : of all zones of an area together [km2]
    cell_steps : cells times time steps that a request may read
    open_tasks : of one client
    """

    vertices: int | None = None
    zones: int | None = None
    area_km2: float | None = None
    cell_steps: float | None = None
    open_tasks: int | None = None

    def check_area(self, area: Area) -> None:
        """See that an area is not too large.

        Raises
        ------
        AreaTooLargeError : says the limit, and how much the area has
        """
        shapes = [zone.geometry for zone in area.zones]
        self.check_counts(len(shapes), int(np.sum(shapely.get_num_coordinates(shapes))))
        if self.area_km2 is not None and (size := sphere_km2(shapes)) > self.area_km2:
            raise AreaTooLargeError(
                f"the area has {size:,.0f} km2; at most {self.area_km2:,.0f} km2 are allowed "
                "(CSSERV_MAX_AREA)"
            )

    def check_counts(self, zones: int, vertices: int) -> None:
        """See that an area has neither too many zones nor too many vertices.

        Raises
        ------
        AreaTooLargeError : says the limit, and how many there are
        """
        for count, most, what in (
            (zones, self.zones, "zones"),
            (vertices, self.vertices, "vertices"),
        ):
            if most is not None and count > most:
                raise AreaTooLargeError(
                    f"the area has {count:,} {what}; at most {most:,} are allowed "
                    f"(CSSERV_MAX_{what.upper()})"
                )

    def check_size(self, cells: int, steps: int) -> None:
        """See that a request does not read too much.

        Raises
        ------
        RequestTooLargeError : says the limit, and how much is asked for
        """
        if self.cell_steps is not None and cells * steps > self.cell_steps:
            raise RequestTooLargeError(
                f"the request reads {cells:,} cells x {steps:,} steps = {cells * steps:,}; at most "
                f"{self.cell_steps:,.0f} are allowed (CSSERV_MAX_CELL_STEPS); ask for a smaller "
                "area or a shorter period"
            )


def sphere_km2(shapes: Iterable[BaseGeometry]) -> float:
    """Area of polygons on the sphere [km2]; points have none.

    Edges are straight in longitude and latitude, as in the weights of cells.
    """
    width, start, end = edges(shapes)
    middle, half = (end + start) / 2, (end - start) / 2
    # the mean of sin(latitude) along an edge is sin(middle) sin(half) / half
    under = width * np.sin(middle) * np.sinc(half / np.pi)
    return float(EARTH_RADIUS**2 * abs(np.sum(under)))


def edges(shapes: Iterable[BaseGeometry]) -> tuple[Floats, Floats, Floats]:
    """List the edges of polygons, outer rings one way round and holes the other.

    Returns
    -------
    how far each goes in longitude, and the latitudes where it begins and ends [radians]
    """
    polygons = shapely.get_parts([one for one in shapes if one.area > 0])
    rings = shapely.get_rings(shapely.orient_polygons(polygons))
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    lon, lat = np.deg2rad(points).T
    joined = of_ring[:-1] == of_ring[1:]
    return np.diff(lon)[joined], lat[:-1][joined], lat[1:][joined]


#: what is read where nobody says what is allowed; it keeps memory and time within bounds
READING = Limits(vertices=2_000_000, zones=100_000)
