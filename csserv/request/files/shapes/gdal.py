"""Reads layers of a file through GDAL, once its content has been checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from csserv.errors import InvalidAreaError
from csserv.request.feature_table import FeatureTable
from csserv.request.files.layers_in_file import MOST_LAYERS, Layer

#: most fields of a layer that are read
MOST_FIELDS = 200


def read_layers(
    path: Path, file: str, most: int | None, encoding: str | None = None, **options: str
) -> list[Layer]:
    """Read all layers.

    Parameters
    ----------
    file : name of the file, for error messages
    most : how many features of each layer to read; None for all
    encoding : of texts; None for what GDAL takes it to be
    options : of GDAL's driver

    Raises
    ------
    InvalidAreaError : GDAL cannot read it
    """
    import pyogrio  # slow to import, and most areas come otherwise

    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        return [_layer(path, name, most, encoding, options) for name in names[:MOST_LAYERS]]
    # pyogrio's errors are RuntimeErrors
    except (RuntimeError, ValueError, OSError, shapely.GEOSException):
        raise InvalidAreaError(
            f"{file} cannot be read: it is damaged, or not what its name says"
        ) from None


def _layer(
    path: Path, name: str, most: int | None, encoding: str | None, options: Mapping[str, str]
) -> Layer:
    import pyogrio
    import pyogrio.raw

    known = list(pyogrio.read_info(path, layer=name, encoding=encoding, **options)["fields"])
    meta, _, wkb, values = pyogrio.raw.read(
        path,
        layer=name,
        # fields are chosen by name, which leaves out all but one of a name
        columns=known[:MOST_FIELDS] if len(known) > MOST_FIELDS else None,
        max_features=most,
        encoding=encoding,
        **options,
    )
    shapes = [] if wkb is None else _shapes(wkb)
    names = _each_once(map(str, meta["fields"]))
    fields = {field: list(column) for field, column in zip(names, values, strict=True)}
    return Layer(name, FeatureTable(shapes, fields), meta["crs"] or "")


def _each_once(names: Iterable[str]) -> list[str]:
    """Return names of fields; a second one of a name, as sheets may have, gets a number."""
    counts: Counter[str] = Counter()
    found = []
    for name in names:
        counts[name] += 1
        found.append(f"{name} ({counts[name]})" if counts[name] > 1 else name)
    return found


def _shapes(wkb: NDArray[np.object_]) -> list[BaseGeometry | None]:
    """Decode shapes: open rings are closed, and what is none beside good ones is left out."""
    try:
        return list(shapely.from_wkb(wkb))
    except shapely.GEOSException:  # one is broken
        found = list(shapely.from_wkb(wkb, on_invalid="fix"))
    if not any(one is not None for one in found):
        raise ValueError("no shape can be read")
    return found
