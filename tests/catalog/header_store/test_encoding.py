"""What is kept of headers is what was read; other bytes make nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass, replace
from inspect import isabstract
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from hypothesis.strategies import SearchStrategy

from csserv.catalog.header_store.decoding import decode
from csserv.catalog.header_store.encoding import encode
from csserv.catalog.header_store.stored_classes import CLASSES
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
from tests.catalog.header_store.same import plain

#: what some have and others have not, and equal ones side by side
FEW = st.integers(0, 3)
BIG = st.integers(0, 2**64 - 1)
WHOLE = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
REAL = st.floats()
TEXTS = st.lists(TEXT, max_size=3).map(tuple)


def field_of(dtype: str, *shape: int) -> SearchStrategy[Any]:
    sizes = arrays.array_shapes(min_dims=len(shape), max_dims=len(shape), min_side=0, max_side=3)
    return arrays.arrays(np.dtype(dtype), sizes if shape else ())


MOVED = st.builds(Moved, TEXT, REAL, REAL, REAL, REAL)
GRIDS = st.builds(
    Grid,
    *(REAL, REAL, REAL, REAL, FEW, FEW),
    st.lists(REAL, max_size=3).map(tuple),
    moved=st.lists(MOVED, max_size=2).map(tuple),
)
LINES = st.builds(Lines, REAL, REAL, REAL, FEW, moved=st.none() | MOVED)
PROJECTED = st.builds(ProjectedGrid, TEXT, LINES, LINES, st.booleans(), st.booleans())
CURVED = arrays.arrays("f8", st.tuples(FEW, FEW, st.just(4), st.just(2))).map(
    lambda corners: MeshGrid(corners[..., 0, 1], corners[..., 0, 0], corners)
)
STORAGES = st.builds(Storage, st.lists(FEW, max_size=4).map(tuple), TEXT, st.booleans())
PACKINGS = st.builds(
    Packing,
    st.sampled_from(["<f4", ">f8", "|u1"]),
    st.lists(REAL, max_size=2).map(tuple),
    st.none() | REAL,
    st.none() | REAL,
    REAL,
    REAL,
    st.none() | REAL,
)
LAYOUTS = st.builds(
    Layout, st.tuples(FEW, FEW, FEW), FEW, FEW, st.booleans(), st.booleans(), STORAGES, PACKINGS
)
STAMPS = st.builds(
    Stamps,
    field_of("i8", 3),
    st.none() | field_of("i8", 3, 2),
    TEXT,
    TEXT,
    leads=st.none() | st.builds(Leads, TEXT, TEXTS, field_of("i8", 2), st.booleans()),
)
INDICES = st.none() | st.builds(
    ChunkIndex, field_of("i8", 2, 2, 2), st.lists(FEW, max_size=3).map(tuple)
)
HEADERS = st.builds(
    Header,
    variable=TEXT,
    grid=GRIDS | CURVED | PROJECTED,
    stamps=STAMPS,
    units=TEXT,
    attributes=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    title=TEXT,
    further=st.lists(st.builds(Further, TEXT, FEW, TEXTS, TEXT), max_size=2).map(tuple),
    layout=LAYOUTS,
    index=INDICES,
    signature=st.builds(Signature, BIG, WHOLE, WHOLE, WHOLE),
    origins=st.dictionaries(TEXT, st.builds(Origin, TEXT, WHOLE, WHOLE), max_size=2),
    fill=st.none() | REAL,
    placing=TEXTS,
)


def kept(headers: Sequence[Any]) -> list[Any]:
    written = encode(headers)
    return decode(written.body, lambda digest: decode(written.aside[digest], {}.__getitem__)[0])


@pytest.mark.slow
@given(st.lists(HEADERS, max_size=5), st.integers(1, 3))
def test_what_is_given_back_is_what_was_read(headers: list[Header], times: int):
    every = headers * times  # most files say the same as others
    assert list(map(plain, kept(every))) == list(map(plain, every))


@pytest.mark.slow
@given(HEADERS, st.data())
def test_part_of_the_bytes_makes_an_error_and_no_header(header: Header, data: st.DataObject):
    body = encode([header]).body
    part = body[: data.draw(st.integers(0, len(body) - 1))]
    with pytest.raises((ValueError, LookupError, TypeError)):
        decode(part, {}.__getitem__)


def test_large_values_stand_aside_once_for_all_that_have_them():
    grid = MeshGrid(*(np.ones((60, 60)),) * 2, np.ones((60, 60, 4, 2)))
    again = MeshGrid(grid.centre_lat.copy(), grid.centre_lon.copy(), grid.corners.copy())
    written = encode([grid, again, grid])
    assert len(written.aside) == 1
    assert len(written.body) < 1000
    assert kept([grid, again]) == [grid, again]


@dataclass(frozen=True)
class Mesh:
    """A kind of grid that nobody has said may be kept."""

    nodes: int


@dataclass(frozen=True)
class Impostor:
    north: float


Impostor.__name__ = "Grid"


@pytest.mark.parametrize("grid", [Mesh(3), Impostor(1.0)])
def test_kinds_that_are_not_known_are_not_kept(grid: Any):
    with pytest.raises(TypeError, match="cannot be kept"):
        encode([grid])


def test_bytes_name_no_class_but_those_that_are_known():
    body = encode([Origin("a", 1, 2)]).body.replace(b'"Origin"', b'"Popen_"')
    with pytest.raises(LookupError):
        decode(body, {}.__getitem__)


def test_every_kind_of_value_in_a_header_is_known():
    """A new kind of grid has its line in the table, or its files would be read each time."""
    assert {one for one in _inside(Header) if is_dataclass(one)} <= set(CLASSES.values())


def _inside(kind: Any) -> set[Any]:
    """List a class, those that are derived of it, and those of their fields."""
    found = {kind}
    if is_dataclass(kind) or isabstract(kind):
        parts = [*get_type_hints(kind).values(), *kind.__subclasses__()]
    else:
        parts = list(get_args(kind))
    for one in parts:
        found |= _inside(one)
    return found


def test_fields_that_are_not_those_of_now_make_an_error():
    body = encode([Origin("a", 1, 2)]).body.replace(b'"mtime_ns"', b'"ctime_ns"')
    with pytest.raises(ValueError, match="other fields"):
        decode(body, {}.__getitem__)


def test_values_that_files_share_become_one():
    header = Further("member", 1, ("1", "2"))
    first, second = kept([header, replace(header)])
    assert first is second
