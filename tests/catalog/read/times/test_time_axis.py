"""Whatever way a file tells its times: a value is labelled by the time for which it is valid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from csserv.catalog import CatalogEntry
from csserv.errors import GranuleError, InvalidRequestError
from csserv.request import Area, Options, Period, Request
from csserv.tasks.work.in_process import compute_series
from csserv.zonal.conversion import check_options
from csserv.zonal.operations import operation

Write = Callable[[netCDF4.Dataset], None]

FOUR_CELLS = Area.from_box(35.5, -0.5, 36.5, 0.5)


def axis(file: Any, name: str, values: Any, units: str, dims: Any = None, **said: Any) -> None:
    """Add a coordinate, and its dimension if it is one."""
    numbers = np.asarray(values)
    dims = (name,) if dims is None else dims
    for one, length in zip(dims, numbers.shape, strict=True):
        if one not in file.dimensions:
            file.createDimension(one, length)
    kind = str if numbers.dtype.kind == "O" else numbers.dtype
    variable = file.createVariable(name, kind, dims)
    variable.setncatts(({"units": units} if units else {}) | said)
    variable[...] = numbers


def field(file: Any, values: Any, dims: tuple[str, ...] = ("time",), units: str = "K") -> None:
    """Add a variable with the same value in all four cells."""
    axis(file, "lat", [0.5, -0.5], "degrees_north")
    axis(file, "lon", [35.5, 36.5], "degrees_east")
    numbers = np.asarray(values, "f4")
    variable = file.createVariable("x", "f4", (*dims, "lat", "lon"))
    variable.units = units
    variable[...] = numbers[..., None, None] * np.ones((2, 2), "f4")


def runs_and_leads(file: Any) -> None:
    axis(file, "init", [0, 7], "days since 2020-01-01", standard_name="forecast_reference_time")
    axis(file, "lead", [0, 24, 48], "hours", standard_name="forecast_period")
    field(file, [[1, 2, 3], [4, 5, 6]], ("init", "lead"))


def months_of_leads(file: Any) -> None:
    axis(file, "S", [720, 721], "months since 1960-01-01", standard_name="forecast_reference_time")
    axis(file, "L", [0.5, 1.5], "months")
    field(file, [[1, 2], [3, 4]], ("S", "L"))


def one_run(file: Any) -> None:
    reference = {"standard_name": "forecast_reference_time"}
    axis(file, "time", 0, "days since 2020-01-01", (), **reference)
    axis(file, "step", [6, 12, 18], "hours", standard_name="forecast_period")
    field(file, [1, 2, 3], ("step",))
    file["x"].coordinates = "time"


def valid_time_beside_run(file: Any) -> None:
    reference = {"standard_name": "forecast_reference_time"}
    axis(file, "init", 0, "days since 2020-01-01", (), **reference)
    axis(file, "valid_time", [1, 2], "days since 2020-01-01", ("step",), standard_name="time")
    axis(file, "step", [24, 48], "hours", standard_name="forecast_period")
    field(file, [1, 2], ("step",))
    file["x"].coordinates = "valid_time init"


def wrf_texts(file: Any) -> None:
    texts = np.array([list("2020-01-01_00:00:00"), list("2020-01-02_00:00:00")], "S1")
    axis(file, "Times", texts, "", ("Time", "DateStrLen"))
    field(file, [1, 2], ("Time",))


def stamp_of_the_whole_file(file: Any) -> None:
    axis(file, "time", 31, "days since 2020-01-01", ())
    field(file, 1, ())
    file["x"].coordinates = "time"


def versions_in_a_text(file: Any) -> None:
    axis(file, "valid_time", [0, 86400], "seconds since 2020-01-01", standard_name="time")
    axis(file, "number", 0, "1", (), standard_name="realization")
    versions = np.array(["0001", "0005"], dtype=object)
    axis(file, "expver", versions, "", ("valid_time",))
    field(file, [1, 2], ("valid_time",))
    file["x"].coordinates = "number valid_time expver"


def group_with_bounds(file: Any) -> None:
    group = file.createGroup("Grid")
    axis(group, "time", [1800], "seconds since 2020-01-01", bounds="time_bnds")
    axis(group, "time_bnds", [[0, 1800]], "", ("time", "nv"))
    field(group, [1])


def zone_of_time(file: Any) -> None:
    axis(file, "time", [0, 24], "hours since 2020-01-01 00:00:00 +03:00")
    field(file, [1, 2])


def end_of_months_with_bounds(file: Any) -> None:
    axis(file, "time", [31, 59], "days since 2019-01-01", calendar="noleap", bounds="span")
    axis(file, "span", [[0, 31], [31, 59]], "", ("time", "edge"))
    field(file, [1, 2])


#: how a file tells its times → what is selected, and (label, value) of each step
READ: list[tuple[Write, dict[str, str], list[tuple[str, float]]]] = [
    (runs_and_leads, {"lead": "24"}, [("2020-01-02T00", 2), ("2020-01-09T00", 5)]),
    (runs_and_leads, {"lead": "0"}, [("2020-01-01T00", 1), ("2020-01-08T00", 4)]),
    (months_of_leads, {"L": "1.5"}, [("2020-02-01T00", 2), ("2020-03-01T00", 4)]),
    (one_run, {}, [("2020-01-01T06", 1), ("2020-01-01T12", 2), ("2020-01-01T18", 3)]),
    (valid_time_beside_run, {}, [("2020-01-02T00", 1), ("2020-01-03T00", 2)]),
    (wrf_texts, {}, [("2020-01-01T00", 1), ("2020-01-02T00", 2)]),
    (stamp_of_the_whole_file, {}, [("2020-02-01T00", 1)]),
    (versions_in_a_text, {}, [("2020-01-01T00", 1), ("2020-01-02T00", 2)]),
    (group_with_bounds, {}, [("2020-01-01T00", 1)]),
    (zone_of_time, {}, [("2019-12-31T21", 1), ("2020-01-01T21", 2)]),
    (end_of_months_with_bounds, {}, [("2019-01-01T00", 1), ("2019-02-01T00", 2)]),
]


def entry_of(folder: Path, write: Write, name: str = "a.nc", **row: Any) -> CatalogEntry:
    with netCDF4.Dataset(folder / name, "w") as file:
        write(file)
        variable = "Grid/x" if "Grid" in file.groups else "x"
    return CatalogEntry("x", "X", variable, "*.nc", folder, **row)


def steps_of(entry: CatalogEntry, select: dict[str, str]) -> list[tuple[str, float]]:
    options = Options.of(select)
    request = Request("x", "mean", FOUR_CELLS, Period.parse("2019/2020"), options)
    timeline = entry.covering(request.period, options)
    check_options(entry, timeline, options, [operation("mean")])
    found = compute_series(entry, timeline, request)
    labels = [time.strftime("%Y-%m-%dT%H") for time in found.plan.steps.times]
    return list(zip(labels, found.series.values[0, :, 0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("write", "select", "steps"), READ, ids=[f"{one.__name__} {chosen}" for one, chosen, _ in READ]
)
def test_values_are_labelled_by_the_time_they_are_valid_for(
    tmp_path: Path, write: Write, select: dict[str, str], steps: list[tuple[str, float]]
):
    found = steps_of(entry_of(tmp_path, write), select)
    assert [label for label, _ in found] == [label for label, _ in steps]
    assert [value for _, value in found] == pytest.approx([value for _, value in steps])


def test_leads_are_chosen_one_at_a_time(tmp_path: Path):
    entry = entry_of(tmp_path, runs_and_leads)
    with pytest.raises(InvalidRequestError, match=r"choose one lead of 0, 24, 48 \[hours\]"):
        steps_of(entry, {})
    with pytest.raises(InvalidRequestError, match="each lead is valid at days of its own"):
        steps_of(entry, {"lead": "*"})


def test_date_is_read_from_the_name_where_a_row_says_so(tmp_path: Path):
    row = {"time_from_name": "rain-v2.0.%Y.%m.%d"}
    for day in (1, 2):
        entry = entry_of(tmp_path, lambda file: field(file, 7, ()), f"rain-v2.0.2020.01.0{day}.nc")
    with pytest.raises(GranuleError, match="say so in the dataset's row: time_from_name"):
        steps_of(entry, {})
    named = CatalogEntry("x", "X", "x", "*.nc", tmp_path, **row)
    assert steps_of(named, {}) == [("2020-01-01T00", 7.0), ("2020-01-02T00", 7.0)]
    entry_of(tmp_path, lambda file: field(file, 7, ()), "other.nc")
    with pytest.raises(GranuleError, match=r"other.nc: its name holds no date as 'rain-v2.0"):
        steps_of(named, {})


def of_leads_alone(file: Any) -> None:
    axis(file, "lead", [0, 1], "1")
    field(file, [1, 2], ("lead",))


def of_days(*days: float, **said: str) -> Write:
    def write(file: Any) -> None:
        axis(file, "time", np.array(days), said.pop("units", "days since 2020-01-01"), **said)
        field(file, np.arange(len(days)))

    return write


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (of_days(2, 0, 1), "its times do not rise: .* sort it"),
        (of_days(0, 1, 1, 2), "it holds the time 2020-01-02T00:00:00 twice"),
        (of_days(0, 1, calendar="none"), "it is a climatology, whose steps have no dates"),
        (of_days(0, 1, calendar="maya"), "calendar .*maya"),
        (of_days(0, 1, units="m"), "units"),
        (of_leads_alone, "no time among its dimensions lead, lat, lon"),
    ],
)
def test_times_that_tell_no_dates_are_refused_in_a_sentence(
    tmp_path: Path, write: Write, said: str
):
    with pytest.raises(GranuleError, match=said) as raised:
        steps_of(entry_of(tmp_path, write), {})
    assert "a.nc" in str(raised.value)
    assert "\n" not in str(raised.value)
