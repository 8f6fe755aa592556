"""Limits of a request and of a client: vertices, zones, area, cells times steps, open tasks."""

from __future__ import annotations

from dataclasses import dataclass

from csserv.errors import AreaTooLargeError, RequestTooLargeError


@dataclass(frozen=True)
class Limits:
    """How much one request, and one client, may ask for; None means no limit.

    Attributes
    ----------
    vertices : of all zones of an area together
    zones : of an area
    area_km2 : area of all zones together [km2]
    cell_steps : number of cells times number of time steps that a request reads
    open_tasks : unfinished tasks of one client
    """

    vertices: int | None = None
    zones: int | None = None
    area_km2: float | None = None
    cell_steps: float | None = None
    open_tasks: int | None = None

    def check_counts(self, zones: int, vertices: int) -> None:
        """Check the number of zones and of vertices of an area.

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

    def check_km2(self, size: float) -> None:
        """Check the size of an area [km2].

        Raises
        ------
        AreaTooLargeError : says the limit, and how large the area is
        """
        if self.area_km2 is not None and size > self.area_km2:
            raise AreaTooLargeError(
                f"the area has {size:,.0f} km2; at most {self.area_km2:,.0f} km2 are allowed "
                "(CSSERV_MAX_AREA)"
            )

    def check_size(self, cells: int, steps: int) -> None:
        """Check the number of cells times the number of steps that a request reads.

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


#: default for reading areas: it keeps memory and time within bounds
FILE_LIMITS = Limits(vertices=2_000_000, zones=100_000)
