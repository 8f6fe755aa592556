"""A season is asked of the data as they are: what fell, and how it may end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.errors import InvalidRequestError
from csserv.outlooks.ask_season import SeasonQuestion, ask_season
from csserv.outputs import Result
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt_plan import plan_attempt
from tests.catalog.read.place.grids import degrees, write_field
from tests.files import LAT, LON, Layout, write_granule
from tests.halfway import run

AREA = Area.from_box(20.0, 7.0, 22.0, 8.0)
FIRST, LAST = "2000-01-01", "2012-04-20"

#: rain of a day [mm] in each month of a year; every year brings as many hundredths more as its
#: number after 2000
RAIN = np.array([0, 0, 4, 6, 3, 0, 0, 0, 1, 2, 3, 1], float)


class AtOnce:
    """A service whose tasks are computed as soon as their result is asked for, in this process."""

    def __init__(self, service: Service) -> None:
        self._service, self.settings = service, service.settings
        self.request, self.submit = service.request, service.submit

    def result(self, task: Task) -> Result:
        log = TaskLog(self.settings.home)
        while (one := log.claim(60.0)) is not None:
            catalog = Catalog.read(self.settings.data, self.settings.catalog)
            attempt = plan_attempt(one, AREA, catalog, self.settings.home)
            for calls in (attempt.waiting, *attempt.later):
                for call in calls:
                    run(call)
        return Result(self.settings.home / "results" / task.id)


def amounts() -> tuple[np.ndarray, np.ndarray]:
    days = np.arange(FIRST, np.datetime64(LAST) + 1, dtype="datetime64[D]")
    years = days.astype("datetime64[Y]").astype(int) + 1970
    months = days.astype("datetime64[M]").astype(int) % 12
    return days, RAIN[months] * (1 + (years - 2000) / 100)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("season")
    days, rain = amounts()
    numbers = (days - np.datetime64("2019-01-01")).astype(int)
    values = np.broadcast_to(rain[:, None, None], (len(days), 2, 4))
    write_granule(home / "data/rain/all.nc", values, LAT[:2], LON[:4], days=numbers)
    _write_forecast(home / "data/ahead/all.nc")
    warm = Layout(attributes={"units": "degC", "standard_name": "air_temperature"})
    write_granule(home / "data/warm/all.nc", values, LAT[:2], LON[:4], warm, days=numbers)
    monthly = Layout(attributes={"units": "mm"})
    firsts = np.array([day.astype("datetime64[D]").item().day == 1 for day in days])
    write_granule(
        home / "data/months/all.nc", values[firsts], LAT[:2], LON[:4], monthly, numbers[firsts]
    )
    there = (days < np.datetime64("2012-03-10")) | (days > np.datetime64("2012-03-14"))
    write_granule(home / "data/holes/all.nc", values[there], LAT[:2], LON[:4], days=numbers[there])
    rows = '[{0}]\ntitle = "{0}"\nvariable = "rain"\nfiles = "{0}/*.nc"\n'
    catalog = home / "own.toml"
    every = "".join(map(rows.format, ("rain", "ahead", "warm", "months", "holes")))
    made_up = every.replace("[ahead]\n", '[ahead]\nsynthetic = "by hand"\n')
    catalog.write_text(made_up, encoding="utf-8")
    return Settings(home=home / "home", data=home / "data", catalog=catalog)


def _write_forecast(path: Path) -> None:
    """Ten days from 21 April 2012 on, of two members: 1 and 3 mm a day."""
    values = np.empty((10, 2, 2, 4))
    values[:, 0], values[:, 1] = 1.0, 3.0
    at = degrees(LAT[:2], LON[:4]) | {"member": (("member",), np.array([1, 2]), {})}
    write_field(path, values, ("time", "member", "lat", "lon"), at)
    with netCDF4.Dataset(path, "r+") as data:
        data["time"].units = "days since 2012-04-21"


@pytest.fixture
def service(settings: Settings) -> Iterator[Any]:
    with Service(settings, starts_runner=False) as service:
        yield AtOnce(service)


def years_of(first: str, last: str) -> list[float]:
    """Sum the same days of each year from 2000 to 2011."""
    days, rain = amounts()
    return [
        rain[(days >= np.datetime64(f"{y}-{first}")) & (days <= np.datetime64(f"{y}-{last}"))].sum()
        for y in range(2000, 2012)
    ]


def asked(dataset: str, season: str, against: str = "2000/2011", **more: Any) -> SeasonQuestion:
    return SeasonQuestion(dataset, AREA, season, against, **more)


def test_what_fell_goes_on_as_in_each_year(service: Any) -> None:
    found = ask_season(service, asked("rain", "2012-03/2012-05"))
    zone = found.to_dict()["zones"][0]
    so_far = (31 * 4 + 20 * 6) * 1.12
    assert zone["so_far"] == pytest.approx(so_far)
    assert zone["so_far_normal"] == pytest.approx(np.mean(years_of("03-01", "04-20")))
    assert zone["end_normal"] == pytest.approx(np.mean(years_of("03-01", "05-31")))
    ends = so_far + np.array(years_of("04-21", "05-31"))
    np.testing.assert_allclose(np.sort(found.found.ends[:, 0]), np.sort(ends), rtol=1e-6)
    assert zone["end_p50"] == pytest.approx(np.median(ends))
    assert zone["below_lower_tercile_percent"] == 0.0
    assert (found.known_to, found.end, len(found.times)) == ("2012-04-21", "2012-06-01", 92)
    assert str(found).startswith("box 20 7 22 8, 1 March-20 April 2012: 273 mm, 106 % of normal")
    assert "with a rest as in 2000-2011" in str(found)
    assert repr(found) == str(found)  # as the last line of a notebook's cell
    assert "synthetic" not in str(found)
    assert found.to_xarray()["fan"].shape == (5, 92, 1)
    assert len(found.to_dataframe()) == 1


def test_days_that_are_missing_are_told(service: Any) -> None:
    found = ask_season(service, asked("holes", "2012-03/2012-05"))
    assert "5 of the 51 steps so far have no data; each counts as the mean of the others" in (
        found.notes
    )


def test_a_forecast_stands_between(service: Any) -> None:
    every = {"member": "*"}
    found = ask_season(service, asked("rain", "2012-03/2012-05", forecast="ahead", select=every))
    so_far = (31 * 4 + 20 * 6) * 1.12
    rest = np.array(years_of("05-01", "05-31"))
    ends = np.concatenate([so_far + 10 * member + rest for member in (1, 3)])
    np.testing.assert_allclose(np.sort(found.found.ends[:, 0]), np.sort(ends), rtol=1e-6)
    assert "with ahead" in str(found)
    assert str(found).endswith("; synthetic data")
    assert len(found.tasks) == 2


def test_a_season_over_the_turn_of_the_year_with_a_leap_day(service: Any) -> None:
    """Of 2011/12, with 29 February, beside years with and without one."""
    found = ask_season(service, asked("rain", "2011-11/2012-03-31", "2000/2010"))
    zone = found.to_dict()["zones"][0]
    days, rain = amounts()
    total = rain[
        (days >= np.datetime64("2011-11-01")) & (days <= np.datetime64("2012-03-31"))
    ].sum()
    assert zone["so_far"] == pytest.approx(total)
    assert len(found.times) == 152
    others = [
        rain[
            (days >= np.datetime64(f"{y}-11-01")) & (days <= np.datetime64(f"{y + 1}-03-31"))
        ].sum()
        for y in range(2000, 2011)
    ]
    assert zone["end_normal"] == pytest.approx(np.mean(others))


@pytest.mark.parametrize("last", ["2011-02-10", "2011-02-28"])
def test_a_season_that_ends_within_a_month_of_the_data_has_all_of_it(
    service: Any, last: str
) -> None:
    """The months of other years are whole, and so is what is said."""
    found = ask_season(service, asked("months", f"2010-11/{last}", "2000/2010"))
    zone = found.to_dict()["zones"][0]
    months = [RAIN[[10, 11]].sum() * (1 + n / 100) for n in range(11)]  # no rain until March
    assert zone["so_far"] == pytest.approx(months[10])
    assert zone["end_normal"] == pytest.approx(np.mean(months[:10]))
    assert found.end == "2011-03-01"
    assert "November 2010-February 2011: " in str(found)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"season": "2010/2012"}, "longer than a year"),
        ({"against": "2004/2013"}, "at least 10 years"),
        ({"against": "1991"}, "normals need at least 10"),
        ({"against": False}, "against is False; a season is compared with other years"),
        ({"dataset": "warm"}, "needs amounts"),
        ({"operation": "std"}, "allowed are mean, sum, total"),
        ({"operation": "netcdf"}, "allowed are mean, sum, total"),
        ({"forecast": "rain"}, "says nothing of the steps of rain that are to come"),
    ],
)
def test_what_is_refused(service: Any, given: dict[str, str | bool], why: str) -> None:
    given = {"dataset": "rain", "season": "2012-03/2012-05", "against": "2000/2011"} | given
    with pytest.raises(InvalidRequestError, match=why):
        ask_season(service, SeasonQuestion(area=AREA, **given))


def test_a_forecast_in_other_units_is_refused_with_what_is_allowed(service: Any) -> None:
    with pytest.raises(InvalidRequestError, match="in degC, and what fell in mm; allowed is one"):
        ask_season(service, asked("rain", "2012-03/2012-05", forecast="warm"))
