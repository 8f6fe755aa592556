"""Many requests at once: combinations, groups of tasks, zones of a frame."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from csserv import Area, Service, TaskState
from csserv.errors import UnknownOperationError
from csserv.tasks.log.progress import Progress
from csserv.tasks.log.task_group import TaskGroup

WEST, EAST = Area.from_box(30, 0, 31, 1), Area.from_box(31, 0, 32, 1)


def test_each_combination_is_a_task(service: Service):
    group = service.submit_many(
        "rain", ["mean", "max"], [WEST, EAST], "2019-01", time_step="monthly", client="anna"
    )
    asked = [(task.request.operation, task.request.area_title) for task in group]
    assert asked == [(op, area.title) for op in ("mean", "max") for area in (WEST, EAST)]
    assert {task.client for task in group} == {"anna"}
    assert group.tasks[0].request.options == {"time_step": "monthly"}
    assert len(service.tasks()) == len(group) == 4


def test_nothing_is_queued_where_one_is_wrong(service: Service):
    with pytest.raises(UnknownOperationError):
        service.submit_many("rain", ["mean", "men"], WEST, "2019-01")
    assert service.tasks() == []


def test_group_is_done_when_its_last_task_has_ended(service: Service):
    group = service.submit_many("rain", "mean", [WEST, EAST], ["2019-01", "2019-02"])
    assert (group.progress, group.is_final) == (0.0, False)
    seen = service.watch_group(group, interval=0.01)
    assert next(seen) == group
    for number, task in enumerate(group, 1):
        service.cancel(task)
        latest = next(seen)
        assert latest.progress == number / 4
    assert latest.is_final
    assert latest.states == {TaskState.CANCELLED: 4}
    assert list(seen) == []


def test_progress_of_a_group_tells_states_and_the_first_failure(service: Service):
    queued, other = service.submit_many("rain", "mean", [WEST, EAST], "2019-01")
    running = replace(
        queued.claimed(60), done=3, total=12, started="2000-01-01T00:00:00.000Z", finished=None
    )
    failed = replace(other.claimed(60), total=4).ended(TaskState.FAILED, "rain_1.nc is gone")
    found = Progress.of(TaskGroup((running, failed)))
    assert found.share == 0.625
    assert not found.is_good
    assert not found.is_final
    assert str(found).startswith("2 tasks: 1 running, 1 failed 62%, about ")
    assert str(found).endswith("left: first failure: rain_1.nc is gone")


def test_time_left_is_told_by_what_is_done(service: Service):
    task = service.submit("rain", "mean", WEST, "2019-01")
    assert str(Progress.of(task)) == (
        f"mean of rain, {WEST.title}, 2019-01-01/2019-01-31: queued 0%"
    )
    running = replace(
        task.claimed(60),
        done=1,
        total=4,
        started="2026-01-01T00:00:00.000Z",
        finished="2026-01-01T00:01:00.000Z",
    )
    assert Progress.of(running).seconds_left == pytest.approx(180)
    assert "running 25%, about 4 min left" in str(Progress.of(running))
    nothing_yet = replace(running, done=0)
    assert Progress.of(nothing_yet).seconds_left is None


def test_frame_becomes_one_request_of_its_rows(service: Service):
    frame = gpd.GeoDataFrame(
        {"district": ["West", "East"]},
        geometry=[shapely.box(30, 0, 31, 1), shapely.box(31, 0, 32, 1)],
        index=["w", "e"],
        crs="EPSG:4326",
    )
    task = service.map_zones(frame, "rain", "mean", "2019-01", name="district", priority=3)
    assert (task.request.zones, task.priority) == (2, 3)
