"""Stored numbers become values, or are missing: whichever way it is found out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from csserv.catalog.packing.packing import Packing


@st.composite
def packed(draw: st.DrawFn) -> tuple[Packing, np.ndarray]:
    dtype = np.dtype(draw(st.sampled_from(["i1", "u1", "i2", "u2", "i4", "u8", "i8", "f4", "f8"])))
    near = st.integers(0, 9)
    stored = draw(st.lists(near, min_size=1, max_size=12))
    if dtype.kind == "f":
        stored = [draw(st.sampled_from([n, n, n, np.nan, np.inf, -np.inf])) for n in stored]
    low, high = (draw(st.none() | near) for _ in range(2))
    marks = tuple(draw(st.sets(near, max_size=3)))
    return Packing(dtype.str, marks, low, high, scale=0.5), np.array(stored, dtype)


@given(packed())
def test_missing_are_marks_and_what_is_out_of_range_and_no_number(case):
    packing, stored = case
    wanted = [
        not np.isfinite(n)
        or n in packing.marks
        or (packing.low is not None and n < packing.low)
        or (packing.high is not None and n > packing.high)
        for n in stored.tolist()
    ]
    missing = packing.missing(stored)
    assert (missing is None) == (not any(wanted))
    assert missing is None or missing.tolist() == wanted
    with np.errstate(invalid="ignore"):
        values = np.where(wanted, np.nan, stored.astype(float) * 0.5)
    np.testing.assert_array_equal(packing.values(stored), values)


def test_marks_of_long_integers_are_exact():
    mark = -(2**63) + 2  # netCDF's default, which no float64 is
    stored = np.array([mark, mark + 1, 5])
    missing = Packing("<i8", (mark,)).missing(stored)
    assert missing is not None
    assert missing.tolist() == [True, False, False]
