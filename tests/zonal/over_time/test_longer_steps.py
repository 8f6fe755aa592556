"""A step that holds those before it: each number is the one that its own days give."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import cftime
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from csserv.catalog import CatalogEntry
from csserv.catalog.timeline.timeline import Timeline
from csserv.errors import InvalidRequestError
from csserv.request import Area, Options, Period, Request
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.work.in_process import ComputedSeries, compute_series
from csserv.zonal.band import Band
from csserv.zonal.conversion import check_options
from csserv.zonal.operations import operation
from csserv.zonal.over_time.longer_steps import StepNumbers
from csserv.zonal.over_time.step_cells import RollingCells, StepCells
from csserv.zonal.over_time.timestep import time_steps
from tests.files import LAT, LON, Layout, write_granule

ONE_CELL = Area.from_box(20, 0, 20.9, 0.9)
NAMES = ("daily", "pentad", "weekly", "dekad", "monthly", "seasonal", "yearly")


def entry_of(
    folder: Path, values: Any, days: Any = None, chunk: int = 0, **layout: Any
) -> CatalogEntry:
    """Make a dataset of steps that have one value each, the same in all cells."""
    field = np.broadcast_to(
        np.asarray(values, "f8")[:, None, None], (len(values), len(LAT), len(LON))
    )
    storage = {"chunksizes": (chunk, len(LAT), len(LON))} if chunk else {}
    write_granule(
        folder / "a.nc", field, LAT, LON, Layout(dtype="f8", storage=storage, **layout), days
    )
    return CatalogEntry("rain", "Rain", "rain", "*.nc", folder)


def computed(entry: CatalogEntry, period: str, **options: Any) -> ComputedSeries:
    """Compute a mean as a service does."""
    asked = Options(**options)
    request = Request(entry.name, "mean", ONE_CELL, Period.parse(period), asked)
    _, timeline = steps_to_read(entry, request.period, asked)
    check_options(entry, timeline, asked, [operation("mean")])
    return compute_series(entry, timeline, request)


def numbers(found: ComputedSeries) -> list[float]:
    return [round(float(one), 9) for one in found.series.values[0, :, 0]]


def labels(found: ComputedSeries) -> list[str]:
    return [time.strftime("%m-%d") for time in found.plan.steps.times]


def test_a_day_with_two_before_it_holds_three_days_of_rain(tmp_path: Path):
    entry = entry_of(tmp_path, [1, 2, 4, 8, 16, 32])

    found = computed(entry, "2019-01-04/2019-01-06", accumulate=3)

    assert numbers(found) == [2 + 4 + 8, 4 + 8 + 16, 8 + 16 + 32]
    assert labels(found) == ["01-04", "01-05", "01-06"]
    assert all(step.complete for step in found.plan.steps.longer)
    assert found.conversions[0].units == "mm"
    spans = zip(found.plan.steps.intervals.start, found.plan.steps.intervals.end, strict=True)
    assert [(a.day, b.day) for a, b in spans] == [(2, 5), (3, 6), (4, 7)]


@pytest.mark.parametrize(
    ("over_time", "value"), [("", 29.0), ("sum", 29.0), ("mean", 29 / 4), ("max", 16), ("min", 1)]
)
def test_over_time_says_what_is_made_of_the_steps(tmp_path: Path, over_time: str, value: float):
    entry = entry_of(tmp_path, [1, 4, 8, 16])
    found = computed(entry, "2019-01-04", accumulate=4, over_time=over_time)
    assert numbers(found) == [pytest.approx(value)]


def test_months_with_two_before_them_hold_three_whole_months(tmp_path: Path):
    entry = entry_of(tmp_path, np.ones(365))

    found = computed(entry, "2019-04-10/2019-06", time_step="monthly", accumulate=3)

    assert labels(found) == ["04-01", "05-01", "06-01"]
    assert numbers(found) == [28 + 31 + 30, 31 + 30 + 31, 30 + 31 + 30]
    assert [step.run.start for step in found.plan.steps.longer] == [0, 28, 59]  # from 1 February


def test_first_steps_of_an_archive_lack_those_before_them(tmp_path: Path):
    entry = entry_of(tmp_path, np.ones(120))

    found = computed(entry, "2019", time_step="monthly", accumulate=3)

    assert np.isnan(found.series.values[0, :2, 0]).all()
    assert [step.complete for step in found.plan.steps.longer] == [False, False, True, True]
    shares = (31 / 92, 59 / 90, 1.0, 1.0)  # of November to January, and of December to February
    assert found.series.steps_percent[:, 0] == pytest.approx([100 * one for one in shares])
    asked = {"time_step": "monthly", "accumulate": 3, "least_valid": 50}
    early = computed(entry, "2019-02", **asked)  # whatever is asked for: nobody measured December
    assert np.isnan(early.series.values).all()
    assert early.series.steps_percent[0, 0] == pytest.approx(100 * 59 / 90)


def test_a_step_that_no_file_has_counts_as_missing(tmp_path: Path):
    days = [day for day in range(12) if day != 5]
    entry = entry_of(tmp_path, np.ones(11), days)

    found = computed(entry, "2019-01-06/2019-01-09", accumulate=4, least_valid=75)

    assert labels(found) == ["01-07", "01-08", "01-09"]
    assert numbers(found) == [4.0, 4.0, 4.0]
    assert found.series.steps_percent[:, 0] == pytest.approx([75, 75, 75])
    assert np.isnan(computed(entry, "2019-01-09", accumulate=4).series.values).all()


@pytest.mark.parametrize("calendar", ["standard", "noleap", "360_day", "julian"])
@pytest.mark.parametrize("name", NAMES)
def test_steps_are_numbered_as_they_are_cut(name: str, calendar: str):
    first = cftime.datetime(1999, 3, 1, calendar=calendar)
    times = [first + timedelta(days=day) for day in range(1200)]
    steps = time_steps(name, times, np.ones(1200), Period.parse("1990/2010"))
    timeline = timeline_of(times)

    grid = StepNumbers.of(timeline, Options(time_step=name, accumulate=2))

    found = grid.of_steps(timeline)
    assert sorted(set(np.diff(found).tolist())) in ([0, 1], [1])
    begin = [time.timetuple()[:3] for time in map(grid.frequency.begin, np.unique(found).tolist())]
    assert begin == [step.start for step in steps]


def timeline_of(times: list[cftime.datetime]) -> Timeline:
    """Daily steps that no file holds."""
    seconds = cftime.date2num(times, "seconds since 1970-01-01", times[0].calendar)
    start = np.asarray(seconds, np.int64)
    return Timeline((), start, start + 86_400, times[0].calendar, None, np.arange(len(times)))


@given(
    width=st.integers(2, 7),
    there=st.sets(st.integers(0, 40), min_size=1),
    rule=st.sampled_from(["sum", "max", "min"]),
)
def test_a_window_joins_the_steps_that_it_holds_and_no_others(
    width: int, there: set[int], rule: str
):
    window = RollingCells(width)
    random = np.random.default_rng(width)
    value = {number: float(random.integers(-9, 9)) for number in there}
    for number in sorted(there):
        cells = StepCells.empty(1, rule)
        cells.take(np.array([[value[number]]]), None, np.array([2.0]))
        found = window.add(number, cells)
        held = [value[one] for one in there if number - width < one <= number]
        assert found.values.tolist() == [{"sum": sum, "max": max, "min": min}[rule](held)]
        assert (found.days[0], found.steps[0]) == (2.0 * len(held), len(held))


def one_cell() -> Band:
    one = np.ones(1)
    whole = slice(0, 1)
    return Band(
        rows=whole,
        columns=whole,
        cells=None,
        place=np.zeros(1, np.int64),
        coverage=one,
        area=one,
        weight=one,
        zones=np.zeros(1, np.int64),
        of_tile=np.zeros(1, np.int64),
        starts=np.array([0, 1]),
    )


@given(
    first=st.integers(20, 60),
    length=st.integers(1, 40),
    width=st.integers(2, 25),
    chunk=st.integers(1, 30),
    gaps=st.sets(st.integers(0, 99), max_size=10),
)
@settings(max_examples=30)
def test_any_day_has_the_rain_of_its_own_days_however_files_are_cut(
    tmp_path_factory: pytest.TempPathFactory,
    first: int,
    length: int,
    width: int,
    chunk: int,
    gaps: set[int],
):
    rain = np.random.default_rng(first).gamma(0.5, 9.0, 100)
    days = np.array([day for day in range(100) if day not in gaps])
    entry = entry_of(tmp_path_factory.mktemp("any"), rain[days], days, min(chunk, len(days)))
    start = cftime.datetime(2019, 1, 1) + timedelta(days=first)
    end = start + timedelta(days=length)
    asked = [day for day in days if first <= day <= first + length]
    assume(asked and len(days) >= 90)

    period = f"{start.strftime('%Y-%m-%d')}/{end.strftime('%Y-%m-%d')}"
    found = computed(entry, period, accumulate=width, least_valid=0)

    held = [[rain[one] for one in days if day - width < one <= day] for day in asked]
    expected = [
        np.nan if day - width + 1 < days[0] else np.mean(one) * width  # from before the data
        for day, one in zip(asked, held, strict=True)
    ]
    assert found.series.values[0, :, 0] == pytest.approx(expected, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"time_step": "period", "accumulate": 3}, "'period' cannot have; .* native, daily"),
        ({"time_step": "fortnight", "accumulate": 3}, "'fortnight' cannot have; .* native, daily"),
    ],
)
def test_what_cannot_be_accumulated_is_refused(tmp_path: Path, options: Any, said: str):
    with pytest.raises(InvalidRequestError, match=said):
        computed(entry_of(tmp_path, np.ones(40)), "2019-01-30/2019-01-31", **options)


def test_steps_shorter_than_a_day_are_accumulated_by_days(tmp_path: Path):
    entry = entry_of(tmp_path, np.ones(96), units="hours since 2019-01-01")
    with pytest.raises(InvalidRequestError, match="shorter than a day; ask for a time_step"):
        computed(entry, "2019-01-04", accumulate=24)
    assert numbers(computed(entry, "2019-01-04", time_step="daily", accumulate=2)) == [2.0]


@pytest.mark.parametrize("given", [0, -1, 1001, 2.5, "three", float("nan"), float("inf"), None])
def test_accumulate_is_a_whole_number_in_its_range(given: Any):
    with pytest.raises(InvalidRequestError, match="allowed are whole numbers from 1 to 1000"):
        Options(accumulate=given)


def test_one_step_alone_is_the_default(tmp_path: Path):
    assert Options(accumulate=1).to_dict() == {}
    entry = entry_of(tmp_path, [1, 2, 4])
    assert computed(entry, "2019", accumulate=1).plan.steps.longer == ()
