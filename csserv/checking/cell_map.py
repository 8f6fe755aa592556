"""A small SVG map of the cells behind a number, which any notebook can show without scripts."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.language import few_digits

#: longest side of the map [pixels]
SIDE = 320.0

#: up to so many cells have a tooltip each; more are drawn together, by colour
MOST_TOOLTIPS = 1500

#: colours from low to high: five of viridis, reversed
COLOURS = np.array([[253, 231, 37], [94, 201, 98], [33, 145, 140], [59, 82, 139], [68, 1, 84]])

#: number of shades of colour, and of levels of opacity
SHADES, WEIGHTS = 24, 4


@dataclass(frozen=True)
class _Scale:
    """Converts degrees to pixels; a degree of longitude is shorter away from the equator."""

    west: float
    north: float
    x: float  #: pixels for one degree of longitude
    y: float  #: pixels for one degree of latitude

    def place(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the pixels of (n, 2) longitudes and latitudes."""
        return np.round((lonlat - (self.west, self.north)) * (self.x, -self.y), 1)


def draw_cells(
    cells: pd.DataFrame, size: tuple[float, float], shape: BaseGeometry, units: str
) -> str:
    """Draw cells in the colour of their value, with the outline of the zone; return SVG.

    Cells that count less are paler; cells without data are grey.

    Parameters
    ----------
    cells : ``lon``, ``lat`` of the centres [degrees], ``value``, ``weight``, ``contribution``
    size : (width, height) of a cell [degrees]
    shape : geometry of the zone
    units : of the values
    """
    half = np.array(size) / 2
    centres = cells[["lon", "lat"]].to_numpy()
    corners = np.vstack([centres - half, centres + half])
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    squeeze = max(float(np.cos(np.radians((south + north) / 2))), 0.05)
    pixels = SIDE / max((east - west) * squeeze, north - south)
    scale = _Scale(west, north, pixels * squeeze, pixels)
    width, height = (east - west) * scale.x, (north - south) * scale.y
    values = cells["value"].to_numpy()
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    parts = [
        *_cells(cells, scale, np.array(size) * (scale.x, scale.y), (low, high)),
        *_outline(shape, scale),
        _legend(height, low, high, units),
    ]
    return (
        "<svg class='csserv-cells' role='img' aria-label='cells by value' "
        f"width='{width + 12:.0f}' height='{height + 46:.0f}' "
        f"viewBox='-6 -6 {width + 12:.1f} {height + 46:.1f}'>"
        f"{''.join(parts)}</svg>"
    )


def _cells(
    cells: pd.DataFrame, scale: _Scale, size: NDArray[np.float64], ends: tuple[float, float]
) -> Iterator[str]:
    """Draw each cell, or, if there are many, all cells of one shade and opacity together."""
    values, weights = cells["value"].to_numpy(), cells["weight"].to_numpy()
    low, high = ends
    shade = np.nan_to_num((values - low) / (high - low or 1.0), nan=-1.0)
    shade = np.where(shade < 0, -1, np.round(shade * (SHADES - 1))).astype(int)
    level = np.ceil(WEIGHTS * weights / (weights.max() or 1.0)).astype(int)
    corner = scale.place(cells[["lon", "lat"]].to_numpy()) - size / 2
    boxes = [f"M{x:.1f} {y:.1f}h{size[0]:.1f}v{size[1]:.1f}h-{size[0]:.1f}z" for x, y in corner]
    few = len(cells) <= MOST_TOOLTIPS
    groups = range(len(cells)) if few else shade * (WEIGHTS + 1) + level
    for _, rows in pd.Series(range(len(cells))).groupby(list(groups)):
        first = int(rows.iloc[0])
        told = f"<title>{_said(cells.iloc[first])}</title>" if few else ""
        path = "".join(boxes[i] for i in rows)
        look = f"fill='{_colour(shade[first])}' opacity='{0.3 + 0.7 * level[first] / WEIGHTS:.2f}'"
        yield f"<path d='{path}' shape-rendering='crispEdges' {look}>{told}</path>"


def _outline(shape: BaseGeometry, scale: _Scale) -> Iterator[str]:
    """Draw the zone as a line in the text colour of the page; a point as a circle."""
    line = "fill='none' stroke='currentColor' stroke-width='1.5'"
    for part in getattr(shape, "geoms", [shape]):
        if part.geom_type == "Point":
            ((x, y),) = scale.place(shapely.get_coordinates(part))
            yield f"<circle cx='{x}' cy='{y}' r='5' {line}/>"
            continue
        simple = shapely.simplify(part, 0.5 / scale.y)
        for ring in (simple.exterior, *simple.interiors):
            places = scale.place(shapely.get_coordinates(ring))
            yield f"<path d='M{'L'.join(f'{x} {y}' for x, y in places)}z' {line}/>"


def _legend(height: float, low: float, high: float, units: str) -> str:
    boxes = "".join(
        f"<rect x='{6 * i}' y='{height + 10:.0f}' width='6' height='10' fill='{_colour(i)}'/>"
        for i in range(SHADES)
    )
    text = html.escape(f"{few_digits(low)} to {few_digits(high)} {units}")
    return (
        f"{boxes}<text x='0' y='{height + 34:.0f}' font-size='12' fill='currentColor'>{text}</text>"
    )


def _said(cell: pd.Series) -> str:
    return (
        f"{cell.lon:g} E, {cell.lat:g} N: {cell.value:.4g}; weight {cell.weight:.4g}; "
        f"gives {cell.contribution:.4g}"
    )


def _colour(shade: int) -> str:
    if shade < 0:
        return "#b9c0c6"  # no data
    place = shade / (SHADES - 1) * (len(COLOURS) - 1)
    red, green, blue = (round(np.interp(place, range(len(COLOURS)), c)) for c in COLOURS.T)
    return f"#{red:02x}{green:02x}{blue:02x}"
