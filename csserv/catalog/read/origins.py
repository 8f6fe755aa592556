"""The record, inside a merged file, of the files it was made of.

It tells a reader which old files the merged one replaces, so that no data are read twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

import netCDF4
import numpy as np
import orjson

from csserv.catalog.read.source import READING

#: variable with the record, as a text of JSON (an attribute may not be longer than 64 kB): without
#: a dimension, as one of another length in each file keeps others from opening them as one
VARIABLE = "csserv_made_of"

#: dimension of older files, which have it as bytes
DIMENSION = "csserv_made_of_byte"


@dataclass(frozen=True)
class Origin:
    """A file that was merged into another one: its size and modification time at that moment."""

    name: str  #: path relative to the folder of the merged file
    size: int
    mtime_ns: int

    def is_still(self, path: Path) -> bool:
        """Whether the file at a path has the same size and modification time as then."""
        try:
            stat = path.stat()
        except OSError:
            return False
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime_ns)


def write_origins(data: netCDF4.Dataset, origins: Iterable[Origin], recipe: str) -> None:
    """Write into a merged file which files it was made of, and by what recipe."""
    variable = data.createVariable(VARIABLE, str, ())
    variable.long_name = "files that this one was made of: name, bytes, time stamp [ns]; JSON"
    variable.recipe = recipe
    variable[...] = orjson.dumps([astuple(one) for one in origins]).decode()


def read_origins(data: netCDF4.Dataset, path: Path) -> dict[str, Origin]:
    """Read which files a file was made of: path → origin; empty for a file that was not merged."""
    if VARIABLE not in data.variables:
        return {}
    stored = data[VARIABLE][...]
    is_text = data[VARIABLE].dtype is str
    plain = str(stored) if is_text else np.ma.getdata(stored).astype(np.uint8).tobytes()
    origins = [Origin(*one) for one in orjson.loads(plain)]
    return {os.path.normpath(path.parent / one.name): one for one in origins}


def read_recipe(path: Path) -> str:
    """Read the recipe a merged file was written by; empty for other files."""
    with READING, netCDF4.Dataset(path) as data:
        return str(data[VARIABLE].recipe) if VARIABLE in data.variables else ""


def superseded(files: Mapping[Path, Mapping[str, Origin]]) -> set[Path]:
    """Find the files that a merged file replaces, and that have not changed since the merge.

    Both exist for a while: the old files are removed after the merged one has appeared.

    Parameters
    ----------
    files : path of each file → the files it was made of
    """
    merged = [(path, origins) for path, origins in files.items() if origins]
    return {
        path
        for path in files
        for other, origins in merged
        if path != other and (origin := origins.get(str(path))) and origin.is_still(path)
    }
