"""A result of kept numbers is the one that is computed anew, byte for byte."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv import Area
from csserv.catalog import Catalog
from csserv.request import Options, Period
from csserv.tasks.kept.kept_store import KeptStore
from csserv.tasks.kept.volume import keys_of
from csserv.tasks.plan.kept_steps import kept_steps as kept_steps_of
from csserv.tasks.plan.planned_steps import StepGroup
from csserv.zonal.operations import operation
from tests.halfway import known_here, write_year
from tests.tasks.kept.rain_files import (
    FILES,
    STORE,
    WIDE,
    ZONES,
    choose,
    kept_steps,
    result,
    settings_of,
)

REQUESTS = st.fixed_dictionaries(
    {
        "zones": st.lists(st.sampled_from(range(len(ZONES))), min_size=1, max_size=4, unique=True),
        "operation": st.sampled_from(
            ["mean", "sum,max", "median", "count", "min,range,mean,p90", "std", "total", "mean,std"]
        ),
        "period": st.sampled_from(
            ["2019-03", "2018-02/2018-06", "2017/2019", "2019-01-31/2019-03-03", "2018-05-09"]
        ),
        "weighting": st.sampled_from(["area", "area", "centre", "share"]),
        "steps": st.sampled_from(
            [
                {},
                {},
                {"time_step": "monthly"},
                {"time_step": "dekad", "least_valid": 90},
                {"time_step": "monthly", "accumulate": 2},
                {"time_step": "monthly", "over_time": "max"},
            ]
        ),
    }
)

#: what happens between two requests
EVENTS = st.one_of(
    st.none(),
    st.tuples(st.just("file"), st.sampled_from(FILES), st.integers(0, 1)),
    st.tuples(st.just("flip"), st.integers(0, 10**6), st.integers(0, 7)),
    st.tuples(st.just("cut"), st.integers(0, 10**6), st.just(0)),
    st.tuples(st.just("gone"), st.just(0), st.just(0)),
)


def happen(event: Any, folder: Path, store: KeptStore) -> None:
    if event is None:
        return
    what, first, second = event
    every = [one.path for one in store.files()]
    if what == "file":
        choose(folder, *first, second)
    elif what == "gone":
        shutil.rmtree(store.folder, ignore_errors=True)
    elif every:
        path = every[first % len(every)]
        raw = bytearray(path.read_bytes() or b"?")
        if what == "cut":
            del raw[first % len(raw) :]
        else:
            raw[first % len(raw)] ^= 1 << second
        path.write_bytes(raw)


@settings(max_examples=6, deadline=None)
@given(asked=st.lists(st.tuples(REQUESTS, EVENTS), min_size=2, max_size=6))
def test_kept_numbers_are_those_computed_anew_whatever_befell_files_and_store(
    place: Path, asked: list[tuple[dict[str, Any], Any]]
):
    own = settings_of(place)
    store = KeptStore(place / "kept", STORE)
    for request, event in asked:
        one = dict(request)
        area = Area(tuple(ZONES[n] for n in one.pop("zones")), "some")
        options = {"area": area, **one.pop("steps"), **one}
        mine = [result(own, each, "rain", **options) for each in (store, None)]
        again = result(own, store, "rain", **options)
        told = [found.pop("kept") for found in (*mine, again)]
        assert mine[0] == mine[1] == again
        assert not told[1]
        happen(event, place, store)
    assert not [*(place / "home" / "kept").glob("*")]


def test_second_request_reads_nothing_and_a_longer_one_what_is_new(place: Path):
    own, store = settings_of(place), KeptStore(place / "second", STORE)
    area = Area(ZONES[:3], "three")
    asked = {"operation": "mean,max,p90", "area": area}
    assert kept_steps(result(own, store, "rain", period="2018-01/2018-04", **asked)) == 0
    again = result(own, store, "rain", period="2018-01/2018-04", **asked)
    assert kept_steps(again) == 59 + 61
    assert kept_steps(result(own, store, "rain", period="2018-01/2018-05", **asked)) == 59 + 61
    fewer = {"operation": "max", "area": Area((ZONES[1],), "one"), "period": "2018-02/2018-03"}
    assert kept_steps(result(own, store, "rain", **fewer)) == 28 + 31


def test_step_of_a_file_that_changed_is_computed_anew_and_no_other(place: Path):
    own, store = settings_of(place), KeptStore(place / "changed", STORE)
    asked = {"operation": "mean", "area": Area(ZONES[:2], "two"), "period": "2018/2019"}
    choose(place, 2018, 3, 0)
    before = result(own, store, "rain", **asked)
    choose(place, 2018, 3, 1)
    after = result(own, store, "rain", **asked)
    assert kept_steps(after) == len(before["series"][0]["value"]) - 61
    choose(place, 2018, 3, 0)
    once_more = result(own, store, "rain", **asked)
    assert kept_steps(once_more) == len(before["series"][0]["value"])
    assert once_more["series"] == before["series"] != after["series"]


def test_normals_and_their_steps_are_kept(place: Path):
    own, store = settings_of(place), KeptStore(place / "normals", STORE)
    asked = {"operation": "mean", "area": Area(ZONES[:2], "two"), "time_step": "monthly"}
    against = asked | {"against": "2010/2019", "period": "2019-03"}
    first = result(own, store, "rain", **against)
    again = result(own, store, "rain", **against)
    assert kept_steps(again) == 10  # March of ten years
    assert first["series"] == again["series"]
    assert kept_steps(result(own, store, "rain", period="2018-03", **asked)) == 1


def test_bytes_changed_in_place_under_the_old_time_are_seen(place: Path):
    own, store = settings_of(place), KeptStore(place / "in_place", STORE)
    asked = {"operation": "mean", "area": Area(ZONES[:2], "two"), "period": "2017-05"}
    choose(place, 2017, 5, 0)
    path = place / "all" / "rain_201705_0.nc"
    before = result(own, store, "rain", **asked)
    was, raw = path.stat(), path.read_bytes()
    other = (place / "all" / "rain_201705_1.nc").read_bytes()
    path.write_bytes(other)  # the inode stays
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    after = result(own, store, "rain", **asked)
    assert kept_steps(after) == 0
    assert after["series"] != before["series"]
    path.write_bytes(raw)


def test_numbers_of_a_file_that_was_written_just_now_are_not_kept(place: Path):
    own, store = settings_of(place), KeptStore(place / "just_now", STORE)
    entry, wanted = Catalog.read(own.data, own.catalog)["rain"], (operation("mean"),)
    found = entry.covering(Period.parse("2017-05/2018-01"))
    first = found.stretches[0]
    later = first.header.signature._replace(ctime_ns=time.time_ns() + 10**12)
    young = replace(first, header=replace(first.header, signature=later))
    timeline = replace(found, stretches=(young, *found.stretches[1:]))
    kept = kept_steps_of(store, "rain", timeline, Area(ZONES[:1], "one"), Options(), wanted)
    assert kept is not None
    known = kept.look_up(StepGroup(timeline, None), timeline.selections({}), None)
    (keys,) = known.keys
    assert [not any(key) for key in keys_of(keys)] == [True] * 61 + [False] * 31
    assert not known.kept.any()


@pytest.mark.parametrize("dataset", ["maps", "columns"])
def test_what_several_calls_read_is_kept(tmp_path: Path, dataset: str):
    own = known_here(tmp_path, write_year(tmp_path / "data"))
    time.sleep(2.1)
    store = KeptStore(tmp_path / "kept", STORE)
    asked = {"operation": "mean,max", "area": WIDE, "period": "2019"}
    first = result(own, store, dataset, **asked)
    again = result(own, store, dataset, **asked)
    assert (kept_steps(first), kept_steps(again)) == (0, 365)
    assert first["series"] == again["series"]
