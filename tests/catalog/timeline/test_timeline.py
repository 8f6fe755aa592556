"""An archive is one rising line of steps: none counted twice, none of another kind in between."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.catalog.read.granule import Granule
from csserv.catalog.timeline.steps_of_files import TimeRules, lay_timeline
from csserv.catalog.timeline.timeline import MOST_KEPT, Timeline
from csserv.errors import GranuleError
from csserv.request import Period
from tests.files import LAT, LON, Layout, write_granule

YEAR = Period.parse("2019")


def write(folder: Path, name: str, days: list[float], level: float, age: int = 0, **layout) -> Path:
    """Write days of one level; a file of a higher age was written earlier."""
    values = np.full((len(days), 2, 2), level, "f4")
    made = Layout(**layout)
    path = write_granule(folder / name, values, LAT[:2], LON[:2], made, np.asarray(days, float))
    os.utime(path, (1_600_000_000 - age, 1_600_000_000 - age))
    return path


def line(folder: Path, **rules) -> Timeline:
    pairs = [(one, one.header()) for one in (Granule(p, "rain") for p in sorted(folder.iterdir()))]
    return lay_timeline(pairs, TimeRules(**rules))


def read(timeline: Timeline) -> list[tuple[str, float]]:
    """Day and level of each step."""
    found = []
    for stretch in timeline.stretches:
        times = timeline.times[stretch.number : stretch.number + len(stretch.steps)]
        source = stretch.granule.source(stretch.steps, None, stretch.header)
        packing = source.layout.packing
        level = float(stretch.granule.path.stem.split("-")[-1])
        values = packing.scale * level + packing.offset
        found += [(time.strftime("%m-%d"), round(values, 6)) for time in times]
    return found


def test_final_data_win_over_preliminary_whichever_is_newer(tmp_path: Path):
    write(tmp_path, "rain-final-1.nc", [0, 1], 1, age=9)
    write(tmp_path, "rain-prelim-9.nc", [0, 1, 2], 9)
    found = line(tmp_path)
    assert read(found) == [("01-01", 1), ("01-02", 1), ("01-03", 9)]
    (note,) = found.notes
    assert note.code == "overlap"
    assert "rain-prelim-9.nc holds 2 steps (2019-01-01 to 2019-01-02)" in note.text


def test_of_two_alike_files_the_newer_counts_and_a_row_may_say_otherwise(tmp_path: Path):
    write(tmp_path, "a-1.nc", [0, 1, 2], 1, age=9)
    write(tmp_path, "b-2.nc", [1, 2, 3], 2)
    assert [level for _, level in read(line(tmp_path))] == [1, 2, 2, 2]
    assert [level for _, level in read(line(tmp_path, prefer=("a*", "b*")))] == [1, 1, 1, 2]


def test_files_of_the_same_moment_are_asked_about(tmp_path: Path):
    write(tmp_path, "a-1.nc", [0, 1, 2], 1)
    write(tmp_path, "b-2.nc", [2, 3, 4], 2)
    found = line(tmp_path)
    with pytest.raises(GranuleError, match="written at the same moment: remove one"):
        found.within(YEAR).check()
    found.within(Period.parse("2019-01-01/2019-01-02")).check()  # not about these
    assert (np.diff(found.start) > 0).all()


def test_months_among_days_are_refused_by_name(tmp_path: Path):
    write(tmp_path, "days-1.nc", [0, 1, 2], 1)
    write(tmp_path, "months-2.nc", [0, 31, 59], 2)
    with pytest.raises(GranuleError, match=r"days-1.nc has steps of 1 days and months-2.nc of 29"):
        line(tmp_path).check()


def test_a_months_file_beside_those_of_days_is_told_by_its_name(tmp_path: Path):
    for day in range(3):
        write(tmp_path, f"rain.2019.01.{day + 1:02}-1.nc", [day], 1)
    write(tmp_path, "rain.2019.01-2.nc", [0], 2)
    with pytest.raises(GranuleError, match="may be of different kinds"):
        line(tmp_path).check()


def test_compatible_units_are_those_of_the_first_file_and_others_are_refused(tmp_path: Path):
    write(tmp_path, "a-1.nc", [0, 1], 1)
    write(tmp_path, "b-2.nc", [2, 3], 2, attributes={"units": "cm/day"})
    found = line(tmp_path)
    assert read(found) == [("01-01", 1), ("01-02", 1), ("01-03", 20), ("01-04", 20)]
    assert [str(note) for note in found.notes] == ["b-2.nc: converted from cm/day to mm/day"]
    write(tmp_path, "c-3.nc", [4], 3, attributes={"units": "K"})
    with pytest.raises(GranuleError, match=r"a-1.nc has the units 'mm/day' and c-3.nc 'K'"):
        line(tmp_path).check()


def test_a_file_without_units_has_those_of_the_others_and_it_is_told(tmp_path: Path):
    write(tmp_path, "a-1.nc", [0, 1], 1)
    write(tmp_path, "b-2.nc", [2, 3], 2, attributes={"units": ""})
    found = line(tmp_path)
    assert [level for _, level in read(found)] == [1, 1, 2, 2]
    assert [note.where for note in found.notes] == ["b-2.nc"]


@pytest.mark.parametrize(("other", "is_one"), [("noleap", True), ("360_day", False)])
def test_calendars_that_share_dates_are_one(tmp_path: Path, other: str, is_one: bool):
    write(tmp_path, "a-1.nc", [0], 1)
    write(tmp_path, "b-2.nc", [1], 2, calendar=other)
    found = line(tmp_path)
    if is_one:
        assert read(found) == [("01-01", 1), ("01-02", 2)]
        assert [note.code for note in found.notes] == ["calendar"]
    else:
        with pytest.raises(GranuleError, match="share no dates"):
            found.check()


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 12), st.integers(0, 3)), min_size=1, max_size=4
    )
)
def test_each_day_of_any_files_is_read_once(tmp_path_factory: pytest.TempPathFactory, files):
    folder = tmp_path_factory.mktemp("files")
    for number, (first, count, age) in enumerate(files):
        write(folder, f"{number}-{number}.nc", list(range(first, first + count)), 1, age * 10)
    found = line(folder)
    wanted = {day for first, count, _ in files for day in range(first, first + count)}
    assert len(found) == len(wanted)
    assert (found.end > found.start).all()
    assert sum(len(one.steps) for one in found.stretches) == len(wanted)


def test_what_a_period_asks_beyond_the_data_is_told(tmp_path: Path):
    write(tmp_path, "a-1.nc", list(range(31)), 1)
    found = line(tmp_path)
    assert [str(note) for note in found.beyond(Period.parse("1981/2019-01-31"))] == [
        "asked from 1981-01-01, data from 2019-01-01"
    ]
    assert [note.text for note in found.beyond(Period.parse("2019-01/2019-02"))] == [
        "asked to 2019-02-28, data to 2019-01-31"
    ]
    assert not list(found.beyond(Period.parse("2019-01-05/2019-01-31")))


def test_the_end_of_hours_is_told_by_the_hour(tmp_path: Path):
    write(tmp_path, "a-1.nc", [0, 0.25, 0.5], 1)
    assert [note.text for note in line(tmp_path).beyond(Period.parse("2019-01-01"))] == [
        "asked to 2019-01-01, data to 2019-01-01 12:00"
    ]


def test_monthly_data_of_a_whole_year_lack_nothing_of_it(tmp_path: Path):
    starts = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    write(tmp_path, "a-1.nc", starts, 1)
    assert not list(line(tmp_path).beyond(YEAR))


def test_parts_of_a_timeline_have_its_times(tmp_path: Path):
    write(tmp_path, "a.nc", [0, 1, 2, 3], 1)
    write(tmp_path, "b.nc", [4, 5, 6], 2)
    fresh, known = line(tmp_path), line(tmp_path)
    assert len(known.times) == 7  # found before its parts are made
    mask = np.array([False, True, True, False, True, False, True])
    assert known.pick(mask).times == fresh.pick(mask).times
    assert known.part(range(2, 6)).times == fresh.part(range(2, 6)).times


def test_a_period_that_is_asked_again_is_the_same_part_and_few_are_kept(tmp_path: Path):
    write(tmp_path, "rain-1.nc", list(range(31)), 1)
    found = line(tmp_path)
    days = [Period.parse(f"2019-01-{day:02}") for day in range(1, 11)]
    parts = [found.within(one) for one in days]
    assert [part.times[0].day for part in parts] == list(range(1, 11))
    assert found.within(days[-1]) is parts[-1]
    assert len(found.__dict__["_within"]) == MOST_KEPT
    assert read(found.within(days[0])) == [("01-01", 1)]
