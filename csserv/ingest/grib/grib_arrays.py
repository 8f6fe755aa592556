"""A program of its own: takes the fields of a GRIB file apart, into arrays and what they are.

``python grib_arrays.py FILE FOLDER`` writes ``fields.json`` and a file of NumPy for each field and
coordinate. It is started as a file and imports nothing of csserv: with netCDF4 in the same process,
eccodes aborts when it ends.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

#: dimensions of place, of which a whole field is read at once
PLACE = ("latitude", "longitude", "y", "x", "values")


def main(given: str, folder: str) -> None:
    """Take a file apart, or write what is in its way."""
    target = Path(folder)
    try:
        import cfgrib

        datasets = cfgrib.open_datasets(given, backend_kwargs={"indexpath": "", "errors": "raise"})
        found: dict[str, Any] = {"fields": list(_fields(datasets, target))}
    except ImportError as error:
        found = {"lacking": str(error)}
    except Exception as error:  # of three libraries, each with its own
        found = {"error": str(error).strip() or type(error).__name__}
    (target / "fields.json").write_text(json.dumps(found), encoding="utf-8")


def _fields(datasets: list[Any], target: Path) -> Iterator[dict[str, Any]]:
    for place, dataset in enumerate(datasets):
        coordinates = [
            _coordinate(str(name), one, target / f"{place}_{name}.npy")
            for name, one in dataset.coords.items()
        ]
        for name, one in dataset.data_vars.items():
            path = target / f"{place}_{name}.field.npy"
            there = _copy(one, path)
            yield {
                "there": there,
                "name": str(name),
                "file": path.name,
                "dims": list(map(str, one.dims)),
                "attributes": _plain(one.attrs),
                "coordinates": coordinates,
                "about": _plain(dataset.attrs),
            }


def _copy(field: Any, path: Path) -> list[list[int]]:
    """Copy a field step by step, as it may be larger than the memory.

    Returns
    -------
    runs and leads, by their numbers, of which there is a message: cfgrib fills gaps with NaN
    """
    out = np.lib.format.open_memmap(path, "w+", np.dtype(field.dtype), field.shape)
    outer = [size for name, size in field.sizes.items() if name not in PLACE]
    names = [str(name) for name in field.dims if name not in PLACE]
    there: set[tuple[int, ...]] = set()
    for index in product(*map(range, outer)):
        out[index] = block = field[index].to_numpy()
        if not np.isnan(block).all():
            places = dict(zip(names, index, strict=True))
            there.add((places.get("time", 0), places.get("step", 0)))
    out.flush()
    return sorted(map(list, there))


def _coordinate(name: str, one: Any, path: Path) -> dict[str, Any]:
    values = one.to_numpy()
    if values.dtype.kind in "mM":  # whole seconds, of a length or since 1970
        values = values.astype(f"{values.dtype.kind}8[s]").astype(np.int64)
    is_number = values.dtype.kind in "iuf"
    np.save(path, values if is_number else values.astype(str))
    dims = list(map(str, one.dims))
    return {"name": name, "file": path.name, "dims": dims, "attributes": _plain(one.attrs)}


def _plain(attributes: dict[Any, Any]) -> dict[str, Any]:
    """Return the attributes that NetCDF has a type for."""
    turned = {
        str(name): one.item() if isinstance(one, np.generic) else one
        for name, one in attributes.items()
    }
    return {name: one for name, one in turned.items() if isinstance(one, str | int | float)}


if __name__ == "__main__":
    main(*sys.argv[1:])
