"""Small files on grids of all kinds, and the mean of their cells by an overlay of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import shapely

from csserv.catalog import Granule
from csserv.catalog.read.corrections import Corrections
from csserv.request import Area
from tests.engine import answer

#: name → dimensions, numbers, attributes
Coordinates = Mapping[str, tuple[tuple[str, ...], Any, dict[str, Any]]]


def write_field(
    path: Path,
    field: np.ndarray,
    dims: tuple[str, ...],
    at: Coordinates,
    mapping: Mapping[str, Any] | None = None,
    crs: str = "",
    **attributes: Any,
) -> Granule:
    """Write ``rain``, of one step unless ``time`` is among its dimensions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with netCDF4.Dataset(path, "w") as data:
        for name, length in zip(dims, np.shape(field), strict=True):
            data.createDimension(name, length)
        time = data.createVariable("time", "f8", ("time",) if "time" in dims else ())
        time.units = "days since 2019-01-01"
        time[...] = np.arange(time.size) if time.ndim else 0
        for name, (over, numbers, said) in at.items():
            numbers = np.ma.asarray(numbers)
            for dim, length in zip(over, numbers.shape, strict=True):
                if dim not in data.dimensions:
                    data.createDimension(dim, length)
            fill = -9999.0 if np.ma.is_masked(numbers) else None
            made = data.createVariable(name, numbers.dtype, over, fill_value=fill)
            made.setncatts(said)
            made[...] = numbers
        rain = data.createVariable("rain", "f8", dims)
        rain.setncatts({"units": "mm"} | attributes)
        if mapping is not None:
            data.createVariable("crs", "i4", ()).setncatts(mapping)
            rain.grid_mapping = "crs"
        rain[...] = field
    return Granule(path, "rain", Corrections(crs=crs))


def degrees(lat: np.ndarray, lon: np.ndarray) -> Coordinates:
    """Plain latitudes and longitudes."""
    return {
        "lat": (("lat",), lat, {"units": "degrees_north"}),
        "lon": (("lon",), lon, {"units": "degrees_east"}),
    }


def metres(y: np.ndarray, x: np.ndarray, units: str = "m") -> Coordinates:
    """Coordinates of a projection."""
    return {
        "y": (("y",), y, {"units": units, "standard_name": "projection_y_coordinate"}),
        "x": (("x",), x, {"units": units, "standard_name": "projection_x_coordinate"}),
    }


def mean(granule: Granule, shape: shapely.Geometry, name: str = "mean") -> float:
    """What csserv answers for a shape."""
    return float(answer([granule], Area.from_geometry(shape), name)[0][0, 0])


def edges(centres: np.ndarray) -> np.ndarray:
    """Edges of evenly spaced cells."""
    half = (centres[1] - centres[0]) / 2
    return np.append(centres - half, centres[-1] + half)


def sphere_area(shapes: Any) -> np.ndarray:
    """Areas on a sphere of radius 1, by the projection that keeps them [steradian * 180 / pi]."""
    fine = shapely.segmentize(shapes, 0.02)
    return shapely.area(
        shapely.transform(fine, lambda xy: np.stack([xy[:, 0], np.sin(np.radians(xy[:, 1]))], 1))
    )


def overlaid(field: np.ndarray, lon: np.ndarray, lat: np.ndarray, shape: Any) -> float:
    """Mean of ``(rows, columns)`` cells in a shape, by the crossings of their edges."""
    nodes = np.stack([lon, lat], axis=-1)
    rings = np.stack([nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1]], axis=2)
    known = np.isfinite(rings).all(axis=(2, 3))
    parts = sphere_area(shapely.intersection(shapely.polygons(rings[known]), shape))
    return float(np.average(field[known], weights=parts))
