"""Other ways to the normals of a country: xarray and flox for time, exactextract for space.

Each takes a layout, and returns ``(values and anomalies, months)`` of all years.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray

from benchmarks.archive import SIZE, VARIABLE
from benchmarks.cases import zones
from benchmarks.long_archive import long_files

Values = NDArray[np.float64]

REFERENCE = slice("1991", "2020")
WIDE = 2 * SIZE  #: beyond the country, so that all cells that it touches are whole


def maps_first(layout: str, root: Path) -> Values:
    """Make monthly maps of the whole files and their anomalies, then take the means of the country.

    As the pages of xarray and of exactextract show it: dask in the chunks of the files, flox behind
    ``resample`` and ``groupby``.
    """
    return _maps(layout, root, {})


def cut_first(layout: str, root: Path) -> Values:
    """Do the same of the box of the country."""
    west, south, east, north = zones()["country"].bounds
    box = {"latitude": slice(south - WIDE, north + WIDE)}
    return _maps(layout, root, box | {"longitude": slice(west - WIDE, east + WIDE)})


def shares_first(layout: str, root: Path) -> Values:
    """Let exactextract find the shares of cells once, and use them on the box of each file.

    The shares are weighted by the area of cells on the sphere, as csserv's are, and the statistics
    are those of one series: about the least that these libraries can do.
    """
    west, south, east, north = zones()["country"].bounds
    box = {"latitude": slice(south - WIDE, north + WIDE)}
    box |= {"longitude": slice(west - WIDE, east + WIDE)}
    found: list[xr.DataArray] = []
    shares = None
    for path in long_files(root, layout):
        with xr.open_dataset(path, engine="netcdf4") as data:
            field = data[VARIABLE].sel(box).load()
        if shares is None:
            shares = _shares(field[0])
        found.append((field * shares).sum(("latitude", "longitude")))
    monthly, anomaly = _against(xr.concat(found, "time"))
    return np.stack([monthly.values, anomaly.values])


def _maps(layout: str, root: Path, box: dict[str, Any]) -> Values:
    dask = import_module("dask")
    with xr.open_mfdataset(long_files(root, layout), engine="netcdf4", chunks={}) as data:
        maps = dask.compute(*_against(data[VARIABLE].sel(box)))
    return np.stack([_means(one) for one in maps])


def _against(rain: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return monthly totals, and by how much they differ from what is normal [mm]."""
    with xr.set_options(use_flox=True):
        monthly = rain.resample(time="MS").sum()
        normal = monthly.sel(time=REFERENCE).groupby("time.month").mean()
        return monthly, monthly.groupby("time.month") - normal


def _means(maps: xr.DataArray) -> Values:
    extract = import_module("exactextract").exact_extract
    (found,) = extract(maps.transpose("time", ...), _features(), "mean")
    return np.array([found["properties"][f"band_{n + 1}_mean"] for n in range(len(maps.time))])


def _shares(field: xr.DataArray) -> xr.DataArray:
    extract = import_module("exactextract").exact_extract
    (found,) = extract(field, _features(), ["cell_id", "coverage"])
    shares = np.zeros(field.size)
    shares[found["properties"]["cell_id"]] = found["properties"]["coverage"]
    # its cells are numbered from north to south
    north_up = shares.reshape(field.shape)[::-1]
    areas = np.cos(np.deg2rad(field.latitude)) * xr.DataArray(north_up, field.coords, field.dims)
    found_shares: xr.DataArray = areas / areas.sum()
    return found_shares


def _features() -> Sequence[dict[str, Any]]:
    every = zones()["country"].zones
    shapes = [json.loads(shapely.to_geojson(one.geometry)) for one in every]
    return [{"type": "Feature", "geometry": one, "properties": {}} for one in shapes]


PEERS: dict[str, Callable[[str, Path], Values]] = {
    "maps first": maps_first,
    "box first": cut_first,
    "shares first": shares_first,
}
