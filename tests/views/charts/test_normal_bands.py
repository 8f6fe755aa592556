"""Bands of what is normal lie behind the line, level over each step; gaps where nothing is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import HoverTool, Legend

from csserv import Result
from csserv.views.charts.normal_bands import band_outline, band_rows
from csserv.views.charts.series_chart import SeriesChart
from csserv.views.parts.normals_table import INNER, MIDDLE, OUTER, Normals
from csserv.views.parts.series_table import SeriesTable
from tests.outputs.compared import document, series_of, write_result

#: the names of what is drawn, the line's first
LEGEND = ["West", "10 to 90 %", "33 to 67 %", "median, 1991 to 2020"]


def values(zones: int = 1) -> Any:
    """Months of 1991 to 2025, in which the same month of 30 years is 1, 2, …, 30 mm, and so on."""
    years = np.repeat(np.arange(35) % 30 + 1.0, 12)
    return np.stack([years * (zone + 1) for zone in range(zones)], axis=1)


def table(lacking: Any = (), zones: int = 1) -> SeriesTable:
    """The months of 2025; nothing is said of some, whose years are too few."""
    given = values(zones)
    for month in lacking:
        given[month : 12 * 25 : 12] = np.nan
    series = series_of(given, range(2025, 2026))
    return SeriesTable.of_json(document(series) | {"series": series.to_list()})


def normals(of: SeriesTable) -> Normals:
    assert of.normals is not None
    return of.normals


def test_steps_are_level_from_edge_to_edge():
    found = table()
    rows = band_rows(found, normals(found))
    assert len(rows["time"]) == 24
    # January begins half a month before its mark, and ends half way to that of February
    assert rows["time"][:3].astype("datetime64[h]").astype(str).tolist() == [
        *("2024-12-16T12", "2025-01-16T12", "2025-01-16T12")
    ]
    assert (np.diff(rows["time"]).astype(float) >= 0).all()
    assert set(rows[MIDDLE]) == {15.5}
    assert set(rows["normal_p10"]) == {3.5}
    assert set(rows["normal_p90"]) == {27.5}


def test_band_has_a_gap_where_nothing_is_said():
    found = table(lacking=[3])
    outline = band_outline(band_rows(found, normals(found)), OUTER)
    holes = np.flatnonzero(np.isnan(outline["time"]))
    assert len(holes) == 1
    first = outline["value"][: holes[0]]
    # along the top of January to March, and back along the bottom
    assert first.tolist() == [27.5] * 6 + [3.5] * 6
    assert len(outline["time"]) == 2 * 2 * 11 + 1
    nothing = table(lacking=range(12))
    assert band_outline(band_rows(nothing, normals(nothing)), INNER)["time"].size == 0


def test_band_has_a_gap_where_steps_are_missing():
    found = table()
    kept = [0, 1, 5]
    some = replace(
        found,
        times=tuple(found.times[n] for n in kept),
        lengths=found.lengths[kept],
        values=found.values[kept],
        percent=found.percent[kept],
        complete=found.complete[kept],
        normals=Normals("", {name: a[kept] for name, a in normals(found).numbers.items()}),
    )
    rows = band_rows(some, normals(some))
    assert np.isnan(rows["normal_p10"]).tolist() == [False] * 4 + [True] + [False] * 2
    assert rows["time"][-2:].astype("datetime64[D]").astype(str).tolist() == [
        *("2025-05-17", "2025-06-16")
    ]


def test_chart_of_one_line_has_bands_behind_it_with_their_names():
    found = table()
    chart = SeriesChart([found]).figure
    (legend,) = chart.select({"type": Legend})
    assert [item.label["value"] for item in legend.items] == LEGEND
    bands = [item.renderers[0] for item in legend.items[1:]]
    assert {one.level for one in bands} == {"underlay"}
    tips = [tip for tool in chart.select({"type": HoverTool}) for tip in tool.tooltips]
    assert ("Normal", "@normal{0,0.[000]} mm") in tips
    line = chart.renderers[0].data_source.data
    assert set(line["normal"]) == {15.5}
    assert line["percentile_rank"][0] == pytest.approx(100 * 4.5 / 30)


def test_chart_of_several_lines_has_no_bands_but_says_what_is_normal():
    both = table(zones=2)
    chart = SeriesChart([both]).figure
    (legend,) = chart.select({"type": Legend})
    assert [item.label["value"] for item in legend.items] == ["West", "East"]
    assert set(chart.renderers[2].data_source.data["normal"]) == {31.0}
    alone = both.select_zones(["East"])
    assert set(band_rows(alone, normals(alone))[MIDDLE]) == {31.0}


def test_longer_steps_of_a_chart_are_not_compared():
    found = table().resampled("yearly", "sum")
    assert found.normals is None
    assert SeriesChart([found]).figure.select({"type": Legend}) == []


def test_line_that_gets_normals_is_drawn_anew():
    found = table()
    assert not SeriesChart([replace(found, normals=None)]).extend([found])


def test_plot_has_the_bands_behind_the_values(tmp_path: Path):
    result = Result(*_written(tmp_path, values()))
    plot = result.plot(title="own", width=500)
    outer, inner, middle, line, *dots = plot.values()
    assert (outer.label, inner.label, middle.label) == tuple(LEGEND[1:])
    assert [one.name for one in outer.dimensions()] == ["time", *OUTER]
    assert line["value"].tolist() == [5.0] * 12
    assert len(dots) == 1
    drawn = hv.render(plot)
    assert (drawn.title.text, drawn.width) == ("own", 500)
    assert drawn.yaxis.axis_label == "monthly rainfall [mm]"
    tips = [tip for tool in drawn.select({"type": HoverTool}) for tip in tool.tooltips]
    assert any(name == "Rank of 100" for name, _ in tips)
    assert hv.render(result.plot()).sizing_mode == "stretch_width"


def test_plot_of_several_zones_has_no_bands(tmp_path: Path):
    result = Result(*_written(tmp_path, values(zones=2)))
    assert [type(one) for one in result.plot().values()] == [hv.NdOverlay, hv.NdOverlay]


def _written(folder: Path, given: Any) -> tuple[Path, Any]:
    written = write_result(folder, series_of(given, range(2025, 2026)))
    return written.folder, written.zones
