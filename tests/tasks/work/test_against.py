"""Steps are compared with those of other years, and the numbers are those of pandas and numpy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csserv.catalog import CatalogEntry
from csserv.errors import InvalidRequestError
from csserv.outputs import Result
from csserv.request import Area, Options, Period, Request
from csserv.settings import Settings
from csserv.tasks.plan.compared_steps import compare_steps
from csserv.tasks.plan.reference_years import settle_reference
from csserv.tasks.plan.steps_to_read import steps_to_read
from csserv.tasks.work.in_process import ComputedSeries, compute_series
from csserv.tasks.work.partial import read_partial
from tests.files import LAT, LON, write_granule
from tests.halfway import planned, run

YEARS = range(2000, 2016)
LAST = pd.Timestamp("2015-05-12")  #: of the data
REFERENCE = "2000/2013"
AREA = Area.from_box(20.0, 7.0, 22.0, 8.0)  #: two cells, of one row


@pytest.fixture(scope="module")
def rain() -> pd.Series:
    """Rain of each day; both cells of the area have it."""
    days = pd.date_range(f"{YEARS[0]}-01-01", LAST)
    amounts = np.random.default_rng(21).gamma(0.5, 8.0, len(days)).round(3)
    return pd.Series(amounts.astype("f4").astype(float), days)


@pytest.fixture(scope="module")
def entry(rain: pd.Series, tmp_path_factory: pytest.TempPathFactory) -> CatalogEntry:
    data = tmp_path_factory.mktemp("data")
    for year, mine in rain.groupby(rain.index.year):
        values = np.broadcast_to(mine.to_numpy("f4")[:, None, None], (len(mine), 2, 4))
        days = (mine.index - pd.Timestamp("2019-01-01")).days.to_numpy()
        write_granule(data / "rain" / f"{year}.nc", values, LAT[:2], LON[:4], days=days)
    return CatalogEntry("rain", "rain", "rain", "rain/*.nc", data)


def asked(
    entry: CatalogEntry, period: str, operation: str = "mean", **options: object
) -> ComputedSeries:
    own = Options(**{"against": REFERENCE, **options})  # type: ignore[arg-type]
    request = Request("rain", operation, AREA, Period.parse(period), own)
    _, timeline = steps_to_read(entry, request.period, own)
    return compute_series(entry, timeline, request)


def check(found: ComputedSeries, values: list[float], samples: list[list[float]]) -> None:
    """Compare with numbers computed otherwise: of each step, its value and those of its reference.

    ``samples`` are those of years in the reference, in any order.
    """
    series = found.series
    np.testing.assert_allclose(series.values[0, :, 0], values, rtol=1e-9)
    normal = [np.mean(one) for one in samples]
    for name, expected in {
        "normal": normal,
        "normal_p20": [np.quantile(one, 0.2, method="hazen") for one in samples],
        "standard_deviation": [np.std(one, ddof=1) for one in samples],
        "anomaly": np.subtract(values, normal),
        "percentile_rank": [
            100 * (np.mean(np.array(one) < v - 1e-9) + np.mean(np.array(one) <= v + 1e-9)) / 2
            for v, one in zip(values, samples, strict=True)
        ],
    }.items():
        np.testing.assert_allclose(series.against[0][name][:, 0], expected, rtol=1e-9, atol=1e-9)


def sums(rain: pd.Series, spans: list[tuple[str, str]]) -> list[float]:
    return [float(rain[first:last].sum()) for first, last in spans]


def in_years(rain: pd.Series, first: str, last: str, over: int = 0) -> list[float]:
    """Sum the same days of each year of the reference; ``over``: they end in a later year."""
    return sums(rain, [(f"{y}-{first}", f"{y + over}-{last}") for y in range(2000, 2014)])


def test_months(entry: CatalogEntry, rain: pd.Series) -> None:
    found = asked(entry, "2014-03/2014-05", time_step="monthly")
    by_month = rain.resample("MS").sum()
    samples = [
        by_month["2000":"2013"][lambda s, m=month: s.index.month == m].tolist()  # type: ignore[misc]
        for month in (3, 4, 5)
    ]
    check(found, by_month["2014-03":"2014-05"].tolist(), samples)
    assert [f"{t:%Y-%m-%d}" for t in found.series.times] == [
        "2014-03-01",
        "2014-04-01",
        "2014-05-01",
    ]
    assert found.plan.steps_read == 15 * 92  # of all years, nothing but these months


def test_a_month_that_the_data_end_in_is_compared_with_its_first_days(
    entry: CatalogEntry, rain: pd.Series
) -> None:
    found = asked(entry, "2015-04/2015-12", time_step="monthly")
    values = sums(rain, [("2015-04-01", "2015-04-30"), ("2015-05-01", "2015-05-12")])
    check(found, values, [in_years(rain, "04-01", "04-30"), in_years(rain, "05-01", "05-12")])
    assert found.series.complete == (True, False)
    assert [f"{t:%Y-%m-%d}" for t in found.series.times] == ["2015-04-01", "2015-05-01"]


def test_the_first_days_of_a_month_beside_the_whole_month(
    entry: CatalogEntry, rain: pd.Series
) -> None:
    """May of 2014 is whole, May of 2015 is cut: each has samples of its own length."""
    found = asked(entry, "2014-05/2015-05", time_step="monthly")
    check_places = [0, -1]
    series = found.series
    whole, cut = in_years(rain, "05-01", "05-31"), in_years(rain, "05-01", "05-12")
    np.testing.assert_allclose(
        series.against[0]["normal"][check_places, 0], [np.mean(whole), np.mean(cut)], rtol=1e-9
    )


def test_rolling_sums_of_months_and_one_that_is_cut(entry: CatalogEntry, rain: pd.Series) -> None:
    found = asked(entry, "2015-04/2015-05", time_step="monthly", accumulate=3)
    values = sums(rain, [("2015-02-01", "2015-04-30"), ("2015-03-01", "2015-05-12")])
    check(found, values, [in_years(rain, "02-01", "04-30"), in_years(rain, "03-01", "05-12")])


def test_no_window_reaches_back_to_before_the_data(entry: CatalogEntry, rain: pd.Series) -> None:
    """The data begin in 2000: 12 months to October 2000 are 10, which is 83 % of their days."""
    found = asked(entry, "2013-10/2013-12", time_step="monthly", accumulate=12)
    assert found.series.against[0]["years_used"][:, 0].tolist() == [13, 13, 14]
    first = asked(entry, "2000-10/2000-12", "mean", time_step="monthly", accumulate=12, against="")
    assert np.isnan(first.series.values[0, :, 0]).tolist() == [True, True, False]
    notes = [note.text for note in first.plan.notes()]
    assert any(text.startswith("2 of them hold steps from before the data begin") for text in notes)
    cut = asked(entry, "2015-05", time_step="monthly", accumulate=12)
    years = cut.series.against[0]["years_used"][0, 0]
    assert years == 13  # twelve months to 12 May 2000 are five
    index = asked(entry, "2000/2001", time_step="monthly", accumulate=12, against="", index="spi")
    assert np.isnan(index.series.values[0, :, 0]).tolist() == [True] * 11 + [False] * 13


def test_winters_begin_in_the_year_of_their_december(entry: CatalogEntry, rain: pd.Series) -> None:
    found = asked(entry, "2013-12/2014-02", time_step="seasonal")
    winters = [
        float(rain[f"{y}-12-01" : f"{y + 1}-03-01"].iloc[:-1].sum()) for y in range(2000, 2014)
    ]
    check(found, winters[-1:], [winters])


def test_a_period_as_one_step_of_a_year_and_a_half(entry: CatalogEntry, rain: pd.Series) -> None:
    found = asked(entry, "2013-11/2015-02", time_step="period")
    spans = [
        float(rain[f"{y}-11-01" : f"{y + 2}-03-01"].iloc[:-1].sum()) for y in range(2000, 2014)
    ]
    check(found, spans[-1:], [spans])


def test_days_are_compared_with_fifteen_a_year(entry: CatalogEntry, rain: pd.Series) -> None:
    found = asked(entry, "2014-03-01/2014-03-02")
    samples = [
        [
            value
            for y in range(2000, 2014)
            for value in rain[day(y) - pd.Timedelta(days=7) : day(y) + pd.Timedelta(days=7)]
        ]
        for day in (lambda y: pd.Timestamp(y, 3, 1), lambda y: pd.Timestamp(y, 3, 2))
    ]
    assert len(samples[0]) == 15 * 14
    check(found, rain["2014-03-01":"2014-03-02"].tolist(), samples)


def test_weeks(entry: CatalogEntry, rain: pd.Series) -> None:
    found = asked(entry, "2014-03-03/2014-03-09", time_step="weekly")
    weekly = rain.resample("W-MON", label="left", closed="left").sum()
    samples = [
        float(weekly.iloc[np.abs(weekly.index - pd.Timestamp(y, 3, 3)).argmin()])
        for y in range(2000, 2014)
    ]
    check(found, [float(weekly["2014-03-03"])], [samples])


def test_the_own_year_can_be_left_out(entry: CatalogEntry, rain: pd.Series) -> None:
    period = "2005-04"
    whole = in_years(rain, "04-01", "04-30")
    check(asked(entry, period, time_step="monthly"), [whole[5]], [whole])
    found = asked(entry, period, time_step="monthly", own_year="out")
    others = whole[:5] + whole[6:]
    np.testing.assert_allclose(found.series.against[0]["normal"][0, 0], np.mean(others), rtol=1e-9)
    assert found.series.against[0]["years_used"][0, 0] == 13


def test_values_are_those_of_the_request_without_a_reference(entry: CatalogEntry) -> None:
    for step in ("native", "pentad", "dekad", "monthly", "seasonal"):
        with_it = asked(entry, "2003-03/2004-05", time_step=step).series
        without = asked(entry, "2003-03/2004-05", time_step=step, against="").series
        assert with_it.times == without.times
        np.testing.assert_array_equal(with_it.values, without.values)
        assert with_it.complete == without.complete


def test_what_is_read_is_planned_alike(entry: CatalogEntry) -> None:
    """A plan sees only the steps that are read, and must find the same comparison in them."""
    for period, options in (
        ("2015", Options(time_step="monthly", against=REFERENCE)),
        ("2014-02/2015-04", Options(time_step="seasonal", against=REFERENCE)),
        ("2015-02", Options(against=REFERENCE)),
        ("2013-11/2015-02", Options(time_step="period", against=REFERENCE)),
    ):
        every, read = steps_to_read(entry, Period.parse(period), options)
        first = compare_steps(every, Period.parse(period), options).comparison
        again = compare_steps(read, Period.parse(period), options).comparison
        np.testing.assert_array_equal(first.shown, again.shown)
        np.testing.assert_array_equal(first.samples, again.samples)
        np.testing.assert_array_equal(first.years, again.years)


@pytest.fixture
def of_years(tmp_path: Path) -> Callable[..., CatalogEntry]:
    def make(first: str, last: str) -> CatalogEntry:
        days = (pd.date_range(first, last, freq="MS") - pd.Timestamp("2019-01-01")).days.to_numpy()
        values = np.ones((len(days), 2, 4), "f4")
        write_granule(tmp_path / "rain" / "all.nc", values, LAT[:2], LON[:4], days=days)
        return CatalogEntry("rain", "rain", "rain", "rain/*.nc", tmp_path)

    return make


@pytest.mark.parametrize(
    ("first", "last", "reference"),
    [
        ("1981-01", "2024-06", "1991/2020"),
        ("1991-01", "2020-12", "1991/2020"),
        ("1991-02", "2024-06", "1992/2023"),  # begins later
        ("2001-01", "2024-12", "2001/2024"),
        ("1981-01", "2012-12", "1981/2012"),  # 22 of 30 years
        ("1981-01", "2014-12", "1991/2020"),  # 24 of 30
    ],
)
def test_the_reference_that_suits_a_dataset(
    of_years: Callable[..., CatalogEntry], first: str, last: str, reference: str
) -> None:
    entry = of_years(first, last)
    found = settle_reference(entry, Period.parse("2010"), Options(against="default"))
    assert found.against == reference


def test_too_few_years_are_refused_with_what_there_is(
    of_years: Callable[..., CatalogEntry],
) -> None:
    entry = of_years("2015-03", "2024-06")
    with pytest.raises(InvalidRequestError, match="has 8, from 2015-03-01 to 2024-06-01"):
        settle_reference(entry, Period.parse("2020"), Options(against="default"))
    with pytest.raises(InvalidRequestError, match="in 1991/2020, which has 5 of the steps asked"):
        asked(entry, "2024-01", against="1991/2020")


def test_a_reference_that_the_data_cover_in_part_is_told(
    of_years: Callable[..., CatalogEntry],
) -> None:
    found = asked(of_years("2005-01", "2024-06"), "2024-01", against="1991/2020")
    (note,) = [one for one in found.plan.notes() if one.code == "reference"]
    assert note.text == "normals are of 16 of the 30 years of 1991/2020: the data have 2005 to 2020"


@pytest.mark.parametrize("name", ["hourly", "month"])
def test_a_time_step_that_there_is_not_is_refused_with_those_that_there_are(
    entry: CatalogEntry, name: str
) -> None:
    with pytest.raises(InvalidRequestError, match=f"unknown time step '{name}'; allowed are nat"):
        asked(entry, "2014-05", time_step=name)


def test_each_of_several_operations_is_compared_as_if_it_were_alone(entry: CatalogEntry) -> None:
    every = ("mean", "max", "count", "p90.5")
    both = asked(entry, "2014-02/2015-05", ",".join(every), time_step="monthly").series
    for number, name in enumerate(every):
        alone = asked(entry, "2014-02/2015-05", name, time_step="monthly").series
        assert alone.against[0].keys() == both.against[number].keys()
        for key, numbers in alone.against[0].items():
            np.testing.assert_array_equal(both.against[number][key], numbers)
    assert both.against[0]["normal"][0, 0] != both.against[2]["normal"][0, 0]


def test_what_is_known_so_far_is_of_the_steps_that_are_asked_for(
    entry: CatalogEntry, tmp_path: Path
) -> None:
    """The steps of other years are computed, too, and shown to nobody."""
    catalog = tmp_path / "own.toml"
    catalog.write_text('[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain/*.nc"\n')
    settings = Settings(home=tmp_path / "home", data=entry.data, catalog=catalog)
    asked_for = {"time_step": "monthly", "against": REFERENCE, "units": "mm"}
    attempt = planned(settings, "rain", "mean", AREA, "2015-03/2015-05", **asked_for)
    calls = [*attempt.waiting, *(call for group in attempt.later for call in group)]
    *of_blocks, last = calls
    for call in of_blocks[:2]:  # the weights, and whole months
        run(call)
    part = read_partial(attempt.context.work)
    assert part
    assert part["series"][0]["time"] == ["2015-03-01", "2015-04-01"]
    assert part["steps"]["end"] == ["2015-03-31", "2015-04-30"]
    assert part["runs"] == [[0, 2]]
    for call in (*of_blocks[2:], last):
        run(call)
    plain = Result(settings.home / "results" / attempt.task.id).json
    assert plain["series"][0]["value"][:2] == part["series"][0]["value"]
    assert plain["series"][0]["time"] == ["2015-03-01", "2015-04-01", "2015-05-01"]
    assert plain["intervals"]["end"][-1] == "2015-05-13"
    assert len(plain["series"][0]["against"]["normal"]) == 3
