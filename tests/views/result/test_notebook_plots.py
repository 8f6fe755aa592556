"""What plots draw: every step, gaps as gaps, units, zones by their value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pytest
import shapely
from bokeh.models import HoverTool, LinearColorMapper

from csserv import Area, Result, Zone
from csserv.errors import InvalidRequestError, TaskNotFinishedError
from csserv.notebook.result import Partial

ZONES = Area(
    (
        Zone("a", "West", shapely.box(30, 0, 32, 2)),
        Zone("b", "East", shapely.box(32, 0, 34, 2).difference(shapely.box(32.5, 0.5, 33, 1))),
        Zone("c", "Town", shapely.Point(36, 1)),
    ),
    "three zones",
)


def plain(times: list[str], values: dict[str, list[float | None]]) -> dict[str, Any]:
    zones = {zone.id: zone.name for zone in ZONES.zones}
    return {
        "request": {"dataset": "rain", "operation": "mean", "area": "three zones"}
        | {"period": "2019-01-01/2019-01-31"},
        "units": "mm/day",
        "calendar": "standard",
        "series": [
            {
                "zone": {"id": key, "name": zones[key]},
                "time": times,
                "value": row,
                "valid_percent": [100.0 if one is not None else 0.0 for one in row],
            }
            for key, row in values.items()
        ],
        "provenance": {"dataset": {"name": "rain", "title": "Rain"}},
    }


@pytest.fixture
def result(tmp_path: Path) -> Result:
    """Five days of January 2019, of which the fourth is not there; East lacks the second."""
    times = ["2019-01-01", "2019-01-02", "2019-01-03", "2019-01-05"]
    values = {"a": [1.0, 2.0, 3.0, 4.0], "b": [5.0, None, 7.0, 9.0], "c": [0.0, 0.0, 0.0, 0.0]}
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(plain(times, values)))
    return Result(folder, ZONES)


def test_each_zone_is_a_line_with_gaps_where_nothing_is_known(result: Result):
    lines, dots = result.plot().values()
    assert lines.keys() == ["West", "East", "Town"]
    west, east = lines["West"], lines["East"]
    assert np.isnan(west["value"]).tolist() == [False, False, False, True, False]
    assert np.isnan(east["value"]).tolist() == [False, True, False, True, False]
    assert dots["East"]["value"].tolist() == [5.0, 7.0, 9.0]
    drawn = hv.render(result.plot())
    assert drawn.title.text == "values of rain, averaged over the area, three zones"
    assert drawn.yaxis.axis_label == "values of rain [mm/day]"
    tips = [tip for tool in drawn.select({"type": HoverTool}) for tip in tool.tooltips]
    assert ("With data", "@{percent}{0.[0]} %") in tips


def test_zones_of_a_legend_are_in_the_order_of_the_result(tmp_path: Path):
    names = ["Central", "Coast", "Eastern", "Nairobi", "North", "Nyanza", "Rift Valley", "Western"]
    zones = Area(tuple(Zone(one, one, shapely.box(30, 0, 32, 2)) for one in names), "Kenya")
    found = plain(["2019-01-01", "2019-01-02", "2019-01-03"], {})
    whole = {"value": [1.0] * 3, "valid_percent": [100.0] * 3}
    found["series"] = [
        {"zone": {"id": one, "name": one}, "time": ["2019-01-01", "2019-01-02", "2019-01-03"]}
        | whole
        for one in names
    ]
    lines, _ = Partial(found, zones, 1.0).plot().values()
    assert list(lines.keys()) == names


def test_plots_of_nothing_say_so():
    none = [None, None]
    found = Partial(plain(["2019-01-01", "2019-01-02"], dict.fromkeys("abc", none)), ZONES, 1.0)
    for shown in (found.plot(), found.plot.map(), found.plot.season("West")):
        assert hv.render(shown).title.text.endswith("\nNo step of this period has data here.")


def test_title_of_a_narrow_map_is_broken_not_cut(result: Result):
    title = hv.render(result.plot.map(width=320)).title.text
    assert title.split("\n")[:2] == ["values of rain, averaged over the", "area, three zones"]
    own = hv.render(result.plot.map(width=320, title="word " * 12))
    assert own.title.text == "word word word word word word word\nword word word word word"


def test_axis_says_how_many_steps_a_value_is_of():
    found = plain(["2019-01-01", "2019-02-01"], {"a": [1.0, 2.0]})
    found |= {"time_step": {"name": "monthly", "rule": "sum", "accumulate": 3}}
    found |= {"steps": {"end": ["2019-01-31", "2019-02-28"], "complete": [True, True]}}
    label = hv.render(Partial(found, ZONES, 0.25).plot()).yaxis.axis_label
    assert label == "monthly values of rain, 3 steps taken together\n[mm/day]"


def test_options_are_those_of_hvplot(result: Result):
    drawn = hv.render(result.plot(title="own", width=333))
    assert (drawn.title.text, drawn.width) == ("own", 333)
    assert hv.render(result.plot.map(width=300, height=200)).width == 300


def test_plots_fit_the_paper_that_they_are_shown_on(result: Result):
    lines, zones = hv.render(result.plot()), hv.render(result.plot.map())
    assert (lines.sizing_mode, lines.width, lines.height) == ("stretch_width", None, 340)
    assert (zones.sizing_mode, zones.width) == ("scale_width", None)
    assert 240 < zones.max_width <= 890
    assert zones.max_width / zones.aspect_ratio == pytest.approx(480, abs=280)


def test_map_of_one_given_side_keeps_its_proportions(result: Result):
    usual = hv.render(result.plot.map()).aspect_ratio
    wide, high = hv.render(result.plot.map(width=500)), hv.render(result.plot.map(height=300))
    assert wide.width / wide.height == pytest.approx(usual, rel=0.01)
    assert high.width / high.height == pytest.approx(usual, rel=0.01)


def test_map_takes_options_of_its_zones_and_of_its_frame(result: Result):
    shown = result.plot.map(cmap="Blues", clim=(0, 50), line_width=3, title="own")
    drawn = hv.render(shown)
    colours = drawn.select({"type": LinearColorMapper})
    assert {(one.low, one.high, one.palette[-1]) for one in colours} == {(0, 50, "#08306b")}
    assert drawn.title.text == "own"
    _, zones, points = shown.values()
    assert [one.opts.get("style").kwargs["line_width"] for one in (zones, points)] == [3, 3]
    with pytest.raises(ValueError, match="option 'titel'"):
        result.plot.map(titel="own")


def test_zones_are_coloured_by_their_mean_or_by_one_step(result: Result):
    def values(shown: hv.Overlay) -> dict[str, float]:
        _, polygons, points = shown.values()
        rows = [part for one in (polygons, points) for part in one.dframe().to_dict("records")]
        return {row["zone"]: row["value"] for row in rows if row["zone"] != "nan"}

    assert values(result.plot.map()) == {"West": 2.5, "East": 7.0, "Town": 0.0}
    step = values(result.plot.map("2019-01-02"))
    assert (step["West"], np.isnan(step["East"])) == (2.0, True)
    sliding = result.plot.map("2019-01-03", slider=True)
    (time,) = sliding.kdims
    assert [time.pprint_value(one) for one in time.values][3] == "2019-01-05"
    assert values(sliding[time.default])["East"] == 7.0
    assert hv.render(result.plot.map()).title.text.endswith("mean of 2019-01-01 to 2019-01-05")
    for step, message in (
        ("2020", "2020 is no step of the result, which has 2019-01-01 to 2019-01-05"),
        ("1 March 2020", "1 March 2020 is no step"),
        ("", "an empty date is no step"),
        ("2019", "2019 is 4 steps of the result: 2019-01-01, 2019-01-02, 2019-01-03, 2019-01-05$"),
    ):
        with pytest.raises(InvalidRequestError, match=message):
            result.plot.map(step)


def test_a_part_of_an_answer_opens_and_draws_as_a_whole_one_does():
    found = plain(["2019-01-01", "2019-01-02"], {"a": [1.0, 2.0]})
    found.pop("provenance")
    part = Partial(found, ZONES, 0.25)
    assert len(part) == 2
    assert repr(part).endswith("2 steps known, 2019-01-01 to 2019-01-02 (25% of the work done)")
    assert part.to_xarray().values.tolist() == [1.0, 2.0]
    assert part.to_dataframe()["value"].tolist() == [1.0, 2.0]
    assert (
        hv.render(part.plot()).title.text == "values of rain, averaged over the area, three zones"
    )
    nothing = Partial(plain([], {"a": [], "b": [], "c": []}), ZONES, 0.0)
    assert len(nothing) == 0
    assert nothing.to_xarray().shape == (3, 0)
    assert nothing.to_dataframe().empty
    with pytest.raises(TaskNotFinishedError, match="no step is known yet"):
        nothing.plot()


def test_a_summary_writes_large_numbers_out(tmp_path: Path):
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(plain(["2019-01-01"], {"a": [99999.6]})))
    result = Result(folder, ZONES)
    assert "values  100,000 to 100,000 mm/day" in repr(result)
    assert "<td>100,000</td>" in result._repr_html_()


def test_a_summary_counts_in_the_singular(tmp_path: Path):
    known = [f"2019-01-0{day}" for day in range(1, 7)]
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(plain(known[:1], {"a": [1.0]})))
    assert "series  1 step, 2019-01-01 to 2019-01-01" in repr(Result(folder, ZONES))
    (folder / "one.json").write_text(json.dumps(plain(known, {"a": [1.0] * 6})))
    assert "and 1 more step<" in Result(folder, ZONES)._repr_html_()
    part = Partial(plain(known[:1], {"a": [1.0]}), ZONES, 0.25)
    assert "1 step known, 2019-01-01" in repr(part)


def test_a_result_says_what_it_is_and_what_it_can(result: Result):
    text = repr(result)
    assert "mean of rain (Rain)" in text
    assert "3 zones, 4 steps, 2019-01-01 to 2019-01-05" in text
    assert "0 to 9 mm/day; 1 without data" in text
    shown = result._repr_html_()
    assert "<code>.plot.map()</code>" in shown
    assert "<td>no data</td>" in shown
