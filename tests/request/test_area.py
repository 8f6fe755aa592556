"""Areas: every way to give one, and what is refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from csserv.errors import InvalidAreaError
from csserv.request import Area, Zone
from csserv.request.files.reading import read_area

SQUARE = shapely.box(30, 0, 32, 2)
WITH_HOLE = shapely.box(30, 0, 32, 2) - shapely.box(30.5, 0.5, 31, 1)


def test_bare_geometry_feature_and_collection_are_the_same_area():
    geometry = json.loads(shapely.to_geojson(WITH_HOLE))
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    collection = {"type": "FeatureCollection", "features": [feature]}
    areas = [Area.from_geojson(json.dumps(given)) for given in (geometry, feature, collection)]
    assert len({area.sha256 for area in areas}) == 1
    assert areas[0].zones[0].geometry.area == pytest.approx(3.75)


def test_collection_gives_a_named_zone_a_feature():
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": shapely.geometry.mapping(box)}
        for name, box in (("west", SQUARE), ("east", shapely.box(32, 0, 34, 2)))
    ]
    area = Area.from_geojson({"type": "FeatureCollection", "features": features})
    assert [zone.name for zone in area.zones] == ["west", "east"]


def test_area_survives_its_geojson():
    area = Area.from_geometry(WITH_HOLE, "lake")
    assert Area.from_geojson(area.geojson).sha256 == area.sha256


@given(st.integers(-179, 179), st.integers(1, 359))
def test_box_keeps_its_width_wherever_it_lies(west, width):
    east = west + width - (360 if west + width > 180 else 0)
    area = Area.from_box(west, -10, east, 10)
    assert area.zones[0].geometry.area == pytest.approx(width * 20)
    assert -180 <= area.bounds[0] <= area.bounds[2] <= 180


def test_box_across_180_degrees_says_so():
    assert [note.text for note in Area.from_box(37, 0, 36, 1).notes] == [
        "the box goes across 180° of longitude: from 37 eastwards to 36, 359 degrees"
    ]
    assert Area.from_box(36, 0, 37, 1).notes == Area.from_box(170, 0, 190, 1).notes == ()


def test_longitudes_of_0_to_360_are_brought_home():
    assert Area.from_box(225, 0, 315, 10).bounds == (-135, 0, -45, 10)
    assert Area.from_point(350, 5).bounds == (-10, 5, -10, 5)


def test_doubled_vertex_and_spike_are_mended():
    spike = shapely.Polygon([(0, 0), (2, 0), (2, 2), (2, 3), (2, 2), (0, 2)])
    assert Zone("1", "spiked", spike).geometry.equals(shapely.box(0, 0, 2, 2))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda: Area.from_geojson("{"), "no JSON"),
        (lambda: Area.from_geojson("[]"), "an object"),
        (lambda: Area.from_geojson('{"type":"FeatureCollection","features":[]}'), "empty"),
        (lambda: Area.from_geojson('{"type":"LineString","coordinates":[[0,0],[1,1]]}'), "polygon"),
        (lambda: Area.from_geojson('{"type":"Polygon","coordinates":[[[0,0],[1]]]}'), "broken"),
        (lambda: Area.from_box(0, 0, 1, 91), "beyond the pole"),
        (lambda: Area.from_box(0, 5, 1, 5), "south < north"),
        (lambda: Area.from_box(0, float("nan"), 1, 5), "finite"),
        (lambda: Area.from_point(361, 0), "off the globe"),
        (lambda: Area((), "nothing"), "no zone"),
        (
            lambda: Area.from_geometry(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])),
            r"its boundary crosses itself near 1, 1 \(longitude, latitude\); mend it, .* in QGIS",
        ),
        (
            lambda: Area.from_geometry(shapely.Polygon([(0, 0), (1, 1), (2, 2), (0, 0)])),
            "no width: its corners lie on one line; give a polygon round it, or a point",
        ),
    ],
)
def test_what_is_no_area_is_refused_in_one_sentence(given, words):
    with pytest.raises(InvalidAreaError, match=words) as caught:
        given()
    assert "\n" not in str(caught.value)


def test_polygon_that_rounding_has_made_a_point_is_one_and_says_so():
    ring = [[36.8, -1.3], [36.8, -1.3], [36.8, -1.3], [36.8, -1.3]]
    area = Area.from_geojson({"type": "Polygon", "coordinates": [ring]})
    assert area.zones[0].geometry == shapely.Point(36.8, -1.3)
    assert [str(note) for note in area.notes] == [
        "area is a polygon without width, taken as a point"
    ]
    both = {
        "type": "MultiPolygon",
        "coordinates": [[ring], [[[1, 1], [1, 1.00001], [1, 1], [1, 1]]]],
    }
    assert Area.from_geojson(both).zones[0].geometry.geom_type == "MultiPoint"


@pytest.mark.parametrize(
    ("driver", "name"),
    [("GeoJSON", "a.geojson"), ("GPKG", "a.gpkg"), ("KML", "a.kml"), ("ESRI Shapefile", "a.zip")],
)
def test_every_file_kind_gives_the_same_zone(tmp_path: Path, driver: str, name: str):
    shape = np.array([SQUARE.wkb], dtype=object)
    inner = tmp_path / ("a.shp" if name == "a.zip" else name)
    pyogrio.raw.write(
        inner,
        shape,
        [np.array(["square"], dtype=object)],
        ["name"],
        geometry_type="Polygon",
        crs="EPSG:4326",
        driver=driver,
    )
    if name == "a.zip":
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for path in tmp_path.glob("a.*"):
                if path.suffix != ".zip":
                    archive.write(path, path.name)
    area = read_area(tmp_path / name)
    assert len(area.zones) == 1
    assert area.zones[0].geometry.equals(SQUARE)
    assert area.zones[0].name == "square"


def test_projected_file_is_brought_to_longitude_and_latitude(tmp_path: Path):
    metres = shapely.box(0, 0, 111319.49079327357, 111325.1428663851)
    pyogrio.raw.write(
        tmp_path / "m.gpkg",
        np.array([metres.wkb], dtype=object),
        [],
        [],
        geometry_type="Polygon",
        crs="EPSG:3857",
        driver="GPKG",
    )
    assert read_area(tmp_path / "m.gpkg").bounds == pytest.approx((0, 0, 1, 1), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"x", "allowed endings"),
        ("a.geojson", b"", "empty file"),
        ("a.geojson", b"\xff\xfe\x00", "no text"),
        ("a.zip", b"no zip", "cannot be read"),
        ("a.gpkg", b"no database", "cannot be read"),
        ("a.kml", b"<kml/>", "holds no feature|cannot be read"),
    ],
)
def test_bad_file_is_refused_in_words(tmp_path: Path, name: str, content: bytes, words: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidAreaError, match=words):
        read_area(tmp_path / name)


def test_missing_file_is_named(tmp_path: Path):
    with pytest.raises(InvalidAreaError, match=r"no file .*gone\.kml"):
        read_area(tmp_path / "gone.kml")


def test_what_is_read_back_is_the_same_area_notes_too():
    shapes = [shapely.box(number, 0, number + 1, 1) for number in range(3)]
    zones = tuple(Zone(str(number), "same", shape) for number, shape in enumerate(shapes))
    read = Area.from_geojson(Area(zones, "three").geojson)
    assert [note.code for note in read.notes] == ["zones"]
    assert Area.from_stored(read.geojson) == read
    assert Area.from_stored(read.geojson).sha256 == read.sha256


@pytest.mark.parametrize("names", [("<b>A</b>", "B"), ("-", "n/a"), ("nan", "none"), ("*", "1")])
def test_what_is_read_back_has_its_names_whatever_they_look_like(names: tuple[str, str]):
    shapes = (shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1))
    zones = (Zone("Z1", names[0], shapes[0]), Zone("Z2", names[1], shapes[1]))
    for area in (Area(zones, "two"), Area(zones[:1], "one")):
        assert Area.from_stored(area.geojson) == area
