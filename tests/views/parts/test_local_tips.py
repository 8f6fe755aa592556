"""Numbers under the pointer are written as in the rest of the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bokeh.models import CustomJSHover, HoverTool

from csserv.language import Language, speaking
from csserv.request import Area
from csserv.views.maps.raster_map import HOVER_TEXT, RasterMap
from csserv.views.parts.local_tips import TIP, name_numbers
from csserv.views.zones.zone_map import NUMBER, ZoneMap
from tests.views.charts.test_local_dates import run

TIPS = [("", "@day"), ("v", "@value{0,0.[00]} mm"), ("a", "@less{+0,0.[0]}"), ("y", "$snap_y{0}")]


def hover_of(language: Language) -> HoverTool:
    with speaking(language):
        return name_numbers(HoverTool(tooltips=TIPS))


def written(language: Language, column: str, values: list[float]) -> list[str]:
    args = dict(hover_of(language).formatters[column].args)
    return run(TIP, [{"value": one} | args for one in values])


@pytest.mark.slow
def test_numbers_are_written_as_the_language_does():
    french = Language.of("fr")
    assert hover_of(french).tooltips == [
        *(("", "@day"), ("v", "@value{custom} mm"), ("a", "@less{custom}")),
        ("y", "$snap_y{custom}"),
    ]
    assert written(french, "@value", [1234.5, 0.123, 7]) == ["1\u202f234,5", "0,12", "7"]
    assert written(french, "@less", [1.25, -3]) == ["+1,3", "-3"]
    assert written(Language.of("es"), "@value", [12345.5]) == ["12.345,5"]
    assert written(Language.of("ar"), "$snap_y", [12345.5]) == ["12,346"]


def test_english_numbers_stay_as_bokeh_writes_them():
    made = hover_of(Language.of("en"))
    assert (made.tooltips, made.formatters) == (TIPS, {})


def hovers(figure: Any) -> list[CustomJSHover]:
    return [one for tool in figure.select(HoverTool) for one in tool.formatters.values()]


@pytest.mark.slow
def test_values_of_maps_are_told_in_the_language():
    box = Area.from_box(36, 0, 37, 1)
    with speaking(Language.of("fr")):
        cells = RasterMap((36, 0, 37, 1), "mm/day", False, 300)
        zones = ZoneMap(box)
    (told,) = hovers(cells.figure)
    args = dict(told.args) | {"mapper": {"low": 0, "high": 1270}}
    calls = [{"value": value} | args for value in (0, 100, args["last"], args["missing"])]
    assert run(HOVER_TEXT, calls) == [
        "au plus 0 mm/jour",
        "environ 500 mm/jour",
        "au moins 1\u202f270 mm/jour",
        "pas de données",
    ]
    (told,) = hovers(zones.figure)
    calls = [{"value": value} | dict(told.args) for value in (1234.56, np.pi)]
    assert run(NUMBER, calls) == ["1\u202f235", "3,142"]
