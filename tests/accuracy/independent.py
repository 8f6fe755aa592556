"""Another way to the same numbers: each cell cut out by shapely on an equal-area map."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from csserv.request.measures import EARTH_RADIUS

#: an edge that is straight in longitude and latitude is bent on the map: it is cut this short
#: [degrees], which leaves it within 2e-10 of its place
SHORT = 0.002


def equal_area(geometry: BaseGeometry) -> BaseGeometry:
    """Lambert's cylindrical equal-area map: longitude [radian], sine of latitude."""
    return shapely.transform(
        shapely.segmentize(geometry, SHORT),
        lambda xy: np.column_stack([np.radians(xy[:, 0]), np.sin(np.radians(xy[:, 1]))]),
    )


def covered_areas(zone: BaseGeometry, lat_edges: np.ndarray, lon_edges: np.ndarray) -> np.ndarray:
    """``(rows, columns)`` area of each cell in the zone [km2], rows from north to south."""
    mapped = equal_area(zone)
    areas = np.zeros((len(lat_edges) - 1, len(lon_edges) - 1))
    heights, sides = np.sin(np.radians(lat_edges)), np.radians(lon_edges)
    for row, column in np.ndindex(areas.shape):
        cell = (sides[column], heights[row + 1], sides[column + 1], heights[row])
        areas[row, column] = shapely.intersection(mapped, shapely.box(*cell)).area
    return areas * EARTH_RADIUS**2


def cell_areas(lat_edges: np.ndarray, lon_edges: np.ndarray) -> np.ndarray:
    """``(rows, columns)`` area of each cell [km2]."""
    heights = -np.diff(np.sin(np.radians(lat_edges)))
    return EARTH_RADIUS**2 * heights[:, None] * np.radians(np.diff(lon_edges))[None, :]


def statistics(field: np.ndarray, area: np.ndarray, cell: np.ndarray) -> dict[str, float]:
    """Each statistic of a ``(rows, columns)`` field in plain float64, as its definition says."""
    inside = (area > 1e-12 * cell) & np.isfinite(field)
    values, weights, share = field[inside].astype(np.float64), area[inside], (area / cell)[inside]
    mean = (values * weights).sum() / weights.sum()
    variance = (weights * (values - mean) ** 2).sum() / weights.sum()
    return {
        "mean": mean,
        "sum": (values * share).sum(),
        "total": (values * weights).sum(),
        "count": share.sum(),
        "min": values.min(),
        "max": values.max(),
        "range": values.max() - values.min(),
        "variance": variance,
        "std": np.sqrt(variance),
    }
