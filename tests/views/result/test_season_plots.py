"""Years beside each other, bars up and down, maps of a statistic: each value where it belongs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import holoviews as hv
import numpy as np
import pytest
import shapely

from csserv import Area, Zone
from csserv.errors import InvalidRequestError
from csserv.notebook.comparing import name_results
from csserv.notebook.result import PlottablePart
from tests.outputs.compared import document, series_of

AREA = Area(
    (Zone("w", "West", shapely.box(30, 0, 32, 2)), Zone("e", "East", shapely.box(32, 0, 34, 2))),
    "two zones",
)


@pytest.fixture(scope="module")
def result() -> PlottablePart:
    """Months of 2019 and 2020; year n since 1991 has n + month in West, and 10 less in East."""
    months = np.arange(12) + np.arange(1, 31)[:, None]
    west = months.reshape(-1).astype(float)
    series = series_of(np.stack([west, west - 10], axis=1), range(2019, 2021))
    plain = document(series)
    plain["series"] = list(series.each())
    return PlottablePart(plain, AREA)


def curves(shown: hv.Overlay) -> dict[str, list[float]]:
    return {one.label: one.dimension_values("amount").tolist() for one in shown if one.label}


def test_last_year_is_bold_before_the_others_and_what_is_normal(result: PlottablePart):
    shown = result.plot.season("West")
    drawn = curves(shown)
    assert drawn["2020"] == [30.0 + month for month in range(12)]
    assert drawn["other years"] == [29.0 + month for month in range(12)]
    assert drawn["normal, 1991 to 2020"] == [15.5 + month for month in range(12)]
    days = shown.values()[-1].dimension_values("day")
    assert days[1] - days[0] == np.timedelta64(31, "D")
    assert hv.render(shown).title.text.endswith("West")


def test_amounts_add_up_since_the_season_began(result: PlottablePart):
    shown = result.plot.season("West", start=10, cumulative=True)
    drawn = curves(shown)
    # October to December 2020 are its last season: 39, 40, 41
    assert drawn["2020-2021"] == [39.0, 79.0, 120.0]
    years = [one.dimension_values("amount").tolist() for one in shown if one.label == "other years"]
    (only,) = years  # of that of 2018, October to December are not known
    assert only[:4] == [38.0, 77.0, 117.0, 147.0]  # October 2019 to January 2020: 30
    assert hv.render(shown).yaxis.axis_label == "sum of monthly rainfall [mm]"
    with pytest.raises(InvalidRequestError, match="allowed are the months, 1 to 12"):
        result.plot.season("West", start=13)


def test_a_single_step_is_seen(result: PlottablePart):
    series = [
        one | {name: one[name][:1] for name in ("time", "value", "valid_percent")}
        for one in result.json["series"]
    ]
    steps = {name: one[:1] for name, one in result.json["steps"].items()}
    for one in series:
        one["against"] = {name: values[:1] for name, values in one["against"].items()}
    shown = replace(result, json=result.json | {"series": series, "steps": steps}).plot.season(
        "West"
    )
    dots = [one for one in shown if isinstance(one, hv.Scatter)]
    assert [one.dimension_values("amount").tolist() for one in dots] == [[15.5], [29.0]]
    axis = hv.render(shown).x_range
    assert axis.end - axis.start == np.timedelta64(2 * 31, "D")


def test_anomalies_of_nothing_say_so(result: PlottablePart):
    series = [one | {"against": dict(one["against"])} for one in result.json["series"]]
    series[0]["against"]["anomaly"] = [None] * 24
    shown = hv.render(replace(result, json=result.json | {"series": series}).plot.anomaly("West"))
    assert shown.title.text.endswith("\nAt each step, the value or what is normal is missing.")
    assert str(shown.x_range.start) == "2019-01-01T00:00:00"


def test_lines_can_be_of_one_zone_with_what_is_normal_behind(result: PlottablePart):
    shown = result.plot("west")
    assert any(isinstance(one, hv.Area) for one in shown)
    assert hv.render(shown).title.text == "monthly rainfall, averaged over the area, West"
    with pytest.raises(InvalidRequestError, match="no zone 'North', of West, East"):
        result.plot("North")


def test_zone_must_be_one(result: PlottablePart):
    for plot in (result.plot.season, result.plot.anomaly):
        with pytest.raises(InvalidRequestError, match="say which zone, of West, East"):
            plot()
        with pytest.raises(InvalidRequestError, match="no zone 'North', of West, East"):
            plot("North")
        assert hv.render(plot("EAST")).title.text.endswith(", East")


def test_what_does_not_add_up_is_not_added_up(result: PlottablePart):
    warm = result.json | {"time_step": {"name": "monthly", "rule": "mean"}, "units": "degC"}
    with pytest.raises(InvalidRequestError, match="does not add up over time"):
        replace(result, json=warm).plot.season("West", cumulative=True)


def test_anomalies_are_bars_from_normal_down_and_up(result: PlottablePart):
    less, more, _ = result.plot.anomaly("West").values()
    assert (less.label, more.label) == ("drier than normal", "wetter than normal")
    assert len(less) == 0
    assert more.dimension_values("value").tolist() == [13.5] * 12 + [14.5] * 12
    columns = more.dframe().iloc[0]
    assert (columns["y0"], columns["y1"]) == (0.0, 13.5)
    percent = result.plot.anomaly("West", value="percent_of_normal").values()[1].dframe()
    assert percent["y0"].tolist() == [100.0] * 24
    assert percent["y1"].iloc[0] == pytest.approx(100 * 29 / 15.5)
    with pytest.raises(InvalidRequestError, match="allowed are anomaly, percent_of_normal"):
        result.plot.anomaly("West", value="tercile")
    hv.render(result.plot.anomaly("West"))


def colours(shown: Any) -> dict[str, float]:
    rows = shown.values()[1].dframe().to_dict("records")
    return {row["zone"]: row["value"] for row in rows if row["zone"] != "nan"}


def test_map_shows_a_statistic_with_what_is_normal_in_the_middle(result: PlottablePart):
    shown = result.plot.map(value="percent_of_normal")  # of December 2020
    west, east = 100 * 41 / 26.5, 100 * 31 / 16.5
    assert colours(shown) == {"West": pytest.approx(west), "East": pytest.approx(east)}
    bar = hv.render(shown).select_one({"type": hv.plotting.bokeh.element.LinearColorMapper})
    assert (bar.low, bar.high) == (0.0, 200.0)
    for january in ("2019-01", "2019-01-15"):  # a day in it, too
        assert colours(result.plot.map(january, value="anomaly")) == {"West": 13.5, "East": 13.5}
    with pytest.raises(InvalidRequestError, match="no 'index'; it has value, normal"):
        result.plot.map(value="index")


def test_several_results_are_lines_of_one_zone(result: PlottablePart):
    shown = name_results([("a", result), ("b", result)]).plot("East")
    assert shown.kdims[0].name == "Variable"
    assert [key[0] for key in shown.data] == ["a", "b"]
    assert len(shown["b"]) == 24
