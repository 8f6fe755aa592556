"""Zones of layers of one's own are searched and tapped like the regions of countries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from csserv import Service
from csserv.catalog import Layers
from csserv.errors import InvalidAreaError
from csserv.notebook.area import AreaPicker
from csserv.request import Area, Period, Request
from csserv.views.address.area_words import area_words
from csserv.views.area.area_map import AreaMap, MapBar
from csserv.views.area.place_lookup import place_names
from csserv.views.area.place_search import PlaceSearch
from csserv.views.maps.mercator import to_mercator
from csserv.views.maps.outlines import MOST_ON_A_SCREEN, layer_outlines
from csserv.views.request.request_code import as_climateserv, as_curl, as_python
from tests.districts import district_frame, write_districts


@pytest.fixture
def layers(service: Service, tmp_path: Path) -> Layers:
    file = write_districts(tmp_path / "districts.gpkg")
    service.add_layer("lakeland", file, title="Districts of Lakeland", source="The office")
    return service.layers


@pytest.fixture
def picker(layers: Layers) -> AreaPicker:
    return AreaPicker(layers)


def tap(picker: AreaPicker, lon: float, lat: float) -> None:
    x, y = to_mercator([lon], [lat])
    picker.map._heard(picker.map.mode, x.tolist(), y.tolist(), 1000.0)


def test_zones_parts_and_the_whole_layer_are_offered_by_name(layers: Layers):
    names = place_names(layers)
    assert next(iter(names)) == "Districts of Lakeland, each zone"
    title = "Districts of Lakeland"
    assert names[f"Central, North, {title}"] == "lakeland/LA0102"
    assert names[f"Central, South, {title}"] == "lakeland/LA0201"
    assert names[f"Murang'a / Côte, South, {title} (Murang'a / Cote)"] == "lakeland/LA0202"
    assert names[f"South, each zone of {title}"] == "lakeland/Lakeland/South/*"
    assert names["Rift Valley, Kenya"] == "KEN-rift-valley"
    for text in [text for text in names.values() if text.startswith("lakeland/")]:
        assert layers.find(text).zones


def test_places_are_found_by_codes_and_in_other_languages_besides_the_names_listed(layers: Layers):
    search = PlaceSearch(layers, label="place")
    for typed, first, chosen in (
        ("كينيا", "كينيا (Kenya)", "KEN"),
        ("alem", "alem… (Germany)", "DEU"),
        ("guinea bissau", "guinea bissau (Guinea-Bissau)", "GNB"),
        ("USA", "USA (United States of America)", "USA"),
        ("ken", "Kenya", "KEN"),
        ("la0202", "la0202 (Murang'a / Côte, Districts of Lakeland)", "lakeland/LA0202"),
        ("murang", "Murang'a / Côte", "lakeland/LA0202"),
    ):
        offered = search._filter_options(typed)
        label = next(one for one in offered if chosen == search.options[one])
        assert label.startswith(first), typed
        assert typed.lower() in label.lower(), typed  # the browser would drop it
        assert layers.find(chosen).zones
    assert search._filter_options("ke") == []
    assert search._filter_options("atlantis") == search._filter_options("england") == []
    assert len(search.options) == len(place_names(layers))


def test_layer_that_took_the_place_of_another_is_offered_and_drawn_anew(
    service: Service, layers: Layers
):
    before = layer_outlines(layers["lakeland"])
    rest = district_frame().iloc[1:]
    title, source = "Districts of Lakeland", "The office"
    service.add_layer("lakeland", rest, title=title, source=source, replace=True)
    assert len(layer_outlines(layers["lakeland"]).ids) == len(before.ids) - 1
    assert "Turkana, North, Districts of Lakeland" not in place_names(layers)


def test_tapped_zone_is_the_area_with_its_notes(picker: AreaPicker, layers: Layers):
    picker.map.mode, picker.map.layer = "unit", "lakeland"
    drawn = picker.map.canvas._scene.admin_units.data
    assert list(drawn["name"]) == [feature.name for feature in layers["lakeland"].features]
    tap(picker, 23.5, 0.5)
    assert picker.area == layers.find("lakeland/LA0102")
    assert "The office" in picker.area.notes[0].text
    tap(picker, 23.5, 5.0)
    assert picker.map.problem == "no zones of lakeland there"
    picker.map.multiple = True
    tap(picker, 25.5, 0.5)
    assert [zone.id for zone in picker.area.zones] == ["LA0102", "LA0202"]
    assert len(picker.area.notes) == 1
    picker.map.layer = ""
    assert list(picker.map.canvas._scene.admin_units.data["name"]) == []


def test_layer_that_is_removed_meanwhile_is_told(picker: AreaPicker, service: Service):
    picker.map.mode, picker.map.layer = "unit", "lakeland"
    service.remove_layer("lakeland")
    tap(picker, 23.5, 0.5)
    assert "unknown feature layer 'lakeland'" in picker.map.problem


def test_stations_are_tapped_as_discs(service: Service):
    points: list[BaseGeometry] = [shapely.Point(36 + i, 1) for i in range(3)]
    service.add_layer("stations", gpd.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=points))
    found = layer_outlines(service.layers["stations"])
    assert all(shape.area for shape in found.shapes)
    picker = AreaPicker(service.layers)
    picker.map.mode, picker.map.layer = "unit", "stations"
    tap(picker, 37.001, 1.001)
    assert picker.area.zones[0].geometry == points[1]


def test_layer_too_large_to_tap_says_to_search(layers: Layers):
    large = replace(layers["lakeland"], count=MOST_ON_A_SCREEN + 1)
    with pytest.raises(InvalidAreaError, match=r"has 6,001 zones.*search one by its name"):
        layer_outlines(large)


def test_bar_of_a_page_offers_the_layers(layers: Layers):
    (bar,) = [part for part in AreaMap(layers).parts if isinstance(part, MapBar)]
    whole = ["lakeland", "Districts of Lakeland"]
    assert bar.layers == [whole, ["lakeland/2", "Districts of Lakeland: North, South, …"]]


def test_parts_of_one_name_are_offered_each_and_a_star_is_none(service: Service):
    names = {"ADM3_EN": list("xyz"), "ADM2_EN": ["C", "C", "*"], "ADM1_EN": ["P", "Q", "Q"]}
    shapes = [shapely.box(i, 0, i + 1, 1) for i in range(3)]
    service.add_layer("units", gpd.GeoDataFrame(names, geometry=shapes, crs="EPSG:4326"))
    assert [one.id for one in service.layers["units"].parts] == ["P", "P/C", "Q", "Q/C"]
    offered = place_names(service.layers)
    assert offered["C as one zone, units"] == "units/P/C"
    assert offered["C as one zone, units (Q/C)"] == "units/Q/C"
    assert len(service.layers.find("units/*").zones) == 3


def test_parts_of_a_layer_are_tapped_searched_and_named_in_requests(
    picker: AreaPicker, layers: Layers
):
    picker.map.mode, picker.map.layer = "unit", "lakeland/2"
    drawn = picker.map.canvas._scene.admin_units.data
    assert list(drawn["name"]) == ["North", "South"]
    tap(picker, 23.5, 0.5)
    assert picker.area == layers.find("lakeland/North")
    title = "Districts of Lakeland"
    assert place_names(layers)[f"North as one zone, {title}"] == "lakeland/Lakeland/North"
    asked = Request("rain", "mean", picker.area, Period.parse("2019-01"))
    assert "area='lakeland/Lakeland/North'" in as_python(asked, layers)
    assert area_words(picker.area, layers) == ("lakeland/Lakeland/North",)
    assert layers.find("lakeland/Lakeland/North") == picker.area


def test_request_is_written_with_shapes_where_a_layer_is_gone_or_damaged(
    service: Service, layers: Layers
):
    area = layers.find("lakeland/Turkana")
    request = Request("rain", "mean", area, Period.parse("2019-01"))
    with Service(service.settings, starts_runner=False) as other:
        other.remove_layer("lakeland")
    assert [feature.id for feature in layers["lakeland"].features if feature.id == "LA0101"]
    assert "AREA = " in as_python(request, layers)
    layers["lakeland"].path.write_bytes(b"no layer")
    assert '"type": "FeatureCollection"' in as_curl(request, layers, "http://here")


def test_request_is_written_with_the_name_of_the_layer(service: Service, layers: Layers):
    def asked(area: Area) -> Request:
        return Request("rain", "mean", area, Period.parse("2019-01"))

    one = asked(layers.find("lakeland/Turkana"))
    assert "area='lakeland/LA0101'" in as_python(one, layers)
    assert '"area": "lakeland/LA0101"' in as_curl(one, layers, "http://here")
    two = asked(layers.find("lakeland/South/*"))
    assert "service.layers.area('lakeland', ['LA0201', 'LA0202'])" in as_python(two, layers)
    numbered = replace(service.catalog["rain"], number=0)
    called = as_climateserv(one, {"rain": numbered}, layers, "http://here")
    assert "layerid=lakeland&featureids=LA0101" in called
