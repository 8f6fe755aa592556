"""What can be read of an answer while its task runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from csserv import Area, Service, Settings
from csserv.tasks.drive import Drive
from csserv.tasks.log import TaskLog
from csserv.tasks.partial import read_partial
from tests.halfway import DAYS, blocks, planned, run

GLOBE = Area.from_box(-170.0, -70.0, 170.0, 70.0)


def test_nothing_is_known_before_the_first_block(drive: Drive) -> None:
    part = read_partial(drive.job.work)
    assert part is not None
    assert part["partial"] is True
    assert [one["time"] for one in part["series"]] == [[]]


def test_nothing_is_read_where_nothing_is(tmp_path: Path) -> None:
    assert read_partial(tmp_path) is None


@pytest.mark.parametrize("drive", ["mean", "median", "range"], indirect=True)
def test_the_blocks_that_are_done_stand_in_time_order(drive: Drive) -> None:
    first, *_, last = blocks(drive)
    run(last)
    late = read_partial(drive.job.work)
    run(first)
    both = read_partial(drive.job.work)
    assert late is not None
    assert both is not None
    (before,), (after,) = late["series"], both["series"]
    assert 0 < len(before["time"]) < len(after["time"])
    assert after["time"] == sorted(after["time"])
    assert after["time"][-1] == before["time"][-1] == "2019-12-31"
    assert both["units"] == "cm/day"


@pytest.mark.parametrize("drive", ["mean", "median", "std"], indirect=True)
def test_with_all_blocks_it_is_the_result(drive: Drive, here: Settings) -> None:
    for call in blocks(drive):
        run(call)
    part = read_partial(drive.job.work)
    (last,) = drive.later[1]
    run(last)
    with Service(here, starts_runner=False) as service:
        TaskLog(here.home).succeed(drive.task, drive.total)
        whole = service.result(drive.task).json
        assert service.partial(drive.task) == whole
    assert part is not None
    known = [{k: v for k, v in one.items() if k != "percent_on_grid"} for one in whole["series"]]
    assert part["series"] == known
    assert part["units"] == whole["units"]
    assert part["calendar"] == whole["calendar"]


def test_steps_that_blocks_share_by_place_are_known_when_all_have_them(here: Settings) -> None:
    drive = planned(here, "columns", "mean", GLOBE)
    for call in blocks(drive):
        part = read_partial(drive.job.work)
        assert part is not None
        assert part["series"][0]["time"] == []
        run(call)
    part = read_partial(drive.job.work)
    assert part is not None
    np.testing.assert_allclose(part["series"][0]["value"], DAYS / 10, rtol=1e-6)
