"""Other ways to the same numbers: each takes a case and returns ``(steps, zones)`` values."""

from __future__ import annotations

import os
import subprocess
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import rasterio
import shapely
import xarray as xr
from numpy.typing import NDArray
from rasterio.transform import from_origin

from benchmarks.archive import VARIABLE
from benchmarks.cases import Case
from csserv.catalog import Granule
from csserv.request import Zone
from csserv.zonal.tiles import tiles
from csserv.zonal.weights import Weights, zone_weights

warnings.simplefilter("ignore")

Values = NDArray[np.float64]


def live(case: Case, root: Path) -> Values:
    """Do as the live ClimateSERV does: in dask chunks of its own size, each zone for itself.

    Its get_data_values (SERVIR/ClimateSERV2), on public calls of today; without its
    ``parallel=True``, which makes netCDF4 crash now and then (Unidata/netcdf4-python#1192).
    """
    return _upstream(case, root, {"time": 32, "longitude": 500, "latitude": 500})


def older(case: Case, root: Path) -> Values:
    """Do the same in the chunks that ClimateSERV 2.0 began with."""
    return _upstream(case, root, {"time": 16, "longitude": 256, "latitude": 256})


def one_pass(case: Case, root: Path) -> Values:
    """Do the same in the chunks of the files."""
    return _upstream(case, root, {})


def _upstream(case: Case, root: Path, chunks: dict[str, int]) -> Values:
    return np.column_stack([_of_zone(case, root, chunks, zone) for zone in case.area.zones])


def _of_zone(case: Case, root: Path, chunks: dict[str, int], zone: Zone) -> Values:
    import geopandas
    import regionmask

    shapes = geopandas.GeoDataFrame(geometry=[zone.geometry], crs=4326)
    west, south, east, north = shapes.total_bounds
    files = [str(path) for path in case.files(root)]
    with xr.open_mfdataset(files, chunks=chunks) as data:
        lat = data.sel(latitude=[south, north], method="nearest").latitude.values
        lon = data.sel(longitude=[west, east], method="nearest").longitude.values
        field = data[VARIABLE].sel(longitude=slice(*lon), latitude=slice(*lat))
        first, last = case.period.split("/")
        field = field.sel(time=slice(first, last))
        whole = shapes.assign(combine=1).dissolve(by="combine")
        mask = regionmask.mask_3D_geopandas(whole, field.longitude, field.latitude)
        inside = field.where(mask.squeeze(dim="region", drop=True))
        if case.operation in ("geotiff", "netcdf"):
            _export(inside, case.operation)
            return np.empty(0)
        reduced = getattr(inside, case.operation)(dim=["latitude", "longitude"])
        return np.asarray(reduced.values)


