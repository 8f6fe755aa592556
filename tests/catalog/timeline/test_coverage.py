"""What there is of a dataset, and which steps are missing, in any calendar."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from csserv import Area, Service, Settings
from csserv.catalog import Catalog, CatalogEntry, Coverage
from csserv.catalog.read.times.calendar_units import to_seconds
from csserv.catalog.timeline.frequency import find_frequency, moment
from csserv.errors import EmptySelectionError, GranuleError
from csserv.request import Period
from tests.files import LAT, LON, Layout, write_granule

TABLE = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\n'


def entry(folder: Path, more: str = "") -> CatalogEntry:
    (folder / "own.toml").write_text(TABLE + more)
    return Catalog.read(folder, folder / "own.toml")["rain"]


def covered(
    folder: Path, days: list[float], calendar: str = "standard", more: str = ""
) -> Coverage:
    """Write a step at each of some days since 2019-01-01, two steps a file."""
    layout = Layout(calendar=calendar, attributes={"_FillValue": np.float32(-99)})
    for place in range(0, len(days), 2):
        part = np.array(days[place : place + 2], dtype=float)
        values = np.ones((len(part), len(LAT), len(LON)))
        path = folder / "rain" / f"rain_{place:04}.nc"
        write_granule(path, values, LAT, LON, layout, days=part)
    return entry(folder, more).coverage()


def gaps(there: Coverage) -> list[tuple[str, str, int]]:
    return [(gap.first, gap.last, gap.steps) for gap in there.gaps]


def starts(year: int, *days_of_months: int) -> list[float]:
    """Count days since 2019-01-01 of some days in each month of two years."""
    found = []
    for month in range(24):
        for day in days_of_months:
            date = np.datetime64(f"{year + month // 12}-{month % 12 + 1:02}-{day:02}")
            found.append(float((date - np.datetime64("2019-01-01")).astype(int)))
    return found


def test_two_missing_days_are_a_gap(tmp_path: Path):
    there = covered(tmp_path, [*range(9), *range(11, 31)])  # without 10 and 11 January
    assert there.time_step == "daily"
    assert gaps(there) == [("2019-01-10", "2019-01-11", 2)]
    assert (there.first, there.last, there.steps) == ("2019-01-01", "2019-01-31", 29)
    missing = there.missing(Period.parse("2019-01-11/2019-02-03"))
    assert missing.steps == 4
    assert [asdict(run) for run in missing.runs] == [
        {"first": "2019-01-11", "last": "2019-01-11", "steps": 1},
        {"first": "2019-02-01", "last": "2019-02-03", "steps": 3},
    ]
    assert there.missing(Period.parse("2019-01-12/2019-01-31")).runs == ()
    assert there.missing(Period.parse("2018-12")).steps == 31
    assert there.missing(Period.parse("2018/2020")).steps == 365 + 365 + 366 - 29


def test_calendar_of_360_days_has_a_30th_of_february_and_no_31st(tmp_path: Path):
    there = covered(tmp_path, [*range(58), *range(60, 90)], "360_day")  # without 29, 30 February
    assert gaps(there) == [("2019-02-29", "2019-02-30", 2)]
    assert there.missing(Period.parse("2019-02")).steps == 2
    assert there.missing(Period.parse("2019-01/2019-03")).steps == 2
    assert there.missing(Period.parse("2020")).steps == 360
    assert there.missing(Period.parse("2018-12-31")).steps == 0  # there is no such day


def test_calendar_without_leap_days_has_no_gap_on_29_february(tmp_path: Path):
    there = covered(tmp_path, list(range(365 + 31, 365 + 90)), "noleap")  # from 1 February 2020
    assert gaps(there) == []
    assert there.last == "2020-03-31"
    assert there.missing(Period.parse("2020-02")).steps == 0
    assert there.missing(Period.parse("2020-02-29")).steps == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "name", "gone", "said"),
    [
        ((1,), "monthly", 13, ("2020-02-01", "2020-02-29", 1)),
        ((16,), "monthly", 13, ("2020-02-01", "2020-02-29", 1)),
        ((1, 11, 21), "dekad", 5, ("2019-02-21", "2019-02-28", 1)),
        ((10, 20, 28), "dekad", 5, ("2019-02-21", "2019-02-28", 1)),
        ((1, 6, 11, 16, 21, 26), "pentad", 11, ("2019-02-26", "2019-02-28", 1)),
        ((1, 16), "half-monthly", 3, ("2019-02-16", "2019-02-28", 1)),
    ],
)
def test_months_and_their_parts_are_of_unequal_length_and_no_gaps(
    tmp_path: Path, days: tuple[int, ...], name: str, gone: int, said: tuple[str, str, int]
):
    whole = covered(tmp_path / "whole", starts(2019, *days))
    assert (whole.time_step, gaps(whole)) == (name, [])
    assert whole.missing(Period.parse("2019/2020")).steps == 0
    assert whole.missing(Period.parse("2021-01/2021-03")).steps == 3 * len(days)
    there = starts(2019, *days)
    del there[gone]
    holey = covered(tmp_path / "holey", there)
    assert (holey.time_step, gaps(holey)) == (name, [said])
    assert holey.missing(Period.parse("2019/2020")).steps == 1


@pytest.mark.parametrize(
    ("days", "calendar", "last"),
    [
        ([0.0, 31.0, 59.0], "standard", "2019-03-31"),  # months, and the last one to its end
        ([0.0, 7.0, 14.0], "standard", "2019-01-21"),
        ([0.0, 0.25, 0.5, 0.75], "standard", "2019-01-01"),
        ([56.0, 57.0, 58.0, 59.0], "360_day", "2019-02-28"),  # the last is 30 February
    ],
)
def test_all_days_of_a_dataset_end_with_its_last_step(
    tmp_path: Path, days: list[float], calendar: str, last: str
):
    covered(tmp_path, days, calendar)
    timeline = entry(tmp_path).timeline()
    assert str(timeline.period.end) == last
    assert len(timeline.within(timeline.period)) == len(days)


def test_any_period_may_be_asked_for(tmp_path: Path):
    there = covered(tmp_path, [-31, 59, 151, 243])  # December 2018 to September 2019, by seasons
    found = there.missing(Period.parse("0001/9999"))
    assert found.steps == 4 * 9999 - 4
    assert [run.first for run in found.runs] == ["0001-03-01", "2019-12-01"]
    assert there.missing(Period.parse("2019-01-02/2019-02-27")).steps == 0


@pytest.mark.parametrize(
    ("days", "name", "said"),
    [
        ([0, 7, 14, 35, 42, 49], "weekly", [("2019-01-22", "2019-02-04", 2)]),
        ([0, 3, 6, 9, 15, 18], "3 days", [("2019-01-13", "2019-01-15", 1)]),
        ([0, 1 / 24, 2 / 24, 5 / 24], "hourly", [("2019-01-01T03:00", "2019-01-01T04:00", 2)]),
        ([0, 0.125, 0.25, 0.5], "3 hours", [("2019-01-01T09:00", "2019-01-01T09:00", 1)]),
        # every ten days is no dekad: after a while they lie elsewhere in their months
        ([*range(0, 300, 10), *range(320, 700, 10)], "10 days", [("2019-10-28", "2019-11-16", 2)]),
        # sixteen days, begun anew each year
        ([*range(0, 365, 16), *range(365, 730, 16)], "16 days", []),
        ([-31, 59, 151, 243, 334, 425], "seasonal", []),
        ([-31, 59, 243, 334, 425], "seasonal", [("2019-06-01", "2019-08-31", 1)]),
        ([151, 516, 882, 1612], "yearly", [("2022-01-01", "2022-12-31", 1)]),
        ([0, 1, 5, 6, 30, 31, 90, 100.5, 100.75], "irregular", []),
        ([0.5, 1.5, 3.5], "daily", [("2019-01-03", "2019-01-03", 1)]),
    ],
)
def test_step_is_told_by_the_spacing(
    tmp_path: Path, days: list[float], name: str, said: list[tuple[str, str, int]]
):
    there = covered(tmp_path, days)
    assert (there.time_step, gaps(there)) == (name, said)


@pytest.mark.parametrize(
    ("word", "name", "absent"),
    [("day", "daily", 364), ("month", "monthly", 11), ("dekad", "dekad", 35), ("", "irregular", 0)],
)
def test_frequency_of_a_single_step_is_what_the_catalog_says(
    tmp_path: Path, word: str, name: str, absent: int
):
    there = covered(tmp_path, [0.0], more=f'time_step = "{word}"\n')
    assert there.time_step == name
    assert there.missing(Period.parse("2019")).steps == absent


def test_coverage_is_what_the_files_say(tmp_path: Path):
    there = covered(tmp_path, [0.0, 1.0, 2.0])
    paths = sorted((tmp_path / "rain").iterdir())
    os.utime(paths[0], (1_500_000_000, 1_500_000_000))
    os.utime(paths[1], (1_400_000_000, 1_400_000_000))
    there = entry(tmp_path).coverage()
    assert there.to_dict() == {
        "first": "2019-01-01",
        "last": "2019-01-03",
        "steps": 3,
        "time_step": "daily",
        "calendar": "standard",
        "units": "mm/day",
        "gaps": [],
        "updated": "2017-07-14T02:40:00Z",
        "bounds": [20.0, -8.0, 40.0, 8.0],
        "resolution": [1.0, 1.0],
        "rows": 16,
        "columns": 20,
        "bytes": sum(path.stat().st_size for path in paths),
        "files": 2,
        "further": {},
        "fill": -99.0,
    }


def test_bounds_lie_from_180_west(tmp_path: Path):
    values = np.ones((1, 4, 8))
    lat = np.array([67.5, 22.5, -22.5, -67.5])
    write_granule(tmp_path / "rain" / "a.nc", values, lat, 22.5 + 45 * np.arange(8))
    assert entry(tmp_path).coverage().bounds == (-180, -90, 180, 90)
    write_granule(tmp_path / "rain" / "a.nc", values[:, :, :2], lat, np.array([280.0, 281.0]))
    assert entry(tmp_path).coverage().bounds == (-80.5, -90, -78.5, 90)


def test_further_dimensions_are_named_with_their_labels(tmp_path: Path):
    path = write_granule(tmp_path / "rain" / "a.nc", np.ones((2, 16, 20)), LAT, LON)
    with netCDF4.Dataset(path, "a") as data:
        data.renameVariable("rain", "unused")
        data.createDimension("member", 2)
        data.createVariable("member", "i4", ("member",))[:] = [1, 2]
        rain = data.createVariable("rain", "f4", ("time", "member", "lat", "lon"))
        rain[:] = np.arange(1.0, 3)[None, :, None, None] * np.ones((2, 2, 16, 20))
    there = entry(tmp_path).coverage()
    assert there.to_dict()["further"] == {"member": ["1", "2"]}
    assert there.fill is None


def test_row_may_choose_of_a_further_dimension(tmp_path: Path):
    test_further_dimensions_are_named_with_their_labels(tmp_path)
    (tmp_path / "own.toml").write_text(TABLE + 'select = { member = "2" }\n')
    settings = Settings(home=tmp_path / "h", data=tmp_path, catalog=tmp_path / "own.toml")
    with Service(settings, starts_runner=False) as service:
        asked = service.request("rain", "mean", Area.from_box(30, 0, 32, 2), "2019")
        assert asked.options.select == (("member", "2"),)


def test_file_that_changes_is_looked_at_anew_and_steps_count_once(tmp_path: Path):
    assert covered(tmp_path, [0.0, 1.0, 3.0]).steps == 3
    ones = np.ones((3, len(LAT), len(LON)))
    write_granule(tmp_path / "rain" / "rain_0002.nc", ones, LAT, LON, days=np.arange(1.0, 4))
    there = entry(tmp_path).coverage()
    assert (there.steps, there.gaps) == (4, ())


def test_variables_of_the_same_files_have_coverages_of_their_own(tmp_path: Path):
    path = write_granule(tmp_path / "rain" / "a.nc", np.ones((2, 16, 20)), LAT, LON)
    with netCDF4.Dataset(path, "a") as data:
        data.createVariable("snow", "f4", ("time", "lat", "lon"), fill_value=7.0)[:] = 1.0
    rain = entry(tmp_path)
    (tmp_path / "own.toml").write_text(TABLE.replace('variable = "rain"', 'variable = "snow"'))
    snow = Catalog.read(tmp_path, tmp_path / "own.toml")["rain"]
    assert (rain.coverage().fill, snow.coverage().fill) == (None, 7.0)


def test_unreadable_file_is_a_gap_and_no_readable_one_an_error(tmp_path: Path):
    covered(tmp_path, [float(day) for day in range(6)])
    (tmp_path / "rain" / "rain_0002.nc").write_text("no NetCDF")
    assert gaps(entry(tmp_path).coverage()) == [("2019-01-03", "2019-01-04", 2)]
    for path in (tmp_path / "rain").iterdir():
        path.write_text("no NetCDF")
    with pytest.raises(GranuleError, match=r"rain_0000\.nc"):
        entry(tmp_path).coverage()


def test_service_tells_the_coverage(service: Service):
    assert service.coverage("rain").last == service.extent("rain")[1] == "2019-02-28"
    with pytest.raises(EmptySelectionError, match="imerg_late"):
        service.coverage("26")


@pytest.mark.slow
@settings(max_examples=40)
@given(
    st.sampled_from(["standard", "noleap", "360_day", "julian"]),
    st.sets(st.integers(0, 400), max_size=9).map(lambda gone: set(range(401)) - gone),
    st.integers(-50, 450),
    st.integers(0, 400),
)
def test_steps_there_and_steps_missing_are_all_days_of_a_period(
    calendar: str, days: set[int], start: int, length: int
):
    origin = moment((2019, 1, 1), calendar)
    one = moment((2019, 1, 2), calendar) - origin
    times = [origin + one * n for n in sorted(days)]
    frequency, numbers = find_frequency(to_seconds(times, calendar), calendar, 1.0)
    assume(frequency is not None and frequency.name == "daily")
    assert frequency
    first, last = origin + one * start, origin + one * (start + length)
    due = frequency.due(first, last)
    assert len(due) == length
    there = [n for n in numbers.tolist() if n in due]
    assert len(there) == sum(first <= time < last for time in times)
    for time, number in zip(times, numbers.tolist(), strict=True):
        assert frequency.begin(number) == time
