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
    result_mb : size of the JSON of a result [MB]
    """

    vertices: int | None = None
    zones: int | None = None
    area_km2: float | None = None
    cell_steps: float | None = None
    open_tasks: int | None = None
    result_mb: float | None = None

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

    def check_series(self, zones: int, selections: int) -> None:
        """Check the number of series, where zones have several each.

        Parameters
        ----------
        selections : coordinates of further dimensions that are asked for

        Raises
        ------
        RequestTooLargeError : says the limit, and how many there are
        """
        if selections > 1 and self.zones is not None and zones * selections > self.zones:
            raise RequestTooLargeError(
                f"the request asks for {zones:,} zones x {selections:,} coordinates of further "
                f"dimensions = {zones * selections:,} series; at most {self.zones:,} are allowed "
                "(CSSERV_MAX_ZONES); ask for fewer zones, or select fewer coordinates"
            )

    def check_size(self, cells: int, steps: int, selections: int = 1) -> None:
        """Check the number of cells times the number of steps that a request reads.

        Parameters
        ----------
        selections : coordinates of further dimensions that all of these are read of

        Raises
        ------
        RequestTooLargeError : says the limit, and how much is asked for
        """
        whole = cells * steps * selections
        if self.cell_steps is not None and whole > self.cell_steps:
            of_each = f" x {selections:,} coordinates of further dimensions" * (selections > 1)
            raise RequestTooLargeError(
                f"the request reads {cells:,} cells x {steps:,} steps{of_each} = {whole:,}; at "
                f"most {self.cell_steps:,.0f} are allowed (CSSERV_MAX_CELL_STEPS); ask for a "
                "smaller area or a shorter period"
            )

    def check_answer(self, size: int, series: int, steps: int) -> None:
        """Check how large the JSON of a result will be.

        Parameters
        ----------
        size : of the JSON, as it is estimated [bytes]

        Raises
        ------
        RequestTooLargeError : says the limit, and how large it will be
        """
        if self.result_mb is not None and size > 1e6 * self.result_mb:
            raise RequestTooLargeError(
                f"the answer has {series:,} series x {steps:,} steps, about "
                f"{_written(size / 1e6)} MB; at most {_written(self.result_mb)} MB are allowed "
                "(CSSERV_MAX_RESULT); ask for fewer zones, a shorter period or longer steps"
            )


def _written(megabytes: float) -> str:
    return f"{megabytes:,.0f}" if megabytes >= 10 else f"{megabytes:.2g}"


#: default for reading areas: it keeps memory and time within bounds
FILE_LIMITS = Limits(vertices=2_000_000, zones=100_000)

#: for layers, of which a request takes a part only
LAYER_LIMITS = Limits(vertices=20_000_000, zones=200_000)
