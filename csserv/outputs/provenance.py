"""The provenance of a result: dataset, files, software versions, weighting and times."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from csserv.language import mark

#: packages whose version may change the numbers
COMPUTING = ("csserv", "numpy", "netCDF4", "h5py", "imagecodecs", "shapely", "rasterio", "cftime")

WEIGHTINGS = {
    "area": mark("exact share of each cell in the zone, by area on the sphere"),
    "centre": mark(
        "whole cells whose centre lies in the zone, all alike, as older services count them"
    ),
    "share": mark(
        "share of each cell in the zone in square degrees, whatever its area on the sphere"
    ),
}


def provenance(
    dataset: Mapping[str, Any],
    granules: Sequence[Mapping[str, Any]],
    started: str,
    weighting: str,
    steps_read: int,
    moved_edges: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return what is needed to check or repeat a result, as plain values for JSON.

    Parameters
    ----------
    moved_edges : of axes whose cell edges were meant to be round: as the file has them, and as they
        are taken
    """
    return {
        "dataset": dict(dataset),
        "granules": [dict(granule) for granule in granules],
        **({"moved_edges": [dict(one) for one in moved_edges]} if moved_edges else {}),
        "weighting": WEIGHTINGS[weighting],
        "steps_read": steps_read,
        "versions": versions(),
        "started": started,
        "finished": now(),
    }


def versions() -> dict[str, str]:
    """Return name → version of the packages that may change the numbers."""
    return dict(_versions())


@lru_cache(maxsize=1)  # takes 3 ms: as long as the rest of finishing a small request
def _versions() -> tuple[tuple[str, str], ...]:
    named = ((name, version(name)) for name in COMPUTING)
    return ("python", platform.python_version()), *named


def now() -> str:
    """Return the current time, UTC, as ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
