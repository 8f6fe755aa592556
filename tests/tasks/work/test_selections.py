"""Several members, levels and the like in one task: each has the numbers it has alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from csserv import Service, Settings
from csserv.catalog import Catalog
from csserv.errors import GranuleError, InvalidRequestError, RequestTooLargeError
from csserv.outputs import Result
from csserv.request import Options
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt import Attempt
from csserv.tasks.run.attempt_plan import plan_attempt
from csserv.tasks.work.partial import read_partial
from tests.halfway import run
from tests.outputs.ensembles import ONE, TWO, numbers, write_ensembles
from tests.outputs.exports import export


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return write_ensembles(tmp_path_factory.mktemp("selections"))


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """The same data, and no other tasks."""
    return settings.model_copy(update={"home": tmp_path / "home"})


def rows(result: Result) -> list[dict[str, Any]]:
    """The series, without what says which coordinate they are of."""
    names = ("zone", "time", "value", "further", "valid_percent", "valid_steps_percent")
    more = ("percent_on_grid",)
    return [{key: one[key] for key in names + more if key in one} for one in result.json["series"]]


def test_each_member_has_the_numbers_of_its_cells(settings: Settings):
    found = export(settings, "ensemble", "max", ONE, select={"member": "*"})
    field = numbers("ensemble")[:, :, 6:10, 10:14]  # whole cells of the box
    assert [one["select"] for one in found.json["series"]] == [
        {"member": "1"},
        {"member": "2"},
        {"member": "5"},
    ]
    for number, one in enumerate(found.json["series"]):
        np.testing.assert_array_equal(one["value"], np.nanmax(field[:, number], axis=(1, 2)))


@pytest.mark.slow
@rules(max_examples=12, deadline=None)
@given(
    dataset=st.sampled_from(["ensemble", "tower", "scenarios", "bare"]),
    operation=st.sampled_from(["mean", "mean,max,p90", "csv", "std,count"]),
    options=st.fixed_dictionaries(
        {
            "time_step": st.sampled_from(["native", "monthly", "dekad"]),
            "accumulate": st.sampled_from([1, 2]),
            "weighting": st.sampled_from(["area", "centre"]),
        }
    ),
    data=st.data(),
)
def test_each_selection_has_the_numbers_that_it_has_alone(
    settings: Settings, dataset: str, operation: str, options: dict[str, Any], data: st.DataObject
):
    asked = options | {"period": "2019-01-05/2019-02-20"}
    several = {"ensemble": ["member"], "tower": ["height", "member"]}
    names = several.get(dataset, ["scenario" if dataset == "scenarios" else "run"])
    every = export(settings, dataset, operation, TWO, select=dict.fromkeys(names, "*"), **asked)
    series = every.json["series"]
    assert [one["zone"]["id"] for one in series] == sorted(one["zone"]["id"] for one in series)
    chosen = data.draw(st.sampled_from([one["select"] for one in series]))
    alone = export(settings, dataset, operation, TWO, select=chosen, **asked)
    picked = [one for one, row in zip(rows(every), series, strict=True) if row["select"] == chosen]
    assert picked == rows(alone)
    as_alone = every.select(**chosen).json
    same = ("units", "variable", "further", "calendar", "time_step", "steps", "intervals", "notes")
    assert as_alone["series"] == alone.json["series"]
    assert {key: as_alone.get(key) for key in same} == {key: alone.json.get(key) for key in same}
    assert as_alone["request"]["options"] == alone.json["request"]["options"]


def test_two_dimensions_give_their_product_zone_by_zone(settings: Settings):
    found = export(settings, "tower", "mean", TWO, select={"member": "*", "height": "*"})
    keys = [(one["zone"]["id"], *one["select"].values()) for one in found.json["series"]]
    heights, members = ("2", "10.1"), ("0", "1", "2")
    assert keys == [(z, h, m) for z in "ew" for h in heights for m in members]
    assert list(found.json["dimensions"]) == ["height", "member"]


@pytest.mark.parametrize("given", ["2,1,2.0", "2, 1", [2, 1], ("2", 1)])
def test_some_members_stand_in_the_order_asked_for_and_once(settings: Settings, given: Any):
    found = export(settings, "ensemble", "mean", ONE, select={"member": given})
    assert [one["select"]["member"] for one in found.json["series"]] == ["2", "1"]
    assert found.json["dimensions"]["member"]["coordinates"] == [2, 1]


def test_one_of_several_dimensions_may_be_a_single_coordinate(settings: Settings):
    found = export(settings, "tower", "mean", ONE, select={"member": "1", "height": "*"})
    assert [one["select"] for one in found.json["series"]] == [{"height": "2"}, {"height": "10.1"}]
    assert list(found.json["dimensions"]) == ["height"]


def test_single_coordinate_leaves_the_result_as_it_was(settings: Settings):
    found = export(settings, "ensemble", "mean", ONE, select={"member": "2"}).json
    assert "dimensions" not in found
    assert "selections" not in found
    assert list(found["series"][0]) == [
        *("zone", "time", "value", "valid_percent", "percent_on_grid")
    ]


def test_dimensions_are_described_as_the_files_have_them(settings: Settings):
    found = export(settings, "tower", "mean", ONE, select={"member": "*", "height": "*"}).json
    assert found["dimensions"]["height"] == {
        "labels": ["2", "10.1"],
        "coordinates": [2.0, float(np.float32(10.1))],
        "dtype": "float32",
        "attributes": {
            "standard_name": "height",
            "units": "m",
            "positive": "up",
            "axis": "Z",
        },
    }
    assert found["dimensions"]["member"]["dtype"] == "int16"
    texts = export(settings, "scenarios", "mean", ONE, select={"scenario": "*"}).json
    assert texts["dimensions"]["scenario"]["coordinates"] == ["ssp126", "ssp585"]
    assert texts["dimensions"]["scenario"]["dtype"] == "str"
    bare = export(settings, "bare", "mean", ONE, select={"run": "*"}).json["dimensions"]["run"]
    assert (bare["coordinates"], bare["attributes"]["long_name"]) == (
        [0, 1],
        "number along run in the files, from 0",
    )


@pytest.mark.parametrize(
    ("dataset", "operation", "select", "said"),
    [
        ("ensemble", "mean", {"member": "1,3"}, "no member '3'; it has 1, 2, 5 \\[1\\]"),
        ("ensemble", "mean", {}, r"choose one member of 1, 2, 5 .*or all \(member=\*\)"),
        ("ensemble", "geotiff", {"member": "*"}, r"member=\* asks for several; .*member=1\)"),
        ("tower", "netcdf", {"member": 1, "height": "*"}, r"height=\* .*choose one .*height=2\)"),
        ("tower", "mean", {"height": "*"}, "choose one member of 0, 1, 2"),
        ("alike", "mean", {"plume": "*"}, "several coordinates of plume read 7, .*choose one"),
        ("ensemble", "mean", {"height": "*"}, "no further dimension 'height'; it has member"),
    ],
)
def test_what_cannot_be_told_apart_or_drawn_is_refused_in_a_sentence(
    settings: Settings, dataset: str, operation: str, select: dict[str, Any], said: str
):
    with (
        Service(settings, starts_runner=False) as service,
        pytest.raises(InvalidRequestError, match=said),
    ):
        service.submit(dataset, operation, ONE, "2019", select=select)


def test_files_with_other_members_are_refused_and_common_ones_answered(tmp_path: Path):
    own = write_ensembles(tmp_path, ("ensemble",))
    with netCDF4.Dataset(own.data / "ensemble" / "02.nc", "a") as data:
        data["member"][:] = [1, 2, 7]
    with (
        Service(own, starts_runner=False) as service,
        pytest.raises(InvalidRequestError, match=r"02.nc has other .* of member than 01.nc;"),
    ):
        service.submit("ensemble", "mean", ONE, "2019", select={"member": "*"})
    with (
        Service(own, starts_runner=False) as service,
        pytest.raises(InvalidRequestError, match=r"02\.nc: no member '5'; it has 1, 2, 7"),
    ):
        service.submit("ensemble", "mean", ONE, "2019", select={"member": "1,5"})
    found = export(own, "ensemble", "mean", ONE, select={"member": "1,2"})
    assert [len(one["time"]) for one in found.json["series"]] == [59, 59]


def test_limits_count_each_member(own: Settings):
    asked = ("ensemble", "mean", TWO, "2019")
    few = own.model_copy(update={"max_zones": 5})
    with Service(few, starts_runner=False) as service:
        service.submit(*asked, select={"member": "1,2"})
        with pytest.raises(RequestTooLargeError, match=r"2 zones x 3 .* = 6 series; at most 5"):
            service.submit(*asked, select={"member": "*"})
    with Service(own, starts_runner=False) as service:
        alone = service.estimate(*asked, options=_options("2"))
        three = service.estimate(*asked, options=_options("*"))
    assert (three.selections, three.steps, three.steps_read) == (3, 59, 59)
    assert (three.inflated, three.bytes) == (3 * alone.inflated, 3 * alone.bytes)
    most = float(alone.cells * 59 * 2)
    small = own.model_copy(update={"max_cell_steps": most})
    with (
        Service(small, starts_runner=False) as service,
        pytest.raises(RequestTooLargeError, match="x 59 steps x 3 coordinates of further dim"),
    ):
        service.submit(*asked, select={"member": "*"})


def _options(member: str) -> Options:
    return Options.of({"member": member})


def planned(settings: Settings, **options: Any) -> Attempt:
    with Service(settings, starts_runner=False) as service:
        service.submit("ensemble", "mean", TWO, "2019", **options)
    task = TaskLog(settings.home).claim(60.0)
    assert task is not None
    catalog = Catalog.read(settings.data, settings.catalog)
    return plan_attempt(task, TWO, catalog, settings.home)


def test_weights_are_computed_once_and_progress_counts_each_member(own: Settings):
    attempt = planned(own, select={"member": "*"})
    assert len(attempt.waiting) == 1  # one grid
    assert attempt.total == 3 * 59
    blocks, _ = attempt.later
    assert sum(call.steps for call in blocks) == attempt.total


def test_steps_are_known_before_the_end_once_all_members_are(own: Settings):
    attempt = planned(own, select={"member": "*"})
    for call in attempt.waiting:
        run(call)
    first, second, third, *_ = attempt.later[0]
    for call in (first, second):
        run(call)
    part = read_partial(attempt.context.work)
    assert part is not None
    assert [len(one["time"]) for one in part["series"]] == [0] * 6
    run(third)
    part = read_partial(attempt.context.work)
    assert part is not None
    assert [one["select"]["member"] for one in part["series"]] == ["1", "2", "5"] * 2
    assert part["dimensions"]["member"]["labels"] == ["1", "2", "5"]
    whole = export(own, "ensemble", "mean", TWO, select={"member": "*"}).json["series"]
    for known, one in zip(part["series"], whole, strict=True):
        count = len(known["time"])
        assert count > 0
        assert known["value"] == one["value"][:count]


def test_file_that_is_gone_is_named(tmp_path: Path):
    own = write_ensembles(tmp_path, ("ensemble",))
    attempt = planned(own, select={"member": "*"})
    (own.data / "ensemble" / "01.nc").unlink()
    for call in attempt.waiting:
        run(call)
    with pytest.raises(GranuleError, match=r"01\.nc is gone"):
        run(attempt.later[0][0])