def _export(inside: xr.DataArray, kind: str) -> None:
    """Write a GeoTIFF a step, or one NetCDF, and put them into a ZIP."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "netcdf":
            inside.to_netcdf(folder / "cells.nc")
        else:
            for step, time in enumerate(inside.time.values):
                _write_tiff(inside.sel(time=[time]), folder / f"{step:04}.tif")
        with zipfile.ZipFile(folder / "all.zip", "w") as archive:
            for path in sorted(folder.glob("*.[tn]*")):
                archive.write(path, path.name)


def _write_tiff(one: xr.DataArray, path: Path) -> None:
    one = one.load()
    lon, lat = one.longitude.values, one.latitude.values
    width, height = abs(lon[1] - lon[0]), abs(lat[1] - lat[0])
    corner = lon.min() - width / 2, lat.max() + height / 2
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        dtype=str(one.dtype),
        nodata=np.nan,
        width=len(lon),
        height=len(lat),
        count=1,
        crs="EPSG:4326",
        transform=from_origin(*corner, width, height),
        compress="lzw",
    ) as tiff:
        tiff.write(np.flip(one.values, axis=1))


def xvec(case: Case, root: Path) -> Values:
    """Use xvec with exactextract, file by file."""
    import geopandas

    import_module("xvec")  # registers the accessor
    shapes = geopandas.GeoSeries([zone.geometry for zone in case.area.zones], crs=4326)
    found = []
    for path in case.files(root):
        with xr.open_dataset(path, engine="netcdf4", decode_times=False) as data:
            west, south, east, north = case.area.bounds
            wide = 0.1  # whole touched cells
            field = data[VARIABLE].sel(
                latitude=slice(south - wide, north + wide),
                longitude=slice(west - wide, east + wide),
            )
            stats: Any = field.xvec.zonal_stats(
                shapes, "longitude", "latitude", stats=case.operation, method="exactextract"
            )
            found.append(stats.transpose("time", ...).values.reshape(len(stats.time), -1))
    return np.concatenate(found)


def cdo(case: Case, root: Path) -> Values:
    """Use CDO: cut out the box, mask by the polygon, reduce.

    It reads whole fields, step by step: unless its cache holds all the chunks of a time (934 MB
    in (365,50,50)), it inflates each of them again for every step. More cache than that slows it.
    """
    (zone,) = case.area.zones
    points = shapely.get_coordinates(shapely.get_exterior_ring(zone.geometry))
    west, south, east, north = case.area.bounds
    box = f"-sellonlatbox,{west - 0.1},{east + 0.1},{south - 0.1},{north + 0.1}"
    operation = {"mean": "fldmean", "max": "fldmax", "median": "fldpctl,50"}[case.operation]
    cache = "1200M" if case.layout == "(365,50,50)" else "256M"
    found = []
    with tempfile.TemporaryDirectory() as folder:
        region = Path(folder) / "region"
        np.savetxt(region, points)
        for path in case.files(root):
            out = Path(folder) / "out.nc"
            chain = [operation, f"-maskregion,{region}", box]
            words = ["cdo", "-s", "-O", *chain, str(path), str(out)]
            subprocess.run(words, check=True, env=os.environ | {"CDI_CHUNK_CACHE": cache})
            with netCDF4.Dataset(out) as data:
                found.append(np.ma.filled(data[VARIABLE][:].astype("f8"), np.nan).reshape(-1, 1))
    return np.concatenate(found)


def plain(case: Case, root: Path) -> Values:
    """Slice with netCDF4, reduce with numpy; weights are made beforehand, by us."""
    weights = weights_of(case, root)
    window = weights.window
    grids = np.zeros((weights.zones, window.rows, window.columns), np.float32)
    number, row, column = weights.cells()
    spans = weights.spans[number]
    grids[spans["zone"], row, column] = spans["area"]
    grids = grids[:, ::-1]  # the files run northwards
    first = weights.grid.rows - window.row - window.rows
    found = []
    for path in case.files(root):
        with netCDF4.Dataset(path) as data:
            variable = data[VARIABLE]
            most = max(31, variable.chunking()[0])  # no chunk is inflated twice
            for start in range(0, variable.shape[0], most):
                part = variable[
                    start : start + most,
                    first : first + window.rows,
                    window.column : window.column + window.columns,
                ]
                found.append(_reduced(np.ma.filled(part.astype("f4"), np.nan), grids, case))
    return np.concatenate(found)


def _reduced(part: NDArray[np.float32], grids: NDArray[np.float32], case: Case) -> Values:
    valid = ~np.isnan(part)
    if case.operation == "mean":
        filled = np.where(valid, part, 0)
        return np.column_stack(
            [(filled * w).sum((1, 2), dtype="f8") / (valid * w).sum((1, 2)) for w in grids]
        )
    reduce: Any = {"max": np.nanmax, "median": np.nanmedian}[case.operation]
    return np.column_stack([reduce(np.where(w > 0, part, np.nan), axis=(1, 2)) for w in grids])


def floor(case: Case, root: Path) -> Values:
    """Read and inflate the chunks that the zones touch, and do nothing with them."""
    from imagecodecs import deflate_decode

    places = _places(case, root)
    for path in case.files(root):
        header = Granule(path, VARIABLE).header()
        storage, index = header.layout.storage, header.index
        if index is None:
            raise ValueError(f"{path.name} has no chunks")
        size = int(np.prod(storage.chunk)) * header.layout.packing.native.itemsize
        out: Any = np.empty(size, np.uint8)
        with path.open("rb", buffering=0) as file:
            for time in range(-(-len(header.times) // storage.chunk[0])):
                for place in places:
                    offset, length = index.find((time, *place))
                    deflate_decode(os.pread(file.fileno(), length, offset), out=out)
    return np.empty((0, 0))


@lru_cache(maxsize=1)
def _places(case: Case, root: Path) -> list[tuple[int, int]]:
    """List the chunks of a time that the zones touch; the same in all files of a layout."""
    layout = Granule(case.files(root)[0], VARIABLE).header().layout
    _, every = tiles(weights_of(case, root), layout)
    return [(tile.row, tile.column) for tile in every]


@lru_cache(maxsize=1)  # what they cost the first time is not in the median
def weights_of(case: Case, root: Path) -> Weights:
    """Compute our weights, for peers that have none of their own."""
    return zone_weights(Granule(case.files(root)[0], VARIABLE).header().grid, case.area)


PEERS: dict[str, Callable[[Case, Path], Values]] = {
    "ClimateSERV": live,
    "its older chunks": older,
    "one pass": one_pass,
    "xvec": xvec,
    "CDO": cdo,
    "netCDF4": plain,
    "floor": floor,
}
