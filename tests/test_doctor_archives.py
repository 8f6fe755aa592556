"""The doctor finds what is wrong with an archive as a whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from csserv import Settings
from csserv.doctor import CHECKS
from csserv.doctor.finding import Level
from tests.catalog.timeline.test_running_sums import hourly
from tests.catalog.timeline.test_timeline import write

Plant = Callable[[Path], object]


def found(tmp_path: Path) -> list[tuple[Level, str]]:
    table = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\n'
    (tmp_path / "own.toml").write_text(table)
    home, data, catalog = tmp_path / "home", tmp_path / "data", tmp_path / "own.toml"
    settings = Settings(home=home, data=data, catalog=catalog)
    return [(one.level, one.said) for one in CHECKS["datasets"](settings)]


def overlapping(folder: Path) -> None:
    write(folder, "b-2.nc", [2, 3, 4], 2)


def same_moment(folder: Path) -> None:
    write(folder, "b-2.nc", [2, 3, 4], 2, age=9)


def preliminary(folder: Path) -> None:
    write(folder, "prelim-2.nc", [0, 1, 2, 3], 2)


def monthly(folder: Path) -> None:
    write(folder, "months-2.nc", [0, 31, 59], 2)


def other_units(folder: Path) -> None:
    write(folder, "b-2.nc", [3, 4], 2, attributes={"units": "cm/day"})


def temperature(folder: Path) -> None:
    write(folder, "b-2.nc", [3, 4], 2, attributes={"units": "K"})


def other_calendar(folder: Path) -> None:
    write(folder, "b-2.nc", [3, 4], 2, calendar="360_day")


def growing(folder: Path) -> None:
    (folder / "a-1.nc").unlink()
    hourly(folder / "b.nc", [0.5 * (hour % 24 or 24) for hour in range(1, 49)])


def growing_on(folder: Path) -> None:
    (folder / "a-1.nc").unlink()
    hourly(folder / "b.nc", [0.5 * hour for hour in range(1, 61)])


def empty(folder: Path) -> None:
    (folder / "b.nc").write_bytes(b"")
    write(folder, "c-3.nc", [5], 3)


def cut_off(folder: Path) -> None:
    whole = write(folder, "b-2.nc", [3, 4], 2)
    whole.write_bytes(whole.read_bytes()[:3000])


@pytest.mark.parametrize(
    ("plant", "level", "words"),
    [
        (overlapping, Level.WARNING, "a-1.nc holds a step (2019-01-03), which is read from b-2.nc"),
        (same_moment, Level.PROBLEM, "written at the same moment"),
        (preliminary, Level.WARNING, "prelim-2.nc holds 3 steps"),
        (monthly, Level.PROBLEM, "has steps of 1 days and months-2.nc"),
        (other_units, Level.WARNING, "converted from cm/day to mm/day"),
        (temperature, Level.PROBLEM, "'mm/day' and b-2.nc 'K'"),
        (other_calendar, Level.PROBLEM, "share no dates"),
        (growing, Level.WARNING, "grow through each day"),
        (growing_on, Level.WARNING, "grow from step to step, also over midnight"),
        (empty, Level.PROBLEM, "b.nc"),
        (cut_off, Level.PROBLEM, "b-2.nc"),
    ],
)
def test_each_planted_fault_is_found(tmp_path: Path, plant: Plant, level: Level, words: str):
    write(tmp_path / "data" / "rain", "a-1.nc", [0, 1, 2], 1, age=9)
    assert {one for one, _ in found(tmp_path)} == {Level.OK}
    plant(tmp_path / "data" / "rain")
    told = [said for one, said in found(tmp_path) if one is level]
    assert any(words in said for said in told), found(tmp_path)
