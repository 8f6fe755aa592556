"""What a file of maps says of its grid besides the cells: their edges, and their projection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from csserv.catalog.read.grid import Floats, Window
from csserv.catalog.read.place.projected.projected_grid import ProjectedGrid
from csserv.outputs.map_cells import Described, Projected
from csserv.outputs.netcdf.step_intervals import StepIntervals
from csserv.zonal.weights import Weights

#: what pyproj writes where a projection does not say it
UNSAID = ("unknown", "unnamed")

#: attribute of a grid mapping
POLE = "latitude_of_projection_origin"


def describe_maps(
    weights: Weights, attributes: Mapping[str, str], intervals: StepIntervals | None
) -> Described:
    """Say what a file of maps of the weights' window holds besides the cells."""
    grid, window = weights.grid, weights.window
    return Described(
        attributes=attributes,
        intervals=intervals,
        lat_bounds=grid.lat_bounds(window),
        lon_bounds=grid.lon_bounds(window),
        projected=_projected(grid, window) if isinstance(grid, ProjectedGrid) else None,
    )


def _projected(grid: ProjectedGrid, window: Window) -> Projected | None:
    """Return grid mapping and axes of a window; None for a projection without a name in CF."""
    from pyproj import CRS

    crs = CRS.from_wkt(grid.wkt)
    mapping = crs.to_cf()
    if "grid_mapping_name" not in mapping:
        return None
    edges = {
        "y": grid.lines[0][window.row : window.row + window.rows + 1],
        "x": grid.lines[1][window.column : window.column + window.columns + 1],
    }
    said = {one["axis"].casefold(): one for one in crs.cs_to_cf()}
    axes: dict[str, tuple[Floats, dict[str, str]]] = {
        name: (np.asarray((e[:-1] + e[1:]) / 2, np.float64), said[name])
        for name, e in edges.items()
    }
    return Projected(_stated(mapping), axes)


def _stated(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a projection does not say; by CF, 5.6, names of its parts are all there."""
    names = [key for key in mapping if key.endswith("_name") and key != "grid_mapping_name"]
    unsaid = any(mapping[key] in UNSAID for key in names)
    gone = {*(names if unsaid else ())}
    if not mapping.get("inverse_flattening"):  # of a sphere, whose axes are alike
        gone.add("inverse_flattening")
    pole = {}
    if mapping["grid_mapping_name"] == "polar_stereographic" and "standard_parallel" in mapping:
        # CF wants the pole said, too
        pole = {POLE: float(np.copysign(90.0, mapping["standard_parallel"]))}
    return pole | {key: value for key, value in mapping.items() if key not in gone}
