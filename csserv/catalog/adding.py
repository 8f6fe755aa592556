"""Making the catalog row of a new dataset from what the user says and what its first file says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import netCDF4

from csserv.catalog.listing import list_files
from csserv.catalog.read.axes import field_names, find_axes, find_variable, is_place
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.source import READING, UNREADABLE, trouble
from csserv.catalog.toml_table import Row
from csserv.errors import EmptySelectionError, GranuleError, InvalidRequestError

NAME = re.compile(r"[a-z][a-z0-9_-]*")


def make_row(data: Path, name: str, pattern: str, given: Mapping[str, Any]) -> Row:
    """Make the catalog row of a new dataset from the given fields and from its first file.

    The title is the one given, else the variable's ``long_name``, else the dataset's name.

    Parameters
    ----------
    data : the data folder
    name : the dataset's name: a small letter, then small letters, digits, ``_`` and ``-``
    pattern : glob of its files, relative to the data folder; an absolute one must lie inside it
    given : further fields of the row; None and empty texts count as not given

    Returns
    -------
    row : field → value; holds at least ``title``, ``variable`` and ``files``

    Raises
    ------
    InvalidRequestError : the name or the pattern is not allowed, or the file has several variables
        and ``given`` does not choose one
    EmptySelectionError : no file matches the pattern
    GranuleError : the first file is unreadable or has no variable on a grid
    """
    if not NAME.fullmatch(name):
        raise InvalidRequestError(
            f"{name!r} is no name of a dataset; write small letters, digits, _ and -, such as rain"
        )
    below = _below(data, pattern)
    found = list_files(data, below)
    if not found:
        raise EmptySelectionError(f"no file in the data folder is called {below}")
    chosen = given.get("variable") or _only_variable(found[0])
    attributes = dict(Granule(found[0], chosen).header().attributes)
    title = given.get("title") or attributes.get("long_name") or name
    stated = {field: value for field, value in given.items() if value not in (None, "")}
    return {"title": title, "variable": chosen, "files": below} | stated


def variables(path: Path) -> list[str]:
    """List the names of a file's variables that have time, latitude and longitude.

    Raises
    ------
    GranuleError : the file cannot be read
    """
    try:
        with READING, netCDF4.Dataset(path) as file:
            return [name for name in field_names(file) if _is_field(file, name)]
    except UNREADABLE as error:
        raise GranuleError(f"cannot read {path.name}: {trouble(error)}") from error


def _below(data: Path, pattern: str) -> str:
    path = Path(pattern)
    if path.is_absolute():
        if not path.is_relative_to(data):
            raise InvalidRequestError(
                f"{pattern} does not lie below {data}: put or link the files there, or set "
                "CSSERV_DATA"
            )
        path = path.relative_to(data)
    if ".." in path.parts or not path.parts:
        raise InvalidRequestError(f"{pattern!r} is no pattern of files, such as 'rain/*.nc'")
    return path.as_posix()


def _only_variable(path: Path) -> str:
    known = variables(path)
    if not known:
        raise GranuleError(f"{path.name} has no variable with time, latitude and longitude")
    if len(known) > 1:
        raise InvalidRequestError(f"{path.name} has {', '.join(known)}; choose one with --variable")
    return known[0]


def _is_field(file: netCDF4.Dataset, name: str) -> bool:
    if is_place(find_variable(file, name)):  # as on curved grids
        return False
    try:
        find_axes(file, name)
    except GranuleError:
        return False
    return True
