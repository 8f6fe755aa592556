"""A chart without scripts shows each value where its axis says, and says what is missing."""

from __future__ import annotations

import io
import math
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from csserv.views.plain.axis_ticks import time_ticks
from csserv.views.plain.chart_data import ChartData
from csserv.views.plain.drawing import Box, Drawing, Path, Words
from csserv.views.plain.plain_chart import plain_chart
from csserv.views.plain.png_picture import HEIGHT, WIDTH, to_png
from csserv.views.plain.svg_text import to_svg
from csserv.views.plain.thinning import thinned

DAY = 86400.0


def chart_of(values: list[float], as_bars: bool = True, title: str = "Kitui") -> ChartData:
    """Days from 1 January 2022 on, without normals."""
    starts = 1640995200 + DAY * np.arange(len(values))
    return ChartData(
        title=title,
        quantity="daily rainfall [mm]",
        starts=starts,
        ends=starts + DAY,
        values=np.array(values, dtype=float),
        complete=np.ones(len(values), bool),
        bands=(),
        middle=np.empty(0),
        reference="",
        as_bars=as_bars,
        notes=tuple(map(str, values)),
        source=("Rain of nowhere.",),
    )


def with_normals(data: ChartData) -> ChartData:
    ones = np.ones(len(data.values))
    bands = ((0.5 * ones, 3 * ones), (ones, 2 * ones))
    return replace(data, bands=bands, middle=1.5 * ones, reference="1991 to 2020")


def boxes(drawn: Drawing, *looks: str) -> list[Box]:
    """Those of the chart; the boxes of the legend are 12 pixels high."""
    found = [one for one in drawn.shapes if isinstance(one, Box) and one.look in looks]
    return [one for one in found if one.height != 12]


def test_bars_stand_on_zero_and_are_as_high_as_their_values():
    bars = boxes(plain_chart(chart_of([1, 2, 4, -2]), 700, 400), "bar")
    zero = bars[0].y + bars[0].height
    assert [round(one.height / bars[0].height, 6) for one in bars] == [1, 2, 4, 2]
    assert [round(one.y + one.height, 6) for one in bars[:3]] == [round(zero, 6)] * 3
    assert bars[3].y == pytest.approx(zero)
    assert [one.note for one in bars] == ["1", "2", "4", "-2"]


def test_what_is_missing_is_marked_and_no_zero():
    drawn = plain_chart(chart_of([1, math.nan, 0]), 700, 400)
    first, last = boxes(drawn, "bar")
    (gap,) = boxes(drawn, "missing")
    assert first.x + first.width <= gap.x < gap.x + gap.width <= last.x
    assert "no data" in [one.text for one in drawn.shapes if isinstance(one, Words)]


def test_a_line_has_a_gap_where_steps_are_missing_in_the_archive():
    data = chart_of([1, 2, 3, 4], as_bars=False)
    shift = np.array([0, 0, DAY, DAY])
    later = replace(data, starts=data.starts + shift, ends=data.ends + shift)
    counts = [
        [len(one.points) for one in plain_chart(given, 700, 400).shapes if one.look == "line"]
        for given in (data, later)
    ]
    assert counts == [[4], [2, 2]]


@given(
    values=st.lists(
        st.floats(-1e30, 1e30, allow_subnormal=False) | st.just(math.nan), min_size=1, max_size=900
    ),
    as_bars=st.booleans(),
    normals=st.booleans(),
    narrow=st.booleans(),
)
def test_everything_that_is_drawn_lies_in_the_picture(
    values: list[float], as_bars: bool, normals: bool, narrow: bool
):
    data = chart_of(values, as_bars)
    width = 350.0 if narrow else 720.0
    drawn = plain_chart(with_normals(data) if normals else data, width, 400)
    for one in drawn.shapes:
        match one:
            case Box(_, x, y, wide, high):
                places = [(x, y), (x + wide, y + high)]
            case Path(_, points):
                places = list(points)
            case Words(_, x, y):
                places = [(x, y)]
        assert all(-0.01 <= x <= width + 2 and -0.01 <= y <= 400.01 for x, y in places), one
    ET.fromstring(to_svg(drawn, alone=True))  # it is our own


def test_with_too_many_steps_the_extremes_stay():
    values = np.sin(np.arange(5000)).tolist()
    values[1234], values[4321] = 99.0, -77.0
    for as_bars in (True, False):
        few = thinned(with_normals(chart_of(values, as_bars)), 300)
        assert len(few.values) <= 300
        assert (few.values.max(), few.values.min()) == (99.0, -77.0)
        assert few.starts[0] == chart_of(values).starts[0]
        assert few.ends[-1] == chart_of(values).ends[-1]
        assert set(few.middle) == {1.5}


def test_names_of_zones_are_text_and_no_markup():
    drawn = plain_chart(chart_of([1, 2], title='<script>alert(1)</script> & "Co"'), 700, 400)
    text = to_svg(drawn)
    assert "<script" not in text
    assert ET.fromstring(to_svg(drawn, alone=True)).get("aria-label", "").startswith("<script>")


def test_a_preview_is_a_small_png_whatever_the_script_of_the_name():
    for name in ("Kitui", "Côte d'Ivoire", "كينيا", "<b>"):
        raw = to_png(plain_chart(with_normals(chart_of([1, 2, 3], title=name)), 600, 315))
        image = Image.open(io.BytesIO(raw))
        assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
        assert len(raw) < 100_000
        assert len(image.convert("RGB").getcolors(1 << 20) or []) > 5


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (0.5, ["00:00", "03:00", "06:00", "09:00"]),
        (4, ["1 Jan", "2 Jan", "3 Jan", "4 Jan"]),
        (31, ["1 Jan", "11 Jan", "21 Jan"]),
        (365, ["Jan", "Apr", "Jul", "Oct"]),
        (365 * 9, ["2022", "2024", "2026", "2028", "2030"]),
        (365 * 200, ["2050", "2100", "2150", "2200"]),
    ],
)
def test_ticks_of_time_are_where_days_months_and_years_begin(days: float, labels: list[str]):
    start = 1640995200.0
    assert [one.label for one in time_ticks(start, start + days * DAY, 6)] == labels


@pytest.mark.parametrize(
    ("lengths", "labels"),
    [
        ((1,), ["1 Jan"]),
        ((1, 1), ["1 Jan", "2 Jan"]),
        ((31,), ["Jan"]),
        ((31, 28, 31), ["Jan", "Feb", "Mar"]),
        ((90,), ["Jan", "Feb", "Mar"]),
        ((365, 365), ["2022", "2023"]),
    ],
)
def test_ticks_of_few_long_steps_name_these_and_lie_apart(lengths: tuple[int, ...], labels: list):
    data = chart_of([1.0] * len(lengths))
    ends = data.starts[0] + DAY * np.cumsum(lengths)
    starts = np.concatenate([data.starts[:1], ends[:-1]])
    drawn = plain_chart(replace(data, starts=starts, ends=ends), 700, 400)
    texts = [one for one in drawn.shapes if isinstance(one, Words) and one.anchor == "middle"]
    ticks = [one for one in texts if one.text in labels]
    assert [one.text for one in ticks] == labels
    assert len([one for one in texts if one.y == min(each.y for each in texts)]) == len(labels)
    assert all(b.x - a.x > 50 for a, b in pairwise(ticks))
