"""A Zarr store, version 2 or 3, in the words of the netCDF library."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.catalog.read.corrections import Corrections
from csserv.catalog.read.file_kinds import ZARR
from csserv.catalog.read.other_formats.plain_dataset import Index, PlainDataset, PlainVariable
from csserv.catalog.read.times.calendar_units import EPOCH
from csserv.errors import UnnamedFileError

#: attribute of version 2 that names the dimensions of an array
DIMENSIONS = "_ARRAY_DIMENSIONS"

#: exceptions of zarr for what is damaged
TROUBLES = (OSError, RuntimeError, LookupError, ValueError, TypeError)


def is_zarr(path: Path) -> bool:
    """Whether a folder is a Zarr store."""
    return path.is_dir() and any((path / name).exists() for name in ZARR)


@contextmanager
def open_zarr_dataset(path: Path, told: Corrections, only_header: bool) -> Iterator[PlainDataset]:
    """Open a store.

    Raises
    ------
    UnnamedFileError : it is damaged, or no group of arrays; or zarr is not installed
    """
    try:
        import zarr
    except ImportError:
        raise UnnamedFileError(
            "it is a Zarr store, which csserv reads with zarr: pip install 'csserv[zarr]'"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a file in it that is none of Zarr
            data = _group(zarr.open_group(str(path), mode="r"), PlainDataset({}))
    except TROUBLES as error:
        if isinstance(error, UnnamedFileError):
            raise
        raise UnnamedFileError(
            f"it is a Zarr store that is damaged, or no group of arrays ({_line(error)})"
        ) from None
    yield data


def _group(group: Any, into: PlainDataset) -> PlainDataset:
    into.attributes = dict(group.attrs)
    for name, array in sorted(group.arrays()):
        if dimensions := _dimensions(array):
            into.add(_variable(name, array, dimensions))
        elif array.ndim == 0:
            into.add(_variable(name, array, ()))
    for name, inner in sorted(group.groups()):
        into.groups[name] = _group(inner, PlainDataset({}, f"{into.path}{name}/", into))
    if group.path == "" and not (into.variables or into.groups):
        raise UnnamedFileError(
            "it is a Zarr store without arrays that name their dimensions; write it as xarray does"
        )
    return into


def _dimensions(array: Any) -> tuple[str, ...]:
    named = array.attrs.get(DIMENSIONS) or getattr(array.metadata, "dimension_names", None) or ()
    return tuple(map(str, named)) if len(named) == array.ndim and all(named) else ()


def _variable(name: str, array: Any, dimensions: tuple[str, ...]) -> PlainVariable:
    attributes = _attributes(array, is_coordinate=dimensions == (name,))
    dtype, turn = np.dtype(array.dtype), _plain
    if dtype.kind == "M":  # moments, which netCDF has no type for
        attributes |= {"units": EPOCH}
        dtype, turn = np.dtype(np.int64), _seconds
    elif dtype.kind not in "biufSU":
        dtype, turn = np.dtype(str), _texts

    def take(index: Index) -> NDArray[Any]:
        try:
            return turn(np.asarray(array[index]))
        except TROUBLES as error:
            raise UnnamedFileError(f"it is a Zarr store that is damaged ({_line(error)})") from None

    return PlainVariable(
        name=name,
        dimensions=dimensions,
        shape=tuple(array.shape),
        dtype=dtype,
        attributes=attributes,
        take=take,
        chunk=tuple(array.chunks) if dimensions else (),
    )


def _attributes(array: Any, is_coordinate: bool) -> dict[str, Any]:
    """Return the attributes, and which number is missing, as xarray writes it.

    Version 2 has no other place for it than what chunks hold that were never written; there, 0 is
    what zarr writes where nobody says anything.
    """
    found = {name: one for name, one in array.attrs.items() if name != DIMENSIONS}
    if "_FillValue" in found:
        found["_FillValue"] = _fill_value(found["_FillValue"], np.dtype(array.dtype))
    elif array.metadata.zarr_format == 2 and not is_coordinate:
        fill = array.fill_value
        is_said = fill is not None and np.asarray(fill).dtype.kind in "iuf" and fill != 0
        found |= {"_FillValue": fill} if is_said else {}
    return _without_empty(found)


def _fill_value(said: Any, dtype: np.dtype[Any]) -> Any:
    """Read what xarray writes into version 3: the eight bytes of a float, in letters."""
    if not isinstance(said, str) or dtype.kind != "f":
        return dtype.type(said) if dtype.kind in "iu" else said
    if said in ("NaN", "Infinity", "-Infinity"):
        return float(said)
    return dtype.type(np.frombuffer(base64.standard_b64decode(said), "<f8")[0])


def _without_empty(found: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing; lists become arrays, as attributes of NetCDF are."""
    plain = {n: np.asarray(one) if isinstance(one, list) else one for n, one in found.items()}
    return {name: one for name, one in plain.items() if one is not None}


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    return values


def _texts(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(str)


def _seconds(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype("datetime64[s]").astype(np.int64)


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rpartition("/")[2]
