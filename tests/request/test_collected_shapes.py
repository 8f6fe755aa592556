"""Of a collection, polygons make a zone, or else points; what is left out is told and counted."""

from __future__ import annotations

import json

import pytest
import shapely

from csserv.catalog import Layers
from csserv.catalog.area_lookup import find_area
from csserv.request.area import Area
from csserv.request.files.reading import read_upload

TRIANGLE = shapely.Polygon([(36, 0), (37, 0), (37, 1)])
BOTH = shapely.GeometryCollection([TRIANGLE, shapely.Point(1, 2), shapely.Point(3, 4)])
ALL = shapely.GeometryCollection([BOTH, shapely.LineString([(1, 2), (3, 4)]), shapely.Point()])
POINTS, LINE = "2 points are left out of", "2 points and 1 line are left out of"

KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><MultiGeometry>
<Point><coordinates>1,2</coordinates></Point><Point><coordinates>3,4</coordinates></Point>
<LineString><coordinates>1,2 3,4</coordinates></LineString><Polygon><outerBoundaryIs><LinearRing>
<coordinates>36,0 37,0 37,1 36,0</coordinates></LinearRing></outerBoundaryIs></Polygon>
</MultiGeometry></Placemark></kml>"""


def feature(shape: shapely.Geometry) -> str:
    return json.dumps({"type": "Feature", "geometry": shapely.geometry.mapping(shape)})


def area_of(form: str, shape: shapely.Geometry) -> Area:
    if form == "shapely":
        return find_area(shape, Layers.bundled())
    if form == "text":
        return find_area(shape.wkt, Layers.bundled())
    forms = {
        "a.geojson": feature(shape),
        "a.wkt": shape.wkt,
        "a.csv": f'name,wkt\nA,"{shape.wkt}"\n',
        "a.kml": KML,
    }
    return read_upload(form, forms[form].encode())


@pytest.mark.parametrize("form", ["shapely", "text", "a.geojson", "a.wkt", "a.csv", "a.kml"])
def test_parts_of_a_collection_that_are_no_zone_are_counted(form: str):
    area = area_of(form, ALL)
    assert area.zones[0].geometry.equals(TRIANGLE)
    told = [note.text for note in area.notes]
    assert "2 points and 1 line are left out of collections of several kinds of shapes" in told


def test_they_are_counted_over_all_zones():
    text = json.dumps(
        {"type": "FeatureCollection", "features": [json.loads(feature(BOTH))] * 2}
    ).encode()
    told = [note.text for note in read_upload("a.geojson", text).notes]
    assert told == ["4 points are left out of collections of several kinds of shapes"]


def test_nothing_is_told_of_a_collection_of_one_kind():
    area = area_of("shapely", shapely.GeometryCollection([TRIANGLE, shapely.Point()]))
    assert area.zones[0].geometry.equals(TRIANGLE)
    assert area.notes == ()
