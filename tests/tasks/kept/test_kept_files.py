"""Files of kept numbers: what was written comes back to the last bit, or not at all."""

from __future__ import annotations

import os
import resource
import shutil
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from csserv.tasks.kept.engine_version import engine_version
from csserv.tasks.kept.family import Family
from csserv.tasks.kept.kept_store import KeptStore
from csserv.tasks.kept.step_runs import OF_ZONE
from csserv.tasks.kept.volume import KEY

ABOUT = {"dataset": "rain", "statistic": "Sums(weight='weight')", "time_step": "native"}


def keys(first: int, count: int) -> list[bytes]:
    return [number.to_bytes(KEY, "big") for number in range(first, first + count)]


def row(first: int, count: int) -> bytes:
    return b"".join(keys(first, count))


def of_zone(zones: int) -> np.ndarray:
    return np.arange(zones * len(OF_ZONE), dtype=float).reshape(zones, -1)


def written(family: Family, zones: list[bytes], steps: list[bytes], values: np.ndarray) -> None:
    constant = np.full(values.shape, 0.1)
    family.write(
        zones, of_zone(len(zones)), b"".join(steps), {"own.total": values, "own.weight": constant}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@given(
    values=hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 4))),
    chosen=st.data(),
)
def test_numbers_come_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, values: np.ndarray, chosen: st.DataObject
):
    steps, zones = keys(0, len(values)), keys(100, values.shape[1])
    folder = tmp_path_factory.getbasetemp() / f"family-{uuid4().hex}"
    written(Family(folder, ABOUT), zones, steps, values)
    which = chosen.draw(st.lists(st.sampled_from(range(len(steps))), min_size=1, unique=True))
    who = chosen.draw(st.lists(st.sampled_from(range(len(zones))), min_size=1, unique=True))
    found = Family(folder, ABOUT).read([zones[n] for n in who], b"".join(steps[n] for n in which))
    shutil.rmtree(folder)
    assert found is not None
    bits = np.ascontiguousarray(values[np.ix_(which, who)]).view(np.uint64)
    np.testing.assert_array_equal(found.arrays["own.total"].view(np.uint64), bits)
    assert (found.arrays["own.weight"] == 0.1).all()
    np.testing.assert_array_equal(found.of_zone, of_zone(len(zones))[who])


def test_zones_of_several_sets_are_read_together(folder: Path):
    family = Family(folder, ABOUT)
    values = np.arange(12.0).reshape(4, 3)
    written(family, keys(100, 3), keys(0, 4), values)
    written(family, keys(103, 2), keys(0, 4), 100 + np.arange(8.0).reshape(4, 2))
    written(family, keys(103, 2), keys(4, 1), np.array([[7.0, 8.0]]))
    asked = [keys(104, 1)[0], keys(101, 1)[0]]
    found = family.read(asked, row(0, 4))
    assert found is not None
    np.testing.assert_array_equal(found.arrays["own.total"][:, 0], [101, 103, 105, 107])
    np.testing.assert_array_equal(found.arrays["own.total"][:, 1], [1, 4, 7, 10])
    assert family.known(asked, row(0, 5)).tolist() == [True] * 4 + [False]
    assert family.read(asked, row(0, 5)) is None


def test_any_flipped_bit_is_noticed(folder: Path):
    values = np.array([[0.0, 1.5], [2.5, 3.5]])
    written(Family(folder, ABOUT), keys(100, 2), keys(0, 2), values)
    (path,) = folder.glob("*.kept")
    raw = path.read_bytes()
    lost = 0
    for place in range(len(raw)):
        for bit in range(8):
            other = bytearray(raw)
            other[place] ^= 1 << bit
            path.write_bytes(other)
            found = Family(folder, ABOUT).read(keys(100, 2), row(0, 2))
            lost += found is None
            if found is not None:
                np.testing.assert_array_equal(found.arrays["own.total"], values)
                np.testing.assert_array_equal(found.of_zone, of_zone(2))
    assert lost > 7 * len(raw)  # of what the file is, only who looks at it learns


