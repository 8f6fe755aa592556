"""Each missing value has a reason, and the reason is the one that made it missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csserv.catalog import CatalogEntry
from csserv.errors import InvalidRequestError
from csserv.outputs.reasons import CODES, why
from csserv.request import Area, Options, Period, Request, Zone
from csserv.tasks.work.in_process import compute_series
from tests.files import LAT, LON, write_granule

INSIDE = Zone("in", "Inside", Area.from_box(30.0, -1.0, 33.0, 2.0).zones[0].geometry)
OUTSIDE = Zone("off", "Outside", Area.from_box(100.0, 40.0, 101.0, 41.0).zones[0].geometry)


def document(
    folder: Path, values: np.ndarray, days: np.ndarray, zones: tuple[Zone, ...], **options: Any
) -> dict[str, Any]:
    """What a result's JSON says, of days since 1 January 2019."""
    path = write_granule(folder / "rain.nc", values, LAT, LON, days=days)
    entry = CatalogEntry("rain", "Rain", "rain", path.name, folder, units="mm/day")
    period = Period.parse("2019-01-01/2019-02-28")
    request = Request("rain", "mean", Area(zones, "zones"), period, Options.of(**options))
    found = compute_series(entry, entry.covering(period), request)
    longer = found.plan.steps.longer
    series = [
        one | {"percent_on_grid": 100.0 * share}
        for one, share in zip(found.series.to_list(), found.on_grid, strict=True)
    ]
    steps = {
        "end": ["{:04}-{:02}-{:02}".format(*step.end) for step in longer],
        "complete": [step.complete for step in longer],
    }
    return {
        "request": {"operation": "mean", "dataset": "rain", "period": str(period)},
        "units": found.conversions[0].units,
        "series": series,
        "time_step": {"least_valid_percent": request.options.least_valid},
    } | ({"steps": steps} if longer else {})


def field(days: int, missing: slice = slice(0)) -> np.ndarray:
    values = np.ones((days, len(LAT), len(LON)))
    values[missing] = np.nan
    return values


@pytest.mark.parametrize(
    ("date", "zone", "code", "said"),
    [
        ("2019-01-07", "Inside", "value", "1 mm/day, from 100 % of its area"),
        ("2019-01-02", "Inside", "no_data", "no cell of the zone has data at 2019-01-02"),
        ("2019-01-07", "Outside", "outside", "outside the grid"),
        ("2019-01-25", "Inside", "no_step", "nearest are 2019-01-20 and 2019-01-30"),
        ("2019-03-01", "Inside", "period", "2019-01-01 to 2019-02-28"),
        ("2018-12", "Inside", "period", "is not asked for"),
    ],
)
def test_reason_is_what_made_the_value_missing(
    tmp_path: Path, date: str, zone: str, code: str, said: str
):
    days = np.array([*range(20), *range(29, 40)])
    plain = document(tmp_path, field(31, slice(1, 3)), days, (INSIDE, OUTSIDE))
    reason = why(plain, date, zone)
    assert (reason.code, reason.zone) == (code, zone)
    assert said in reason.text


@pytest.mark.parametrize(
    ("least_valid", "date", "code"),
    [
        (80, "2019-01-15", "least_valid"),
        (50, "2019-01-15", "value"),
        (80, "2019-02-03", "value"),
    ],
)
def test_longer_steps_say_how_much_of_their_days_they_have(
    tmp_path: Path, least_valid: int, date: str, code: str
):
    plain = document(
        tmp_path,
        field(59, slice(0, 10)),
        np.arange(59),
        (INSIDE,),
        time_step="monthly",
        least_valid=least_valid,
    )
    reason = why(plain, date)
    assert reason.code == code
    assert ("67.74 %" in reason.text) == (code == "least_valid")


def test_number_that_is_not_finite_is_told_from_missing_data(tmp_path: Path):
    plain = document(tmp_path, field(5), np.arange(5), (INSIDE,))
    plain["series"][0]["value"][3] = None  # as JSON has infinity
    assert why(plain, "2019-01-04").code == "not_finite"


def test_zone_and_operation_that_the_result_lacks_are_refused(tmp_path: Path):
    plain = document(tmp_path, field(5), np.arange(5), (INSIDE, OUTSIDE))
    with pytest.raises(InvalidRequestError, match="say which zone, of Inside, Outside"):
        why(plain, "2019-01-01")
    with pytest.raises(InvalidRequestError, match="no zone 'Elsewhere'"):
        why(plain, "2019-01-01", "Elsewhere")
    with pytest.raises(InvalidRequestError, match="no max; it has mean"):
        why(plain, "2019-01-01", "Inside", "max")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["native", "pentad", "monthly"]))
def test_no_value_is_missing_without_a_reason(
    tmp_path_factory: pytest.TempPathFactory, seed: int, step: str
):
    random = np.random.default_rng(seed)
    days = np.sort(random.choice(59, 40, replace=False))
    values = np.where(random.random((40, len(LAT), len(LON))) < 0.4, np.nan, 1.0)
    values[random.random(40) < 0.3] = np.nan
    folder = tmp_path_factory.mktemp("reasons")
    plain = document(folder, values, days, (INSIDE, OUTSIDE), time_step=step)
    for one in plain["series"]:
        for time, value in zip(one["time"], one["value"], strict=True):
            code = why(plain, time, one["zone"]["id"]).code
            assert code in CODES
            assert (code == "value") == (value is not None)
            assert (code == "outside") == (one["zone"]["id"] == "off")
