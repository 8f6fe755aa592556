"""Which classes are kept: the values that a header is made of, field by field, and nothing else."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.axes import Further
from csserv.catalog.read.chunk_layout import Layout
from csserv.catalog.read.curved_grid import MeshGrid
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.hdf5.chunks import ChunkIndex, Storage
from csserv.catalog.read.header import Header
from csserv.catalog.read.origins import Origin
from csserv.catalog.read.place.lines import Lines, Moved
from csserv.catalog.read.place.projected.projected_grid import ProjectedGrid
from csserv.catalog.read.times.stamps import Leads, Stamps
from csserv.catalog.signature import Signature

#: frozen dataclasses and named tuples; a header that holds any other is read anew each time
CLASSES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        ChunkIndex,
        Further,
        Grid,
        Header,
        Layout,
        Leads,
        Lines,
        MeshGrid,
        Moved,
        Origin,
        Packing,
        ProjectedGrid,
        Signature,
        Stamps,
        Storage,
    )
}


def name_of(kind: type[Any]) -> str:
    """Return the name that a class is kept under.

    Raises
    ------
    TypeError : it is none of ``CLASSES``
    """
    if CLASSES.get(kind.__name__) is not kind:
        raise TypeError(f"values of {kind.__qualname__} cannot be kept")
    return kind.__name__


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """Name the fields of a class, in the order in which it takes them."""
    names: tuple[str, ...] = getattr(kind, "_fields", ())  # of a named tuple
    return names or tuple(one.name for one in fields(kind))
