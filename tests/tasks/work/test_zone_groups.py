"""The series of some zones at a time are those of all zones at once, to the last bit."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from csserv.outputs import Result
from csserv.tasks.work.parts import BlockPosition, BlockResult, StoredResult, load_weights
from csserv.tasks.work.zone_groups import Gathered
from tests.halfway import planned, run
from tests.outputs.ensembles import TWO, write_ensembles

POSITION = BlockPosition(0, 1, 0, 1, "weights.npz", times=("2019-01-01",))


@rules(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(shape=st.tuples(st.integers(1, 4), st.integers(1, 5)), data=st.data())
def test_some_zones_of_a_block_are_read_as_they_were_computed(
    tmp_path: Path, shape: tuple[int, int], data: st.DataObject
):
    kept = {
        name: np.random.default_rng(7).normal(size=shape)
        for name in ("0.total", "missing.lost_area")
    }
    BlockResult(kept, Path("a.zip"), POSITION).save(tmp_path / "000001.npz")
    whole, stored = (
        BlockResult.load(tmp_path / "000001.npz"),
        StoredResult.open(tmp_path / "000001.npz"),
    )
    first = data.draw(st.integers(0, shape[1] - 1))
    span = slice(first, data.draw(st.integers(first + 1, shape[1])))
    assert (
        (whole.position, whole.cells)
        == (stored.position, stored.cells)
        == (POSITION, Path("a.zip"))
    )
    for name, array in kept.items():
        np.testing.assert_array_equal(stored.of_zones(span)[name], array[:, span])
        np.testing.assert_array_equal(whole.of_zones(span)[name], array[:, span])
        assert stored.of_zones(span)[name].flags.c_contiguous


def test_a_flipped_bit_of_a_block_is_found(tmp_path: Path):
    path = tmp_path / "000001.npz"
    BlockResult({"0.total": np.arange(6.0).reshape(2, 3)}, None, POSITION).save(path)
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(np.float64(5.0).tobytes()) + 3] ^= 4
    path.write_bytes(damaged)
    with pytest.raises(zipfile.BadZipFile):
        StoredResult.open(path)


@pytest.mark.parametrize("asked", [{"units": "mm/day"}, {"time_step": "monthly", "units": "mm"}])
def test_groups_of_any_size_are_the_whole(tmp_path: Path, asked: dict[str, Any]):
    settings = write_ensembles(tmp_path)
    options = asked | {"select": {"member": "*"}}
    attempt = planned(settings, "ensemble", "mean,max", TWO, "2019-01/2019-02", **options)
    for call in (*attempt.waiting, *(call for group in attempt.later for call in group)):
        run(call)
    context, assembly = call.args
    found = Gathered(
        context,
        assembly,
        [
            [StoredResult.open(context.part(first + i)) for i in range(shared)]
            for first, shared in assembly.segments
        ],
        [load_weights(context.weights(grid), grid) for grid in assembly.grids],
    )
    whole = found.whole(at_once=10**9).to_list()
    assert found.whole(at_once=1).to_list() == whole
    assert len(whole) == found.count == 6
    assert [len(group.to_list()) for group in found.groups(at_once=1)] == [3, 3]
    assert [one for group in found.groups(at_once=1) for one in group.to_list()] == whole
    written = Result(context.results / context.task).json["series"]
    assert [one | {"percent_on_grid": 100.0} for one in whole] == written
