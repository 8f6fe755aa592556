"""The player of steps: what the map shows of them, and how few of them are kept."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from bokeh.models import HoverTool

from csserv.errors import GranuleError
from csserv.language import Language, speaking
from csserv.views.maps.player import KEPT_STEPS, RasterPlayer
from csserv.views.maps.raster import (
    MISSING,
    MOST_PIXELS,
    SHADES,
    colour_range,
    to_pixels,
    to_shades,
)


class Counting:
    """Each step is one number everywhere: its own; the last cell is missing."""

    bounds = (30.0, -10.0, 40.0, 10.0)
    units = "mm/day"

    def __init__(self, count: int) -> None:
        self.count = count
        self.read: list[int] = []

    def __len__(self) -> int:
        return self.count

    def label(self, i: int) -> str:
        return f"step {i}"

    def values(self, i: int) -> np.ndarray:
        if i == self.count:
            raise GranuleError("gone.zip: no such file")
        self.read.append(i)
        field = np.full((20, 10), float(i))
        field[-1, -1] = np.nan
        return field


def test_colours_are_the_same_at_all_steps():
    player = RasterPlayer(Counting(101))
    asyncio.run(player.show(50))
    assert player.step_text.object == "step 50"
    shades = player.map._source.data["image"][0]
    assert set(np.unique(shades)) == {127, MISSING}
    assert shades[0, -1] == MISSING  # south-east: row 0 of the picture is south


def test_few_steps_are_kept():
    player = RasterPlayer(Counting(101))
    for step in (0, 30, 60, 90):
        asyncio.run(player.show(step))
    assert len(player._kept) == KEPT_STEPS


def test_steps_asked_for_in_haste_are_left_out_but_the_last():
    frames = Counting(101)
    player = RasterPlayer(frames)

    async def hurry() -> None:
        await player.show(0)
        frames.read.clear()
        await asyncio.gather(*(player.show(step) for step in range(10, 60)))

    asyncio.run(hurry())
    assert player.step_text.object == "step 59"
    assert frames.read[-4:] == [59, 60, 61, 62]
    assert len(frames.read) < 20


def test_a_step_that_cannot_be_read_says_why():
    frames = Counting(5)
    player = RasterPlayer(frames)
    asyncio.run(player.show(4))
    asyncio.run(player.show(5))
    assert player.step_text.object == "gone.zip: no such file"


def test_rows_stand_where_mercator_has_them():
    rows = np.repeat(np.arange(80.0)[:, None], 3, axis=1)  # a row a degree, from 80 N to 0
    pixels = to_pixels(rows, 0.0, 80.0)
    assert pixels.shape == (320, 3)
    assert (np.diff(pixels[:, 0]) <= 0).all()  # from the south on
    north = (pixels[:, 0] < 20).mean()  # of 139.7 degrees on the map, 80 N to 60 N take 64.3
    assert north == pytest.approx((139.6 - 75.5) / 139.6, abs=0.01)


def test_pixels_are_no_more_than_a_screen_has():
    assert to_pixels(np.zeros((3000, 2000)), -20, 20).shape == (MOST_PIXELS, MOST_PIXELS)


def test_extremes_do_not_take_the_colours():
    field = np.append(np.arange(100.0), [1e6, np.nan])
    low, high = colour_range([field])
    assert 0 < low < high < 100
    assert to_shades(field, low, high)[-2:].tolist() == [SHADES - 1, MISSING]
    assert colour_range([np.full(4, 7.0)]) == (6.5, 7.5)
    assert colour_range([np.full(4, np.nan)]) == (0.0, 1.0)


def test_a_step_is_named_as_the_result_names_it_and_values_in_the_language_of_the_page():
    months = ["janvier", "février", "mars"]
    with speaking(Language.of("fr")):
        player = RasterPlayer(Counting(3), first=2, name_of=months.__getitem__)
    asyncio.run(player.show(2))
    assert player.step_text.object == "mars"
    assert player.controls.value == 2
    hover = player.map.figure.select_one(HoverTool)
    words = hover.formatters["@image"].args
    assert words["none"] == "pas de données"
    assert words["at_most"] == "au plus {value}"
