"""Where a number comes from: granules, versions, weighting, times, citation."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

#: the packages that turn bytes into numbers
COMPUTING = ("csserv", "numpy", "netCDF4", "h5py", "imagecodecs", "shapely", "rasterio", "cftime")

WEIGHTINGS = {
    "area": "exact share of each cell in the zone, by area on the sphere",
    "centre": "whole cells whose centre lies in the zone, all alike, as older services count them",
}


def provenance(
    dataset: Mapping[str, Any],
    granules: Sequence[Mapping[str, Any]],
    started: str,
    weighting: str = "area",
) -> dict[str, Any]:
    """Return what a reader needs to check or repeat the numbers, ready for JSON."""
    return {
        "dataset": dict(dataset),
        "granules": [dict(granule) for granule in granules],
        "weighting": WEIGHTINGS[weighting],
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in COMPUTING},
        "started": started,
        "finished": now(),
    }


def now() -> str:
    """Return this moment, UTC, as ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
