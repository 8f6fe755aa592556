"""How much may be asked for: vertices, zones and km2 of an area, cells and steps of a request."""

from __future__ import annotations

from dataclasses import dataclass

from csserv.errors import AreaTooLargeError, RequestTooLargeError


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

    def check_km2(self, size: float) -> None:
        """See that an area is not too large [km2].

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


#: what is read where nobody says what is allowed; it keeps memory and time within bounds
READING = Limits(vertices=2_000_000, zones=100_000)
