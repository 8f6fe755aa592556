"""What can be read of an answer while its task runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from csserv import Area, Service, Settings
from csserv.request import Zone
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.work.partial import MOST, SeriesHeader, read_partial, write_series_header
from tests.halfway import BOX, DAYS, blocks, planned, run

GLOBE = Area.from_box(-170.0, -70.0, 170.0, 70.0)


def test_nothing_is_known_before_the_first_block(attempt: Attempt) -> None:
    part = read_partial(attempt.context.work)
    assert part is not None
    assert part["partial"] is True
    assert [one["time"] for one in part["series"]] == [[]]


def test_nothing_is_read_where_nothing_is(tmp_path: Path) -> None:
    assert read_partial(tmp_path) is None


def test_nothing_is_read_of_blocks_that_another_version_left(attempt: Attempt) -> None:
    first, *_ = blocks(attempt)
    run(first)
    (path,) = (attempt.context.work / "parts").glob("[0-9]*.npz")
    with np.load(path) as data:
        arrays = {name.removeprefix("missing."): data[name] for name in data.files}
    np.savez(path, **arrays)
    assert read_partial(attempt.context.work) is None


@pytest.mark.parametrize("attempt", ["mean", "median", "range"], indirect=True)
def test_the_blocks_that_are_done_stand_in_time_order(attempt: Attempt) -> None:
    first, *_, last = blocks(attempt)
    run(last)
    late = read_partial(attempt.context.work)
    run(first)
    both = read_partial(attempt.context.work)
    assert late is not None
    assert both is not None
    (before,), (after,) = late["series"], both["series"]
    assert 0 < len(before["time"]) < len(after["time"])
    assert after["time"] == sorted(after["time"])
    assert after["time"][-1] == before["time"][-1] == "2019-12-31"
    assert both["units"] == "cm/day"


def test_longer_steps_say_whether_they_are_complete_before_all_are_known(here: Settings) -> None:
    options = {"time_step": "monthly", "units": "cm"}
    attempt = planned(here, "maps", "mean,max", BOX, "2019-01-01/2019-12-15", **options)
    *_, last = blocks(attempt)
    run(last)
    part = read_partial(attempt.context.work)
    assert part is not None
    (series,) = part["series"]
    assert part["steps"]["end"][-1] == "2019-12-31"
    assert part["steps"]["complete"] == [True] * (len(series["time"]) - 1) + [False]
    assert set(series["valid_steps_percent"]) == {100.0}
    # each day is the same everywhere
    np.testing.assert_allclose(series["further"]["max"], series["value"], rtol=1e-12)
    assert part["further"][0]["operation"] == "max"


@pytest.mark.parametrize("attempt", ["mean", "median,max,p90", "std"], indirect=True)
def test_with_all_blocks_it_is_the_result(attempt: Attempt, here: Settings) -> None:
    for call in blocks(attempt):
        run(call)
    part = read_partial(attempt.context.work)
    (last,) = attempt.later[1]
    run(last)
    with Service(here, starts_runner=False) as service:
        TaskLog(here.home).succeed(attempt.task, attempt.total)
        whole = service.result(attempt.task).json
        assert service.partial(attempt.task) == whole
    assert part is not None
    known = [{k: v for k, v in one.items() if k != "percent_on_grid"} for one in whole["series"]]
    assert part["series"] == known
    assert part["units"] == whole["units"]
    assert part["calendar"] == whole["calendar"]


def test_steps_that_blocks_share_by_place_are_known_when_all_have_them(here: Settings) -> None:
    attempt = planned(here, "columns", "mean", GLOBE)
    for call in blocks(attempt):
        part = read_partial(attempt.context.work)
        assert part is not None
        assert part["series"][0]["time"] == []
        run(call)
    part = read_partial(attempt.context.work)
    assert part is not None
    np.testing.assert_allclose(part["series"][0]["value"], DAYS / 10, rtol=1e-6)


def test_of_many_zones_the_same_first_ones_are_told(here: Settings) -> None:
    boxes = [shapely.box(22 + n / 9, -2, 26, 2) for n in range(9)]
    area = Area(tuple(Zone(f"z{n}", f"z{n}", box) for n, box in enumerate(boxes)), "boxes")
    attempt = planned(here, "maps", "mean,max", area)
    first, *_ = blocks(attempt)
    run(first)
    every = read_partial(attempt.context.work)
    assert every is not None
    assert "zones_left_out" not in every
    header = SeriesHeader.read(attempt.context.work)
    assert header.steps_in_all == 365
    write_series_header(attempt.context.work, replace(header, steps_in_all=MOST // 8))
    some = read_partial(attempt.context.work)
    assert some is not None
    assert some["zones_left_out"] == 5
    assert some["series"] == every["series"][:4]
    assert some["runs"] == every["runs"]
