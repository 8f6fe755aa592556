"""Small GeoTIFFs to test with, every one checkable by hand."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import Affine


def write_tiff(
    path: Path,
    values: np.ndarray,
    corner: tuple[float, float] = (30.0, 10.0),
    cell: tuple[float, float] = (1.0, 1.0),
    names: tuple[str, ...] = (),
    packed: tuple[float, float] | None = None,
    south_up: bool = False,
    **profile: Any,
) -> Path:
    """Write ``(band, lat, lon)`` or ``(lat, lon)`` values, lat from north to south.

    Parameters
    ----------
    corner : longitude, latitude of the north-west corner
    cell : width and height of a cell
    names : of the bands
    packed : scale and offset that the file says
    """
    bands = values if values.ndim == 3 else values[None]
    (west, north), (width, height) = corner, cell
    place = Affine(width, 0.0, west, 0.0, -height, north)
    if south_up:
        bands = bands[:, ::-1]
        place = Affine(width, 0.0, west, 0.0, height, north - height * bands.shape[1])
    driver = "COG" if profile.pop("cog", False) else "GTiff"
    plain = {
        "driver": driver,
        "count": len(bands),
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": str(bands.dtype),
        "crs": "EPSG:4326",
        "transform": place,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f"{path.name}.draft") if path.suffix == ".gz" else path
    with rasterio.open(written, "w", **plain | profile) as file:
        for number, name in enumerate(names, start=1):
            file.set_band_description(number, name)
        if packed:
            file.scales, file.offsets = [packed[0]] * len(bands), [packed[1]] * len(bands)
        file.write(bands)
    if written != path:
        path.write_bytes(gzip.compress(written.read_bytes()))
        written.unlink()
    return path
