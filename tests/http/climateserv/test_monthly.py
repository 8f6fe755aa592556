"""The numbers of the monthly analysis."""

from __future__ import annotations

from csserv.http.climateserv.monthly import analysis


def record(months: list[tuple[str, float | None, bool]]) -> dict[str, object]:
    times, values, complete = zip(*months, strict=True)
    series = {"time": list(times), "value": list(values)}
    return {"series": [series], "steps": {"complete": list(complete)}}


def forecast(first: int, last: int, value: float) -> dict[str, object]:
    days = [f"2024-02-{day:02}" for day in range(first, last + 1)]
    series = {"time": days, "value": [value] * len(days)}
    return {"calendar": "standard", "series": [series]}


YEARS = [
    ("2020-02-01", 10.0, True),
    ("2021-02-01", 20.0, True),
    ("2022-02-01", 30.0, True),
    ("2023-02-01", 80.0, True),
    ("2024-02-01", 999.0, False),
    ("2019-02-01", None, True),
    ("2023-03-01", 5.0, True),
]


def test_percentiles_and_mean_are_those_of_the_whole_months() -> None:
    (row,) = analysis(record(YEARS), [forecast(1, 29, 1.0)])
    assert row == {
        "col01_Month": "02",
        "col02_MonthlyAverage": 29.0,
        "col03_25thPercentile": 17.5,
        "col04_75thPercentile": 42.5,
        "col05_50thPercentile": 25.0,  # the mean is 35
        "col06_LongTermMean": 35.0,
    }


def test_a_month_filled_by_half_stands_for_the_whole_and_less_does_not() -> None:
    (row,) = analysis(record(YEARS), [forecast(1, 15, 2.0)])
    assert row["col02_MonthlyAverage"] == 58.0
    assert analysis(record(YEARS), [forecast(1, 14, 2.0)]) == []


def test_members_count_alike() -> None:
    (row,) = analysis(record(YEARS), [forecast(1, 29, 1.0), forecast(1, 20, 2.0)])
    assert row["col02_MonthlyAverage"] == 43.5
