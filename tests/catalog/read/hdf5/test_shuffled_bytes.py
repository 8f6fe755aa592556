"""The bytes that HDF5's shuffle filter groups are put together to the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.catalog.read.hdf5 import shuffled_bytes
from csserv.catalog.read.hdf5.shuffled_bytes import ByteJoiner

TYPES = st.sampled_from(["u1", "<i2", ">i2", "<f4", ">f4", "<u4", ">i4", "<f8", ">f8"])


@st.composite
def parts(draw):
    """Draw numbers of a chunk, and a part of it."""
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 40), st.integers(1, 40)))
    dtype = np.dtype(draw(TYPES))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    raw = random.integers(0, 256, np.prod(shape) * dtype.itemsize, np.uint8)
    ends = [sorted(draw(st.tuples(st.integers(0, n - 1), st.integers(1, n)))) for n in shape]
    return raw.view(dtype).reshape(shape), tuple(slice(a, max(b, a + 1)) for a, b in ends)


@given(parts())
def test_any_part_of_a_chunk_has_its_numbers(drawn):
    numbers, part = drawn
    dtype = numbers.dtype
    # what the filter does: all first bytes, all second bytes, …
    shuffled = numbers.reshape(-1).view(np.uint8).reshape(-1, dtype.itemsize).T
    planes = np.ascontiguousarray(shuffled).reshape(-1, *numbers.shape)
    out = np.empty(numbers[part].shape, dtype.newbyteorder("="))

    ByteJoiner().join(planes[(slice(None), *part)], out, dtype.str.startswith(">"))

    assert np.ascontiguousarray(numbers[part]).astype(out.dtype).tobytes() == out.tobytes()


@pytest.mark.parametrize("limit", [1, 64, 2**19])
def test_into_part_of_an_array_by_pieces_of_any_size(limit, monkeypatch):
    monkeypatch.setattr(shuffled_bytes, "AT_ONCE", limit)
    numbers = np.arange(3 * 5 * 7, dtype="<f4").reshape(3, 5, 7)
    planes = np.ascontiguousarray(numbers.reshape(-1).view(np.uint8).reshape(-1, 4).T)
    whole = np.full((4, 6, 9), -1, np.float32)

    ByteJoiner().join(planes.reshape(4, 3, 5, 7), whole[1:, 1:, 2:])

    assert (whole[1:, 1:, 2:] == numbers).all()
    assert (whole[0] == -1).all()
    assert (whole[:, 0] == -1).all()
    assert (whole[:, :, :2] == -1).all()
