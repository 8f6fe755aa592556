"""Files that are not read say what they are, and what to do; waypoints of a GPX are read."""

from __future__ import annotations

import pytest

from csserv.errors import InvalidAreaError
from csserv.request.files import read_upload

GPX = '<?xml version="1.0"?>%s<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">%s</gpx>'
POINTS = '<wpt lat="1.5" lon="36.5"><name>A</name></wpt><wpt lat="-1" lon="37"><name>B</name></wpt>'
TRACK = '<trk><trkseg><trkpt lat="1" lon="2"/><trkpt lat="1" lon="3"/></trkseg></trk>'


def gpx(inside: str, before: str = "") -> bytes:
    return (GPX % (before, inside)).encode()


def test_waypoints_are_zones_and_tracks_are_left_out_with_a_note():
    area = read_upload("a.gpx", gpx(POINTS + TRACK))
    assert [(zone.name, zone.geometry.x, zone.geometry.y) for zone in area.zones] == [
        ("A", 36.5, 1.5),
        ("B", 37, -1),
    ]
    assert "zones are the waypoints; left out are 1 track" in str(area.notes)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.gpx", gpx(TRACK), r"no waypoint but lines \(1 track\).*mark places as waypoints"),
        ("a.gpx", gpx(POINTS, '<!DOCTYPE gpx [<!ENTITY a "b">]>'), "has a document type"),
        ("a.gpx", b"<kml/>", "no GPX: it begins with <kml>; name it .kml"),
        ("a.gpx", b"<gpx>" + b"<a>" * 100, "more than 64 deep"),
        ("a.gpx", b"x", "it is no XML"),
        ("a.kml", gpx(POINTS), "no KML: it begins with <gpx>; name it .gpx"),
        ("a.csv", gpx(POINTS), "is GPX; name it .gpx"),
        ("a.csv", b'{"type": "Point"}', "name it .geojson"),
        ("a.csv", b"<html><table><tr><td>name", "page of the web.*save it as XLSX or CSV"),
        ("a.csv", b"PK\x03\x04...", "name it .xlsx, or .zip"),
        ("a.csv", b"\xd0\xcf\x11\xe0" + bytes(90), "Excel before 2007.*save it as XLSX or CSV"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + bytes(90), "Excel before 2007, or has a password"),
        ("a.xlsx", b"name,lat,lon\nA,1,2\n", "no workbook of the format XLSX"),
        ("a.xls", b"x", "another workbook: save it as .xlsx or .csv"),
        ("a.ods", b"x", "another workbook: save it as .xlsx or .csv"),
        ("a.dbf", b"x", "give a ZIP of all parts"),
        ("a.csv.gz", b"x", "unpack it first"),
        ("a.pdf", b"x", "copy its table into a spreadsheet"),
    ],
)
def test_what_is_not_read_says_what_to_do(name: str, content: bytes, words: str):
    with pytest.raises(InvalidAreaError, match=words):
        read_upload(name, content)