def test_file_cut_anywhere_loses_what_was_cut_and_is_written_on(folder: Path):
    first, second = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    family = Family(folder, ABOUT)
    written(family, keys(100, 2), keys(0, 1), first)
    (path,) = folder.glob("*.kept")
    whole = path.stat().st_size
    written(family, keys(100, 2), keys(1, 1), second)
    raw = path.read_bytes()
    for size in range(len(raw)):
        path.write_bytes(raw[:size])
        family = Family(folder, ABOUT)
        assert family.known(keys(100, 2), row(0, 2)).tolist() == [size >= whole, False]
        written(family, keys(100, 2), keys(1, 1), second)
        written(Family(folder, ABOUT), keys(100, 2), keys(0, 1), first)
        found = Family(folder, ABOUT).read(keys(100, 2), row(0, 2))
        assert found is not None
        np.testing.assert_array_equal(found.arrays["own.total"], np.vstack([first, second]))


def _write_many(folder: Path, first: int) -> None:
    family = Family(folder, ABOUT)
    for number in range(first, first + 20):
        written(family, keys(100, 3), keys(number, 1), np.full((1, 3), float(number)))


@pytest.mark.slow
def test_processes_that_write_at_once_lose_nothing(folder: Path):
    context = get_context("spawn")
    writers = [context.Process(target=_write_many, args=(folder, 20 * n)) for n in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    found = Family(folder, ABOUT).read(keys(100, 3), row(0, 80))
    assert found is not None
    np.testing.assert_array_equal(found.arrays["own.total"][:, 1], np.arange(80.0))


def test_disk_without_room_spoils_nothing(folder: Path):
    family = Family(folder, ABOUT)
    written(family, keys(100, 1), keys(0, 1), np.ones((1, 1)))
    (path,) = folder.glob("*.kept")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, limits[1]))
    try:
        with pytest.raises(OSError, match=r"in part only|too large"):
            written(family, keys(100, 1), keys(1, 1), np.ones((1, 1)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert family.known(keys(100, 1), row(0, 2)).tolist() == [True, False]


def test_file_that_cannot_be_read_holds_nothing_up(tmp_path: Path):
    folder = tmp_path / "engine" / "family"
    (folder / "0000.kept").mkdir(parents=True)
    family = Family(folder, ABOUT)
    assert not family.known(keys(100, 1), row(0, 2)).any()
    assert family.read(keys(100, 1), row(0, 2)) is None
    with pytest.raises(OSError, match="directory"):
        written(family, keys(100, 1), keys(0, 1), np.ones((1, 1)))
    assert list(KeptStore(tmp_path, 10**9).files()) == []


def test_files_not_used_for_longest_make_room(tmp_path: Path):
    store = KeptStore(tmp_path / "kept", 10**9)
    for name in ("old", "older", "new"):
        family = store.family({"dataset": name})
        written(family, keys(100, 50), keys(0, 50), np.random.default_rng(1).random((50, 50)))
        (path,) = family.folder.glob("*.kept")
        age = {"old": 200, "older": 300, "new": 100}[name]
        os.utime(path, (1e9 - age, 1e9 - age))
    (size, *_) = {one.bytes for one in store.files() if one.about["dataset"] == "old"}
    KeptStore(tmp_path / "kept", int(2.9 * size)).make_room()
    assert {one.about["dataset"] for one in store.files()} == {"old", "new"}
    assert store.family({"dataset": "older"}).read(keys(100, 50), row(0, 50)) is None
    assert store.family({"dataset": "new"}).read(keys(100, 50), row(0, 50)) is not None
    assert store.clear("new") > 0
    assert [one.about["dataset"] for one in store.files()] == ["old"]
    store.clear()
    assert not (tmp_path / "kept").exists()


def test_engine_is_the_same_each_time_and_names_the_folder(tmp_path: Path):
    family = KeptStore(tmp_path, 10**9).family(ABOUT)
    assert engine_version() == family.folder.parent.name == engine_version.__wrapped__()
