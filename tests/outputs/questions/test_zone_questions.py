"""Which zone is the most, and do members agree: numbers that are worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from csserv import Area
from csserv.errors import InvalidRequestError
from csserv.outputs.questions.ranked_zones import rank
from csserv.outputs.series_result import OfOneOperation
from tests.outputs.compared import document, series_of

AREA = Area.from_box(30, -1, 33, 2)


def answer(
    rows: dict[str, list[float | None]], times: list[str], ends: list[str] | None = None
) -> OfOneOperation:
    """A result of zones, or of zones and members (``"West 1"``), with these values."""
    series: list[dict[str, Any]] = []
    for name, values in rows.items():
        zone, _, member = name.partition(" ")
        own = {"select": {"member": member}} if member else {}
        percent = [0.0 if one is None else 100.0 for one in values]
        numbers = {"time": times, "value": values, "valid_percent": percent}
        series.append({"zone": {"id": zone[0].lower(), "name": zone}, **own, **numbers})
    labels = list(dict.fromkeys(one["select"]["member"] for one in series if "select" in one))
    coordinates = {"labels": labels, "coordinates": labels, "dtype": "object", "attributes": {}}
    plain = {
        "request": {"dataset": "rain", "operation": "mean", "period": "2019/2020"}
        | {"options": {"select": []}},
        "units": "mm",
        "calendar": "standard",
        "series": series,
        **({"dimensions": {"member": coordinates}} if labels else {}),
        **({"steps": {"end": ends, "complete": [True] * len(ends)}} if ends else {}),
    }
    return OfOneOperation(plain, AREA)


#: months; West has 10 and 30 in spring, East 15 and 15 and lacks a summer
MONTHS = ["2019-03-01", "2019-05-01", "2019-07-01", "2020-03-01"]
ENDS = ["2019-03-31", "2019-05-31", "2019-07-31", "2020-03-31"]
TWO = answer({"West": [10.0, 30.0, 4.0, 5.0], "East": [15.0, 15.0, None, 90.0]}, MONTHS, ENDS)


def test_each_step_has_its_wettest_zone():
    found = TWO.best("wettest")
    assert found.columns.tolist() == ["step", "rank", "zone", "zone_id", "value"]
    assert found["step"].tolist() == MONTHS
    assert found["zone"].tolist() == ["East", "West", "West", "East"]
    assert found["value"].tolist() == [15.0, 30.0, 4.0, 90.0]
    assert found.attrs["units"] == "mm"


def test_seasons_months_and_years_are_ranked_by_the_mean_of_their_steps():
    seasons = TWO.best("wettest", by="season")
    # spring: West (10 + 30 + 5) / 3 = 15, East (15 + 15 + 90) / 3 = 40; summer: West alone
    assert seasons["season"].tolist() == ["MAM", "JJA"]
    assert seasons["zone"].tolist() == ["East", "West"]
    assert seasons["value"].tolist() == [40.0, 4.0]
    months = TWO.best("driest", by="month", count=None)
    march = months[months["month"] == 3]
    assert march["zone"].tolist() == ["West", "East"]
    assert march["value"].tolist() == [7.5, 52.5]
    years = TWO.best(by="year")
    # 2019: West (10 + 30 + 4) / 3, East (15 + 15) / 2 = 15
    assert years["year"].tolist() == [2019, 2020]
    assert years["zone"].tolist() == ["East", "East"]
    (whole,) = TWO.best("lowest", by="period").to_dict("records")
    assert (whole["zone"], whole["value"]) == ("West", 12.25)


def test_members_agree_by_their_own_first_zones():
    found = answer(
        {
            **{"West 1": [9.0, 1.0], "West 2": [8.0, 2.0], "West 3": [1.0, None]},
            **{"East 1": [5.0, 3.0], "East 2": [2.0, 4.0], "East 3": [7.0, None]},
        },
        ["2019-01-01", "2019-07-01"],
        ["2019-01-31", "2019-07-31"],
    )
    # January: West 18 / 3 = 6, East 14 / 3; members 1 and 2 of 3 have West first. July: West 1.5,
    # East 3.5; both members with values have East first
    best = found.best("wettest", by="season")
    assert best["zone"].tolist() == ["West", "East"]
    assert best["value"].tolist() == [6.0, 3.5]
    assert best["members_agree"].tolist() == [pytest.approx(200 / 3), 100.0]
    assert found.best(count=2)["members_agree"].tolist() == [100.0] * 4
    assert "members_agree" not in found.best(count=None)
    one = found.select(member=3).best("wettest", by="season")
    assert one["zone"].tolist() == ["East"]  # there is nothing in July


def test_equal_values_share_a_rank():
    found = answer({"A": [2.0], "B": [5.0], "C": [5.0], "D": [None]}, ["2019-01-01"])
    assert found.best("highest")["zone"].tolist() == ["B", "C"]
    every = found.best("highest", count=None)
    assert every["rank"].tolist() == [1, 1, 3]
    assert every["zone"].tolist() == ["B", "C", "A"]


def test_a_step_over_two_groups_belongs_to_none():
    winter = answer({"A": [2.0], "B": [5.0]}, ["2019-12-01"], ["2020-02-29"])
    assert winter.best("wettest", by="season")["season"].tolist() == ["DJF"]
    with pytest.raises(InvalidRequestError, match="2019-12-01 to 2020-02-29 lies in no one year"):
        winter.best(by="year")
    years = answer({"A": [2.0, 3.0], "B": [5.0, 4.0]}, ["2019-01-01", "2020-01-01"])
    with pytest.raises(InvalidRequestError, match='or say by="step"'):
        years.best(by="season")
    for wrong, named in (
        ({"most": "best"}, "allowed are highest, wettest, warmest, lowest, driest, coolest"),
        ({"most": ["wettest"]}, "most is .'wettest'.; allowed are highest"),
        ({"by": "week"}, "allowed are step, season, month, year, period"),
        ({"by": ["season"]}, "by is .'season'.; allowed are step"),
        ({"count": 0}, "count is 0"),
        ({"count": "3"}, "count is '3'; allowed is 1 or more"),
        ({"count": 1.5}, "count is 1.5; allowed is 1 or more"),
        ({"value": "anomaly"}, 'ask for what is normal, with against="default"'),
    ):
        with pytest.raises(InvalidRequestError, match=named):
            TWO.best(**wrong)
    index = answer({"A": [2.0]}, ["2019-12-01"])
    index.json["index"] = {"index": "spi"}
    with pytest.raises(InvalidRequestError, match="ask without index, with against"):
        index.best(value="anomaly")


def compared(members: tuple[str, ...] = ()) -> OfOneOperation:
    """Months of 2020 of two zones, beside those of 1991 to 2020: n and 2 n in year n."""
    years = np.repeat(np.arange(1.0, 31.0), 12)
    columns = [years, 2 * years, years + 2, 2 * years + 4] if members else [years, 2 * years]
    series = series_of(np.stack(columns[:4], axis=1), range(2020, 2021), members)
    plain = document(series)
    plain["series"] = list(series.each())
    return OfOneOperation(plain, AREA)


def test_table_has_a_row_for_each_zone_with_what_is_normal():
    table = compared().table("2020-03")
    assert table.index.tolist() == ["West", "East"]
    assert table["value"].tolist() == [30.0, 60.0]
    # the mean of 1 to 30 is 15.5
    assert table["normal"].tolist() == [15.5, 31.0]
    assert table["anomaly"].tolist() == [14.5, 29.0]
    assert table["percent_of_normal"].tolist() == [pytest.approx(100 * 30 / 15.5)] * 2
    assert table["tercile"].tolist() == ["above", "above"]
    assert table["rank"].tolist() == [2, 1]
    assert compared().table()["time"].tolist() == ["2020-12-01"] * 2
    best = compared().best("wettest", value="anomaly")
    assert best["anomaly"].tolist() == [29.0] * 12


def test_table_of_an_ensemble_has_its_mean_its_spread_and_the_mean_of_normals():
    table = compared(("1", "2")).table("2020-03")
    # West has 30 and 60 of its members, East 32 and 64
    assert table["value"].tolist() == [45.0, 48.0]
    assert table["low"].tolist() == [30.0, 32.0]
    assert table["high"].tolist() == [60.0, 64.0]
    assert table["members"].tolist() == [2, 2]
    assert table["normal"].tolist() == [pytest.approx(23.25), pytest.approx(26.25)]
    assert table["percent_of_normal"].iloc[0] == pytest.approx(100 * 45 / 23.25)
    assert "tercile" not in table


def test_zone_without_a_value_has_no_rank():
    table = TWO.table("2019-07-01")
    assert table["rank"].isna().tolist() == [False, True]
    assert TWO.table()["time"].iloc[0] == "2020-03-01"


def test_ranks_are_those_of_sorting():
    values = np.array([[3.0, np.nan], [1.0, 2.0], [2.0, 2.0]])
    assert rank(values, True).tolist() == [[1, 3], [3, 1], [2, 1]]
    assert rank(values, False).tolist() == [[3, 3], [1, 1], [2, 1]]
