"""Files whose zones are elsewhere: links, tracks, routes, a second KML in a KMZ; each is told."""

from __future__ import annotations

import io
import zipfile

import pytest

from csserv.errors import InvalidAreaError
from csserv.request.area import Area
from csserv.request.files.file_choices import FileChoices
from csserv.request.files.reading import read_upload

KML = """<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document>{}</Document></kml>"""
POINT = (
    "<Placemark><name>{}</name><Point><coordinates>{},1</coordinates></Point></Placemark>".format
)
LINK = "<NetworkLink><Link><href>other.kml</href></Link></NetworkLink>"
TRACK = "<Placemark><gx:Track>{}</gx:Track></Placemark>"
GPX = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>'
ROUTE = '<rte><rtept lat="1" lon="2"><name>Voi</name></rtept><rtept lat="2" lon="3"/></rte>'
WALK = '<trk><trkseg><trkpt lat="1" lon="2"/><trkpt lat="2" lon="3"/></trkseg></trk>'


def kmz(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/") + ".kml", content)
    return packed.getvalue()


def told(area: Area) -> list[str]:
    return [note.text for note in area.notes]


def names(area: Area) -> list[str]:
    return [zone.name for zone in area.zones]


@pytest.mark.parametrize("other", ["other", "inner__doc"])
def test_a_second_kml_of_a_kmz_is_told_and_may_be_chosen(other: str):
    both = kmz(doc=KML.format(POINT("A", 36)), **{other: KML.format(POINT("B", 37))})
    shown = other.replace("__", "/") + ".kml"
    area = read_upload("a.kmz", both)
    assert names(area) == ["A"]
    assert told(area) == [f"zones are those of doc.kml; left out is {shown}"]
    chosen = read_upload("a.kmz", both, choices=FileChoices(layer=shown))
    assert (names(chosen), told(chosen)) == (["B"], [])


def test_a_kmz_whose_main_file_holds_a_link_alone_says_what_else_it_holds():
    both = kmz(doc=KML.format(LINK), other=KML.format(POINT("B", 37)))
    with pytest.raises(InvalidAreaError, match=r"1 link to another .* in a\.kmz:other\.kml"):
        read_upload("a.kmz", both)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (LINK * 2, "holds no shape but 2 links to other files; links are not followed: open it"),
        ("<GroundOverlay/>", "holds no shape but 1 image; give polygons or points"),
        (TRACK.format(""), "holds no shape but 1 track; give polygons or points"),
        (TRACK.format("<gx:coord>36 1 0</gx:coord><gx:coord>37 1 0</gx:coord>"), "holds 1 line"),
        ("<Placemark/>", "holds no shape; give polygons or points"),
        ("", "holds no shape; give polygons or points"),
    ],
)
def test_a_kml_without_zones_says_what_it_holds(body: str, said: str):
    with pytest.raises(InvalidAreaError, match=said):
        read_upload("a.kml", KML.format(body).encode())


def test_an_empty_element_takes_nothing_with_it():
    area = read_upload("a.kml", KML.format("<NetworkLink/>" + POINT("A", 36)).encode())
    assert names(area) == ["A"]


def test_points_of_a_route_are_zones_where_there_is_no_waypoint():
    area = read_upload("a.gpx", GPX.format(ROUTE + WALK).encode())
    assert [zone.geometry.wkt for zone in area.zones] == ["POINT (2 1)", "POINT (3 2)"]
    assert names(area) == ["Voi", "zone 2"]
    assert told(area) == ["zones are the points of 1 route; left out are 1 track"]
    waypoint = '<wpt lat="5" lon="6"><name>Lamu</name></wpt>'
    area = read_upload("a.gpx", GPX.format(waypoint + ROUTE + WALK).encode())
    assert names(area) == ["Lamu"]
    assert told(area) == ["zones are the waypoints; left out are 1 route and 1 track"]


def test_a_point_of_a_route_whose_place_is_no_number_is_refused():
    with pytest.raises(InvalidAreaError, match='route point Voi has lat="1,5"'):
        read_upload("a.gpx", GPX.format(ROUTE.replace('"1"', '"1,5"')).encode())
