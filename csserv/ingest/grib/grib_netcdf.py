"""Turns GRIB files into NetCDF by the CF conventions: times, leads, members, levels, grid."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.source import READING
from csserv.errors import GranuleError
from csserv.ingest.grib import grib_arrays
from csserv.ingest.grib.grib_times import GribTimes, lay_times
from csserv.machine.disk_space import told_when_full
from csserv.machine.written_whole import written_whole

#: attribute that says of which file one was made: its name, size and time stamp
MADE_OF = "csserv_converted_from"

INSTALL = "pip install 'csserv[grib]'"

#: attributes that cfgrib makes for itself, or that contradict what is written
DROPPED = ("GRIB_missingValue", "units", "calendar")


def convert_grib(source: Path, target: Path) -> bool:
    """Turn a GRIB file into NetCDF; say whether that was to be done.

    Parameters
    ----------
    target : path of the new file, which appears when it is complete; one that was made of the same
        source before stays

    Raises
    ------
    GranuleError : the file is damaged, holds what cannot be turned, or a library is not installed
    DiskFullError : the disk is full
    """
    made_of = _identity(source)
    if target.exists():
        if _made_of(target) == made_of:
            return False
        if not _made_of(target):
            raise GranuleError(f"{target} is there already, and was not made of {source.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}.arrays-"
    for left in target.parent.glob(f"{escape(prefix)}*"):
        shutil.rmtree(left, ignore_errors=True)  # of one that was killed
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=prefix) as folder:
        fields = _taken_apart(source, Path(folder))
        try:
            with (
                written_whole(target, synced=False, alone=True) as draft,
                told_when_full(target.parent),
                READING,
                netCDF4.Dataset(draft, "w") as data,
            ):
                data.setncattr(MADE_OF, made_of)
                _write(data, fields, Path(folder), source.name)
        except (OSError, RuntimeError, ValueError) as error:
            raise GranuleError(f"cannot convert {source.name}: {error}") from error
    return True


def _identity(source: Path) -> str:
    found = source.stat()
    return f"{source.name} {found.st_size} {found.st_mtime_ns}"


def _made_of(target: Path) -> str:
    try:
        with READING, netCDF4.Dataset(target) as data:
            return str(getattr(data, MADE_OF, ""))
    except OSError:
        return ""


def _taken_apart(source: Path, folder: Path) -> list[dict[str, Any]]:
    """Start the other process, and read what it says."""
    words = [sys.executable, "-P", grib_arrays.__file__, str(source), str(folder)]
    run = subprocess.run(words, capture_output=True, text=True, check=False)
    told = folder / "fields.json"
    if not told.exists():
        last = (run.stderr.strip().splitlines() or [f"it ended with {run.returncode}"])[-1]
        raise GranuleError(f"cannot convert {source.name}: {last}")
    found = json.loads(told.read_text(encoding="utf-8"))
    if "lacking" in found:
        raise GranuleError(
            f"{source.name} is GRIB, which is converted with cfgrib and eccodes: {INSTALL} "
            f"({found['lacking']})"
        )
    if "error" in found:
        raise GranuleError(f"cannot convert {source.name}: {found['error']}; fetch it again")
    if not found["fields"]:
        raise GranuleError(f"cannot convert {source.name}: it holds no field; fetch it again")
    fields: list[dict[str, Any]] = found["fields"]
    return fields


def _write(
    data: netCDF4.Dataset, fields: Sequence[dict[str, Any]], folder: Path, name: str
) -> None:
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    about = {key: one for key, one in fields[0]["about"].items() if key != "history"}
    data.setncatts(about | {"Conventions": "CF-1.11"})
    data.history = f"{moment} csserv: converted from {name}"
    for place, field in enumerate(fields):
        # fields of the file may have other times, levels or grids: each then has a group of its own
        group = data if place == 0 or _are_alike(fields[0], field, folder) else None
        taken = group is not None and field["name"] in data.variables
        if group is None or taken:
            group = data.createGroup(f"{_level(field)}_{place}")
        _write_field(group, field, folder)


def _are_alike(one: dict[str, Any], other: dict[str, Any], folder: Path) -> bool:
    """Whether two fields have the same coordinates."""
    if one["dims"] != other["dims"]:
        return False
    values = [
        {c["name"]: np.load(folder / c["file"]).tolist() for c in field["coordinates"]}
        for field in (one, other)
    ]
    return values[0] == values[1]


def _level(field: Mapping[str, Any]) -> str:
    return str(field["attributes"].get("GRIB_typeOfLevel", "fields"))


def _write_field(group: netCDF4.Dataset, field: Mapping[str, Any], folder: Path) -> None:
    values = np.load(folder / field["file"], mmap_mode="r")
    coordinates = {one["name"]: one for one in field["coordinates"]}
    known = {name: np.load(folder / one["file"]) for name, one in coordinates.items()}
    times = lay_times(field["dims"], known, field["there"])
    names = {"latitude": "lat", "longitude": "lon"}
    places = [name for name in field["dims"] if name not in ("time", "step")]
    lengths = {name: values.shape[field["dims"].index(name)] for name in places}
    _write_times(group, times)
    for name in places:
        if names.get(name, name) not in group.dimensions:
            group.createDimension(names.get(name, name), lengths[name])
    for name, numbers in known.items():
        if name in ("time", "step", "valid_time") or names.get(name, name) in group.variables:
            continue
        _write_coordinate(group, coordinates[name], numbers, names)
    dims = (*times.dims, *(names.get(name, name) for name in places))
    made = group.createVariable(field["name"], values.dtype, dims, zlib=True, fill_value=np.nan)
    attributes = {k: v for k, v in field["attributes"].items() if k != "GRIB_missingValue"}
    if known["latitude"].ndim == 2 or known["latitude"].shape != known["longitude"].shape:
        attributes |= {"coordinates": "lat lon"} if known["latitude"].ndim == 2 else {}
    made.setncatts({k: v for k, v in attributes.items() if v not in ("unknown", "")})
    times.copy(values, made)


def _write_times(group: netCDF4.Dataset, times: GribTimes) -> None:
    for name, numbers in times.coordinates.items():
        if name in group.variables:
            continue
        group.createDimension(name, len(numbers))
        made = group.createVariable(name, np.int64, (name,))
        made.setncatts(times.attributes[name])
        made[:] = numbers


def _write_coordinate(
    group: netCDF4.Dataset,
    one: Mapping[str, Any],
    numbers: NDArray[Any],
    names: Mapping[str, str],
) -> None:
    dims = tuple(names.get(name, name) for name in one["dims"])
    if "time" in dims or "step" in dims:
        return
    name = names.get(one["name"], one["name"])
    is_text = numbers.dtype.kind == "U"
    made = group.createVariable(name, str if is_text else numbers.dtype, dims)
    attributes = {k: v for k, v in one["attributes"].items() if k != "calendar"}
    made.setncatts({k: v for k, v in attributes.items() if v != ""})
    made[...] = numbers
