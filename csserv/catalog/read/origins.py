"""What a file was made of: so that it and the files it replaces are never both read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

import netCDF4
import numpy as np
import orjson

from csserv.catalog.read.source import READING

#: variable that lists them, as bytes of JSON: an attribute may not be longer than 64 kB
VARIABLE = "csserv_made_of"


@dataclass(frozen=True)
class Origin:
    """A file that another one was made of, as it was then."""

    name: str  #: from the folder of the file that is made of it
    size: int
    mtime_ns: int

    def is_still(self, path: Path) -> bool:
        """Whether a file is unchanged."""
        try:
            stat = path.stat()
        except OSError:
            return False
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime_ns)


def write_origins(data: netCDF4.Dataset, origins: Iterable[Origin], recipe: str) -> None:
    """Write down what a file is made of, and how."""
    plain = np.frombuffer(orjson.dumps([astuple(one) for one in origins]), np.uint8)
    data.createDimension(VARIABLE, len(plain))
    variable = data.createVariable(VARIABLE, "u1", (VARIABLE,), zlib=True)
    variable.long_name = "files that this one was made of: name, bytes, time stamp [ns]; JSON"
    variable.recipe = recipe
    variable[:] = plain


def read_origins(data: netCDF4.Dataset, path: Path) -> dict[str, Origin]:
    """Read what a file was made of, by where it was; empty for most files."""
    if VARIABLE not in data.variables:
        return {}
    plain = np.ma.getdata(data[VARIABLE][:]).astype(np.uint8).tobytes()
    origins = [Origin(*one) for one in orjson.loads(plain)]
    return {os.path.normpath(path.parent / one.name): one for one in origins}


def read_recipe(path: Path) -> str:
    """Read how a file was made of others."""
    with READING, netCDF4.Dataset(path) as data:
        return str(data[VARIABLE].recipe) if VARIABLE in data.variables else ""


def superseded(files: Mapping[Path, Mapping[str, Origin]]) -> set[Path]:
    """Find the files, unchanged since, that others were made of.

    Between the moment when a merged file appears and that when the last of its origins is
    removed, both are there.
    """
    merged = [(path, origins) for path, origins in files.items() if origins]
    return {
        path
        for path in files
        for other, origins in merged
        if path != other and (origin := origins.get(str(path))) and origin.is_still(path)
    }
