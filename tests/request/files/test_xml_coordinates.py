"""Coordinates in KML and GPX that are none are refused: GDAL would take them for other places."""

from __future__ import annotations

import pytest
import shapely

from csserv.errors import InvalidAreaError
from csserv.request.area import Area
from csserv.request.files.reading import read_upload

KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
POINT = "<Placemark>{}<Point><coordinates>{}</coordinates></Point>{}</Placemark>"
RING = "<outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing></outerBoundaryIs>"
GPX = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>'


def read_point(coordinates: str) -> tuple[float, float]:
    text = KML.format(POINT.format("<name>Voi</name>", coordinates, ""))
    point = read_upload("a.kml", text.encode()).zones[0].geometry
    return point.x, point.y


@pytest.mark.parametrize(
    "text",
    ["36.8,-1.3", " 36.8, -1.3, 0\n", "3.68e1,-1.3", "+36.8,-1.30,1600", "36.8<!-- E -->,-1.3"],
)
def test_plain_numbers_are_a_place(text: str):
    assert read_point(text) == (36.8, -1.3)


@pytest.mark.parametrize(
    "text",
    [
        *("36.8 -1.3", "36.8;-1.3", "abc,def", "36,8,-1,3", "36,8 -1,3", "36.8E,1.3S"),
        *(
            "36°48',-1°18'",
            "36.8,",
            "36.8,-1.3,",
            "36.8e,-1.3",
            ",-1.3",
            "0x24,1",
            "nan,1",
            "36.8\u00a0,-1.3",
        ),
        *("", " \n"),
    ],
)
def test_other_coordinates_of_a_placemark_are_refused_by_its_name(text: str):
    with pytest.raises(InvalidAreaError, match=r"the placemark Voi (has|is)") as told:
        read_point(text)
    assert text.strip().replace("\u00a0", "\\xa0").strip('"') in str(told.value)


def test_a_placemark_is_named_by_what_follows_its_place_or_by_its_number():
    good = POINT.format("<name>A</name>", "36,1", "")
    late = KML.format(good + POINT.format("", "36", "<name>Voi</name>"))
    with pytest.raises(InvalidAreaError, match="placemark Voi has coordinates '36'"):
        read_upload("a.kml", late.encode())
    nameless = KML.format(good + POINT.format("", "36", ""))
    with pytest.raises(InvalidAreaError, match="placemark 2 has coordinates '36'"):
        read_upload("a.kml", nameless.encode())
    lacking = KML.format("<Placemark><name>Voi</name><Point/></Placemark>")
    with pytest.raises(InvalidAreaError, match="Voi is a point without coordinates"):
        read_upload("a.kml", lacking.encode())


@pytest.mark.parametrize(
    "corners", ["36 0 37 0 37 1 36 0", "36,0,37,0,37,1,36,0", "36,0; 37,0; 37,1; 36,0"]
)
def test_a_ring_is_refused_by_the_same_words(corners: str):
    text = KML.format(f"<Placemark><Polygon>{RING.format(corners)}</Polygon></Placemark>")
    with pytest.raises(InvalidAreaError, match="the placemark 1 has coordinates '36"):
        read_upload("a.kml", text.encode())


def test_a_point_has_coordinates_once():
    twice = POINT.format("<name>Voi</name>", "36,1</coordinates><coordinates>37,1", "")
    with pytest.raises(InvalidAreaError, match="placemark Voi is one point, but has"):
        read_upload("a.kml", KML.format(twice).encode())


def test_an_open_ring_is_closed_without_a_warning_and_an_empty_hole_is_none():
    hole = RING.format("").replace("outer", "inner")
    rings = RING.format("36,0 37,0 37,1 36,1") + hole
    text = KML.format(f"<Placemark><Polygon>{rings}</Polygon></Placemark>")
    area = read_upload("a.kml", text.encode())
    assert area.zones[0].geometry.equals(shapely.box(36, 0, 37, 1))
    assert Area.from_stored(area.geojson) == area


def test_of_a_long_text_the_part_is_shown_that_is_wrong():
    corners = " ".join(f"36.{i},1.{i % 7}" for i in range(1000)) + " 36;8 36.0,1.0"
    text = KML.format(f"<Placemark><Polygon>{RING.format(corners)}</Polygon></Placemark>")
    with pytest.raises(InvalidAreaError, match="has coordinates '36;8'"):
        read_upload("a.kml", text.encode())


@pytest.mark.parametrize(
    "place",
    [
        *('lat="-1,3" lon="36,8"', 'lat="1.5S" lon="36"', 'lat="abc" lon="0"', 'lat="" lon="36"'),
        *('lat="1°30" lon="36"', 'lon="36"', 'lat="1"', 'lat="nan" lon="36"'),
    ],
)
def test_a_waypoint_whose_place_is_no_number_is_refused_by_its_name(place: str):
    two = f'<wpt lat="1" lon="2"><name>A</name></wpt><wpt {place}><name>Voi</name></wpt>'
    with pytest.raises(InvalidAreaError, match="the waypoint Voi has lat=") as told:
        read_upload("a.gpx", GPX.format(two).encode())
    assert all(one in str(told.value) for one in place.split())


def test_waypoints_of_plain_numbers_are_read():
    text = GPX.format('<wpt lat=" -1.3 " lon="3.68e1"><name>Voi</name></wpt>')
    assert read_upload("a.gpx", text.encode()).zones[0].geometry.wkt == "POINT (36.8 -1.3)"
