"""The map of notebooks: what is drawn or typed there is an area wherever one is wanted."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

import csserv
from csserv import CsservError, Service
from csserv.catalog import Layers
from csserv.errors import InvalidAreaError
from csserv.notebook.area import AreaPicker
from csserv.views.maps.mercator import to_mercator


@pytest.fixture
def picker() -> AreaPicker:
    return AreaPicker(Layers.bundled())


def draw_box(picker: AreaPicker, west: float, south: float, east: float, north: float) -> None:
    x, y = to_mercator([west, east], [south, north])
    picker.map._heard("box", x.tolist(), y.tolist(), 1000.0)


def test_what_is_drawn_is_taken_wherever_an_area_is(service: Service, picker: AreaPicker):
    with pytest.raises(InvalidAreaError, match="no area is chosen yet"):
        service.submit("rain", "mean", picker, "2019-01")
    draw_box(picker, 30, 0, 32, 2)
    assert picker.area == service.area(picker)
    task = service.submit("rain", "mean", picker, "2019-01")
    assert service.task_area(task) == picker.area
    assert repr(picker) == "pick_area(): box 30 0 32 2"


def test_names_and_boxes_are_typed_and_mistakes_are_told(picker: AreaPicker):
    picker.map.search.value = "Rift Valley, Kenya"
    assert picker.area.zones[0].id == "KEN-rift-valley"
    picker.map.search.value = "cote d'ivoire"
    assert picker.area.zones[0].id == "CIV"
    picker.map.box.value = "33.9 -4.7 41.9"
    assert "write four numbers" in picker.map.problem
    picker.map.multiple = True
    picker.map.box.value = "30 0 32 2"
    assert [zone.id for zone in picker.area.zones] == ["CIV", "box"]
    assert picker.map.problem == ""
    picker.map.clear_button.clicks += 1
    assert picker.map.area is None


def test_a_terminal_has_no_map_and_says_what_to_do():
    InteractiveShell.clear_instance()
    with pytest.raises(CsservError, match=r"needs a notebook.*Kenya/Rift Valley"):
        csserv.pick_area()
