"""Where a number comes from: granules, versions, weighting, times, citation."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
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
    weighting: str,
    steps_read: int,
) -> dict[str, Any]:
    """Return what a reader needs to check or repeat the numbers, ready for JSON."""
    return {
        "dataset": dict(dataset),
        "granules": [dict(granule) for granule in granules],
        "weighting": WEIGHTINGS[weighting],
        "steps_read": steps_read,
        "versions": versions(),
        "started": started,
        "finished": now(),
    }


def versions() -> dict[str, str]:
    """Versions of what turns bytes into numbers, by name."""
    return dict(_versions())


@lru_cache(maxsize=1)  # 3 ms: as long as all else that ends a small request
def _versions() -> tuple[tuple[str, str], ...]:
    named = ((name, version(name)) for name in COMPUTING)
    return ("python", platform.python_version()), *named


def now() -> str:
    """Return this moment, UTC, as ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
