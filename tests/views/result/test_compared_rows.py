"""The table against what is normal says what the result says, in texts that can be compared."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from csserv.views.parts.series_table import SeriesTable
from csserv.views.result.compared_rows import MOST_ROWS, ComparedRows, compared_rows
from csserv.views.result.compared_view import ComparedView
from tests.outputs.compared import document, series_of


def rain(zones: int = 1) -> Any:
    """Months of 1991 to 2025: each month of 30 years is 1, 2, …, 30 mm, then again from 1 mm."""
    years = np.repeat(np.arange(35) % 30 + 1.0, 12)
    return np.stack([years * (zone + 1) for zone in range(zones)], axis=1)


def plain_of(values: Any, asked: range = range(2025, 2026), **how: Any) -> dict[str, Any]:
    series = series_of(values, asked, **how)
    return document(series) | {"series": series.to_list()}


def rows_of(plain: dict[str, Any], number: int = 0) -> ComparedRows:
    return compared_rows(plain, number, SeriesTable.of_json(plain).step_in_words)


def test_each_step_has_value_normal_and_how_they_stand():
    given = rain()
    given[-1] = 30  # December of 2025
    found = rows_of(plain_of(given))
    assert found.titles == (
        *("Step", "Value [mm]", "Normal [mm]", "Anomaly [mm]"),
        *("% of normal", "Rank of 100", "Against normal"),
    )
    assert len(found.rows) == 12
    # 15.5 mm is normal; 30 mm is the largest of 30 years, and 5 mm has 4 of them below
    assert found.rows[0] == ("2025-12-01", "30.00", "15.50", "+14.50", "194", "98", "▲ above")
    assert found.rows[-1] == ("2025-01-01", "5.00", "15.50", "-10.50", "32", "15", "▼ below")
    assert found.years == (30, 30)
    assert found.sentence.startswith("West, 2025-12-01: 30 mm, 194 % of normal")


def test_what_is_missing_is_said_and_no_column_is_empty():
    given = rain()
    given[: 12 * 25 : 12] = np.nan  # too few Januaries
    given[-11] = np.nan  # February of 2025
    found = rows_of(plain_of(given))
    assert found.rows[-1][1:] == ("5.00", "none", "none", "none", "none", "none")
    assert found.rows[-2][1:3] == ("no data", "15.50")
    assert found.rows[-2][3:] == ("none", "none", "none", "none")
    assert found.years == (5, 30)
    cold = rain() - 10  # values below 0 are no share of normal
    assert "% of normal" not in rows_of(plain_of(cold)).titles
    assert rows_of(plain_of(cold)).rows[-1][3] == "-10.500"


def test_nothing_but_holes_is_shown_all_the_same():
    found = rows_of(plain_of(np.full((35 * 12, 1), np.nan)))
    assert found.titles == ("Step", "Value [mm]", "Normal [mm]")
    assert {row[1:] for row in found.rows} == {("no data", "none")}
    assert "no value" in found.sentence


@pytest.mark.parametrize(
    ("factor", "value", "anomaly"),
    [(1e-6, "0.00000500", "-0.00001050"), (1e4, "50,000", "-105,000"), (0, "0", "+0")],
)
def test_numbers_of_a_table_have_the_same_decimals(factor: float, value: str, anomaly: str):
    row = rows_of(plain_of(rain() * factor)).rows[-1]
    assert row[1] == value
    assert row[3] == anomaly


def test_the_latest_steps_are_shown_and_the_others_counted():
    plain = plain_of(rain(), range(1991, 2026))
    found = rows_of(plain)
    assert (len(found.rows), found.left_out) == (MOST_ROWS, 35 * 12 - MOST_ROWS)
    assert (found.rows[0][0], found.rows[-1][0]) == ("2025-12-01", "1992-09-01")


def test_each_member_has_a_table_of_its_own():
    plain = plain_of(rain(4), members=("1", "2"))
    assert rows_of(plain, 1).rows[-1][1] == "10.00"
    assert rows_of(plain, 3).rows[-1][1] == "20.00"
    assert rows_of(plain, 3).sentence.startswith("East, member 2, 2025-12-01: 20 mm")


def test_view_says_the_reference_and_takes_no_script_from_a_name():
    plain = plain_of(rain(2), range(1991, 2026))
    plain["series"][1]["zone"]["name"] = "<img src=x onerror=alert(1)>"
    table = SeriesTable.of_json(plain)
    loaded = SimpleNamespace(table=table, operation="mean", result=SimpleNamespace(json=plain))
    view = ComparedView()
    assert view.show(loaded)  # type: ignore[arg-type]
    assert view.zone.visible
    assert "West, 2025-12-01" in view.sentence.object
    said = view.reference.object
    assert "compared with the same step of 1991 to 2020; its own year counts" in said
    assert "30 years have a value" in said
    assert "the latest 400 steps; the files below have the 20 before them" in said
    view.zone.value = "1"
    assert "&lt;img" in view.sentence.object
    assert "<img" not in view.sentence.object + view.table.object
    assert view.table.object.count("<tr>") == MOST_ROWS + 1


def test_view_of_a_result_that_is_compared_with_nothing_is_not_shown():
    plain = plain_of(rain())
    del plain["against"]
    for one in plain["series"]:
        del one["against"]
    loaded = SimpleNamespace(table=SeriesTable.of_json(plain), result=SimpleNamespace(json=plain))
    assert not ComparedView().show(loaded)  # type: ignore[arg-type]
