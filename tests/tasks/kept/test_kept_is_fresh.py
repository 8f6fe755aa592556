"""A result of kept numbers is the one that is computed anew, byte for byte."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.request import Zone
from csserv.tasks.kept.kept_store import KeptStore
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt_plan import plan_attempt
from tests.files import Layout, write_granule
from tests.halfway import BOX, known_here, run, write_year

LAT, LON = np.arange(5.75, -6, -0.5), np.arange(20.25, 40, 0.5)

#: large and small, overlapping, at the edge of the data, a point, and one off the data in part
ZONES = tuple(
    Zone(str(number), f"zone {number}", shape)
    for number, shape in enumerate(
        [
            shapely.box(21.1, -5.2, 38.3, 5.7),
            shapely.box(24.0, -3.0, 30.0, 3.0),
            shapely.Polygon([(22, -5), (39, -4), (25, 5)]),
            shapely.Point(33.2, -1.9).buffer(0.9),
            shapely.Point(33.26, 2.24),
            shapely.box(18.0, -1.0, 22.0, 1.0),
        ]
    )
)

#: files of two months each; of each there are two that hold other numbers
FILES = [(year, month) for year in range(2010, 2020) for month in (1, 3, 5)]

STORE = 10**9


def write_file(path: Path, year: int, month: int, seed: int) -> None:
    random = np.random.default_rng((year, month, seed))
    rain = random.gamma(0.3, 9.0, (61, len(LAT), len(LON)))
    rain[:, :4, :9] = np.nan  # a sea
    rain[random.random(rain.shape) < 0.01] = np.nan
    packed = month == 3  # beside others that are not
    stored = np.where(np.isnan(rain), -9, np.round(rain * 20)) if packed else rain
    own = {"_FillValue": np.int16(-9), "scale_factor": 0.05, "add_offset": 0.01 * (year - 2010)}
    layout = Layout(
        dtype="i2" if packed else "f4",
        attributes=own if packed else {},
        units=f"days since {year}-{month:02}-01",
        storage={"chunksizes": (13, 24, 16), "zlib": True},
    )
    write_granule(path, stored[: 59 if month == 1 else 61], LAT, LON, layout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write all files, and wait until they may be believed not to change unnoticed."""
    folder = tmp_path_factory.mktemp("kept")
    for year, month in FILES:
        for seed in (0, 1):
            write_file(folder / "all" / f"rain_{year}{month:02}_{seed}.nc", year, month, seed)
        choose(folder, year, month, 0)
    text = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain_*.nc"\nunits = "mm/day"\n'
    (folder / "own.toml").write_text(text)
    time.sleep(2.1)
    return folder


def choose(folder: Path, year: int, month: int, seed: int) -> None:
    """Let one of two files be that of the dataset."""
    link = folder / "data" / f"rain_{year}{month:02}.nc"
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(folder / "all" / f"rain_{year}{month:02}_{seed}.nc")


def settings_of(folder: Path) -> Settings:
    return Settings(home=folder / "home", data=folder / "data", catalog=folder / "own.toml")


def result(own: Settings, store: KeptStore | None, dataset: str, **asked: Any) -> dict[str, Any]:
    """Compute a request as a runner and its workers do; return what answers it."""
    with Service(own, starts_runner=False) as service:
        service.submit(dataset, **asked)
    task = TaskLog(own.home).claim(60.0)
    assert task is not None
    area = TaskLog(own.home).area(task.request)
    attempt = plan_attempt(task, area, Catalog.read(own.data, own.catalog), own.home, store)
    for calls in (attempt.waiting, *attempt.later):
        for call in calls:
            run(call)
    whole = json.loads((own.home / "results" / task.id / f"{task.id}.json").read_text())
    told = whole.pop("provenance").get("kept", {})
    del whole["id"], whole["checksum"]
    return whole | {"kept": told}


def kept_steps(one: dict[str, Any]) -> int:
    return int(one["kept"].get("steps", 0))


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
    asked = {"operation": "mean", "area": Area(ZONES[:2], "two"), "period": "2017-05"}
    choose(place, 2017, 5, 0)
    path = place / "all" / "rain_201705_0.nc"
    path.touch()
    result(own, store, "rain", **asked)
    assert kept_steps(result(own, store, "rain", **asked)) == 0


@pytest.mark.parametrize("dataset", ["maps", "columns"])
def test_what_several_calls_read_is_kept(tmp_path: Path, dataset: str):
    own = known_here(tmp_path, write_year(tmp_path / "data"))
    time.sleep(2.1)
    store = KeptStore(tmp_path / "kept", STORE)
    asked = {"operation": "mean,max", "area": BOX, "period": "2019"}
    first = result(own, store, dataset, **asked)
    again = result(own, store, dataset, **asked)
    assert (kept_steps(first), kept_steps(again)) == (0, 365)
    assert first["series"] == again["series"]
