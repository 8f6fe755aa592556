"""One rule says which names mean longitude and latitude, however an area is given."""

from __future__ import annotations

import json

import pytest
import shapely

from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.request.coordinate_systems import code_of, is_degrees
from csserv.request.feature_table import FeatureTable
from csserv.request.files.features import Features
from csserv.request.files.shapes.wkt import from_wkt
from csserv.request.limits import Limits

SQUARE = shapely.box(30, 0, 32, 2)

SAME = (
    *("", "EPSG:4326", "epsg:4326", "EPSG::4326", "4326", "SRID=4326;", "CRS84", "OGC:CRS84"),
    *("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "urn:ogc:def:crs:EPSG::4326"),
    *("urn:ogc:def:crs:EPSG:6.9:4326", "urn:x-ogc:def:crs:EPSG:4326", "WGS84", "WGS 84"),
    *("http://www.opengis.net/def/crs/EPSG/0/4326", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
    *("http://www.opengis.net/gml/srs/epsg.xml#4326", "https://epsg.io/4326", " EPSG:4979 "),
)

OTHERS = ("EPSG:3857", "urn:ogc:def:crs:EPSG::32737", "SRID=21037;", "EPSG:4210", "EPSG:14326")


@pytest.mark.parametrize("name", SAME)
def test_longitude_and_latitude_are_known_by_all_their_names(name: str):
    assert is_degrees(name)
    plain = json.loads(shapely.to_geojson(SQUARE))
    plain["crs"] = {"type": "name", "properties": {"name": name}}
    assert Area.from_geojson(plain).zones[0].geometry.equals(SQUARE)
    area = Features(FeatureTable([SQUARE]), name).to_area("a", "a", Limits())
    assert area.zones[0].geometry.equals(SQUARE)
    assert area.notes == ()


@pytest.mark.parametrize("name", OTHERS)
def test_other_systems_are_no_degrees(name: str):
    assert not is_degrees(name)
    plain = json.loads(shapely.to_geojson(SQUARE))
    plain["crs"] = {"type": "name", "properties": {"name": name}}
    with pytest.raises(InvalidAreaError, match="coordinate system"):
        Area.from_geojson(plain)


def test_codes_that_web_maps_made_up_are_web_mercator():
    assert {code_of(one) for one in ("EPSG:900913", "EPSG:102100", "google")} == {"EPSG:3857"}


@pytest.mark.parametrize("srid", ["SRID=4326;", "srid=4326; ", "SRID=0;"])
def test_wkt_follows_the_same_rule(srid: str):
    assert from_wkt(srid + SQUARE.wkt, "a").equals(SQUARE)
    with pytest.raises(InvalidAreaError, match="SRID=3857"):
        from_wkt("SRID=3857;" + SQUARE.wkt, "a")
