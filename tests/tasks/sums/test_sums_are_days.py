"""A result of time sums is the one of days, byte for byte."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv import Area, Settings
from csserv.errors import InvalidRequestError
from csserv.request import Options, Zone
from tests.files import LAT, LON, Layout, write_granule
from tests.tasks.kept.rain_files import FILES, ZONES, choose
from tests.tasks.sums.summed_files import answer, files, make, planned_sums, without_sums

STEPS = [
    {"time_step": "monthly"},
    {"time_step": "monthly", "least_valid": 95},
    {"time_step": "dekad", "least_valid": 100},
    {"time_step": "pentad"},
    {"time_step": "seasonal"},
    {"time_step": "yearly", "least_valid": 10},
    {"time_step": "period", "least_valid": 10},
    {"time_step": "monthly", "accumulate": 2},
    {"time_step": "monthly", "over_time": "mean"},
    {"time_step": "monthly", "over_time": "max"},
    {"time_step": "monthly", "against": "2010/2019"},
    {"time_step": "period", "against": "2010/2019"},
    {"time_step": "weekly"},
]

REQUESTS = st.fixed_dictionaries(
    {
        "zones": st.lists(st.sampled_from(range(len(ZONES))), min_size=1, max_size=4, unique=True),
        "operation": st.sampled_from(
            ["mean", "sum,max", "median", "count", "std", "min,range,mean,p90"]
        ),
        "period": st.sampled_from(
            ["2019", "2017/2018", "2012-01-09/2012-06-20", "2018-03", "2011-02-11/2011-02-20"]
        ),
        "weighting": st.sampled_from(["area", "centre", "share"]),
        "steps": st.sampled_from(STEPS),
    }
)


def said(compute: Callable[..., Any], own: Settings, **asked: Any) -> Any:
    """Return a result; or why there is none."""
    try:
        found = compute(own, **asked)
    except InvalidRequestError as error:
        return str(error)
    return found[0] if compute is answer else found


@given(asked=REQUESTS, exchanged=st.sampled_from([None, None, *FILES]))
@settings(max_examples=12, deadline=None)
def test_a_result_of_sums_is_that_of_days(
    summed: Settings, rain: Path, asked: dict[str, Any], exchanged: tuple[int, int] | None
):
    if exchanged:
        choose(rain, *exchanged, 1)
    try:
        area = Area(tuple(ZONES[n] for n in asked["zones"]), "some")
        options = Options(**asked["steps"], weighting=asked["weighting"])
        rest = {"operation": asked["operation"], "area": area, "period": asked["period"]}
        assert said(answer, summed, **rest, options=options) == said(
            without_sums, summed, **rest, options=options
        )
    finally:
        if exchanged:
            choose(rain, *exchanged, 0)


@pytest.mark.parametrize(
    ("steps", "period", "expected"),
    [
        ({"time_step": "monthly"}, "2019", 6),
        ({"time_step": "dekad"}, "2019-03-01/2019-03-31", 3),
        ({"time_step": "pentad"}, "2019-03-01/2019-03-31", 6),
        ({"time_step": "yearly"}, "2019", 1),
        ({"time_step": "period"}, "2019-03/2019-04", 1),
        ({"time_step": "seasonal"}, "2019", 3),  # January and February, March to May, and June
        ({"time_step": "monthly"}, "2019-01-02/2019-03-30", 1),  # of the others, days are left out
        ({"time_step": "yearly"}, "2012", 0),  # 29 February is missing, and so is its month
        ({"time_step": "monthly", "accumulate": 2}, "2019-02/2019-05", 4),
        ({"time_step": "monthly", "over_time": "max"}, "2019", 0),
        ({"time_step": "weekly"}, "2019", 0),
    ],
)
def test_steps_are_made_of_sums_where_all_their_months_are_there(
    summed: Settings, steps: dict[str, Any], period: str, expected: int
):
    area = Area(ZONES[:1], "one")
    _, found = answer(summed, operation="mean", area=area, period=period, options=Options(**steps))
    assert found == expected


def test_a_step_of_files_of_two_forms_is_refused_with_sums_as_without(summed: Settings):
    """Since 2018 files have other chunks."""
    options = Options(time_step="period", least_valid=1)
    asked = {"area": Area(ZONES[:1], "one"), "period": "2017/2018", "options": options}
    for compute in (answer, without_sums):
        with pytest.raises(InvalidRequestError, match="hold parts of one step"):
            compute(summed, operation="mean", **asked)


def test_files_may_have_their_rows_one_way_or_the_other(tmp_path: Path):
    random = np.random.default_rng(7)
    for begin, count, south_up in (
        ("2018-01-01", 365, False),
        ("2019-01-01", 181, True),
        ("2019-07-01", 184, True),
    ):
        values = random.gamma(0.4, 5.0, (count, 40, 60)).astype("f4")
        values[random.random(values.shape) < 0.1] = np.nan
        storage = {"chunksizes": (30, 7, 9) if south_up else (25, 11, 8), "zlib": True}
        layout = Layout(units=f"days since {begin}", south_up=south_up, storage=storage)
        lat, lon = np.arange(9.75, -10, -0.5), np.arange(20.25, 50, 0.5)
        path = tmp_path / f"data/rain.{begin}.nc"
        write_granule(path, values, lat, lon, layout)
    row = '[rain]\ntitle = "R"\nvariable = "rain"\nfiles = "rain.*.nc"\nunits = "mm/day"\n'
    (tmp_path / "own.toml").write_text(row)
    own = Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml")
    time.sleep(2.1)
    make(own)
    for step, area in (
        ("yearly", Area.from_box(21.1, 4.2, 23.3, 9.1)),
        ("monthly", Area.from_box(41.3, -9.2, 48.2, -2.1)),
    ):
        asked = {"operation": "mean,std", "area": area, "period": "2018/2019"}
        whole, found = answer(own, **asked, options=Options(time_step=step))
        assert found > 0
        assert whole == without_sums(own, **asked, options=Options(time_step=step))
    path = tmp_path / "data/rain.2019-01-01.nc"
    path.touch()  # half of the year is made anew, the other half is copied
    time.sleep(2.1)
    (job,) = make(own).jobs
    assert (len(job.places), len(job.copied), job.has_days) == (181, 6, False)
    options = Options(time_step="monthly")
    whole, found = answer(own, **asked, options=options)
    assert (whole, found) == (without_sums(own, **asked, options=options), 24)


def test_all_normals_of_a_month_are_made_of_sums(summed: Settings):
    options = Options(time_step="monthly", against="2010/2019")
    asked = {"area": Area(ZONES[:2], "two"), "period": "2019-03", "options": options}
    whole, found = answer(summed, operation="mean", **asked)
    assert found == 10
    assert whole == without_sums(summed, operation="mean", **asked)


def test_maps_are_those_of_days(summed: Settings):
    area, options = Area(ZONES[:2], "two"), Options(time_step="monthly", against="2010/2019")
    asked = {"operation": "netcdf", "area": area, "period": "2011-03/2012-04", "options": options}
    assert answer(summed, **asked)[0] == without_sums(summed, **asked)


@pytest.mark.parametrize(("hours", "calendar"), [(6, "standard"), (1, "noleap"), (48, "360_day")])
@pytest.mark.parametrize("rule", ["sum", "mean"])
@pytest.mark.parametrize("south_up", [False, True])
def test_steps_that_are_no_days_are_weighed_by_their_length(
    tmp_path: Path, hours: int, calendar: str, rule: str, south_up: bool
):
    random = np.random.default_rng(hours)
    values = random.gamma(0.4, 5.0, (31 * 24 // hours * 2, len(LAT), len(LON))).astype("f4")
    values[random.random(values.shape) < 0.1] = np.nan
    layout = Layout(
        units="hours since 2019-03-01",
        calendar=calendar,
        south_up=south_up,
        storage={"chunksizes": (30, 7, 9), "zlib": True},
    )
    hour = np.arange(len(values)) * float(hours)
    write_granule(tmp_path / "data/rain.nc", values, LAT, LON, layout, hour)
    row = '[rain]\ntitle = "R"\nvariable = "rain"\nfiles = "rain.nc"\nunits = "mm"\n'
    (tmp_path / "own.toml").write_text(row + f'over_time = "{rule}"\n')
    own = Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml")
    time.sleep(2.1)
    assert make(own).whole >= 1
    asked = {"area": Area.from_box(23.2, -5.1, 35.7, 6.3), "options": Options(time_step="monthly")}
    whole, found = answer(own, operation="mean,max", period="2019-03", **asked)
    assert found == 1
    assert whole == without_sums(own, operation="mean,max", period="2019-03", **asked)


def test_sums_can_be_checked_by_hand(tmp_path: Path):
    """Each day of March holds its number: 1 + 2 + … + 31 = 496; a cell lacks the last two."""
    days = np.arange(1.0, 62)
    values = np.broadcast_to(days[:, None, None], (61, 2, 3)).astype("f4").copy()
    values[29:31, 0, 0] = np.nan
    layout = Layout(units="days since 2019-03-01", storage={"chunksizes": (10, 2, 3), "zlib": True})
    write_granule(tmp_path / "data/rain.nc", values, np.array([1.0, 0.0]), LON[:3], layout)
    row = '[rain]\ntitle = "R"\nvariable = "rain"\nfiles = "rain.nc"\nunits = "mm/day"\n'
    (tmp_path / "own.toml").write_text(row)
    own = Settings(home=tmp_path / "home", data=tmp_path / "data", catalog=tmp_path / "own.toml")
    time.sleep(2.1)
    make(own)
    import h5py

    with h5py.File(files(own)[0]) as file:
        assert file["first_day"][:].tolist() == [[2019, 3, 1], [2019, 4, 1]]
        assert file["total"][0].tolist() == [[435.0, 496.0, 496.0], [496.0] * 3]
        assert file["missing_steps"][0].tolist() == [[2, 0, 0], [0, 0, 0]]


def test_a_whole_month_is_one_row_of_days_however_they_are_stored(summed: Settings):
    area = Area((Zone("x", "x", ZONES[1].geometry),), "x")
    plan = planned_sums(summed)
    assert (plan.jobs, plan.there) == ((), plan.whole)
    _, found = answer(
        summed,
        operation="mean",
        area=area,
        period="2010/2019",
        options=Options(time_step="monthly"),
    )
    assert found == 58
