"""Areas made with ill will: each is read or refused in words; nothing else happens, and soon."""

from __future__ import annotations

import io
import json
import math
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.request import Area, Zone
from csserv.request.files import unpack as unpacking
from csserv.request.files.reading import read_area, read_upload
from csserv.request.files.shapes.wkb import from_wkb
from csserv.request.geojson import ZONES as KINDS
from csserv.request.limits import Limits

SQUARE = shapely.box(30, 0, 32, 2)
READ = (*KINDS, "LineString", "MultiLineString", "GeometryCollection")
POINT = {"type": "Point", "coordinates": [30, 0]}

KML = b"""<?xml version="1.0" encoding="UTF-8"?>%b
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>%b</name><Polygon>
<outerBoundaryIs><LinearRing><coordinates>30,0 32,0 32,2 30,2 30,0</coordinates></LinearRing>
</outerBoundaryIs></Polygon></Placemark></Document></kml>"""

LAUGHS = b'<!DOCTYPE kml [<!ENTITY a "ha">%b]>' % b"".join(
    b'<!ENTITY %c "%b">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(12)
)
STEAL = b'<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ELSEWHERE = b"""<OGRVRTDataSource><OGRVRTLayer name="passwd">
<SrcDataSource>%b</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


def file_of(folder: Path, driver: str, name: str) -> Path:
    pyogrio.raw.write(
        folder / name,
        np.array([SQUARE.wkb], dtype=object),
        [np.array(["square"], dtype=object)],
        ["name"],
        geometry_type="Polygon",
        crs="EPSG:4326",
        driver=driver,
    )
    return folder / name


def zip_of(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def topology(shape: shapely.Polygon) -> dict[str, Any]:
    ring = [list(point) for point in shape.exterior.coords]
    zone = {"type": "Polygon", "properties": {"name": "square"}, "arcs": [[0]]}
    members = {"zones": {"type": "GeometryCollection", "geometries": [zone]}}
    return {"type": "Topology", "objects": members, "arcs": [ring]}


def esri(shape: shapely.Polygon) -> dict[str, Any]:
    ring = [list(point) for point in shape.exterior.coords]
    return {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 4326},
        "features": [{"attributes": {"name": "square"}, "geometry": {"rings": [ring]}}],
    }


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A file of each kind, with one square in it."""
    folder = tmp_path_factory.mktemp("valid")
    file_of(folder, "ESRI Shapefile", "a.shp")
    parts = {path.name: path.read_bytes() for path in folder.glob("a.*")}
    return {
        "a.zip": zip_of(parts),
        "stored.zip": zip_of(parts, zipfile.ZIP_STORED),
        "a.kml": KML % (b"", b"square"),
        "a.gpkg": file_of(folder, "GPKG", "b.gpkg").read_bytes(),
        "a.fgb": file_of(folder, "FlatGeobuf", "b.fgb").read_bytes(),
        "a.kmz": zip_of({"doc.kml": KML % (b"", b"square")}),
        "a.csv": f'name,wkt\nsquare,"{SQUARE.wkt}"\n'.encode(),
        "a.tsv": f"name\twkt\nsquare\t{SQUARE.wkt}\n".encode(),
        "a.wkt": SQUARE.wkt.encode(),
        "a.xlsx": workbook([["name", "wkt"], ["square", SQUARE.wkt]]),
        "a.geojsonl": shapely.to_geojson(SQUARE).encode(),
        "a.topojson": json.dumps(topology(SQUARE)).encode(),
        "a.json": json.dumps(esri(SQUARE)).encode(),
        "a.geojson": Area.from_geometry(SQUARE).geojson.encode(),
    }


def changed_gpkg(valid: dict[str, bytes], folder: Path, *statements: str) -> bytes:
    path = folder / "changed.gpkg"
    path.write_bytes(valid["a.gpkg"])
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path.read_bytes()


def refused(call: Callable[[], Any], words: str = "") -> str:
    """See that a call is refused in words that hold others, and no path of ours."""
    with pytest.raises(InvalidAreaError, match=words or None) as caught:
        call()
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 1000
    assert "/tmp" not in said
    return said


def read_or_refused(call: Callable[[], Area]) -> Area | None:
    try:
        return call()
    except InvalidAreaError as error:
        said = str(error)
    assert "\n" not in said
    assert "/tmp" not in said
    return None


def nested(times: int, opening: str, inside: str, closing: str) -> str:
    return opening * times + inside + closing * times


def feature(**given: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": POINT} | given


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (nested(100_000, "[", "", "]"), "nested too deeply"),
        (nested(100_000, '{"a":', "1", "}"), "nested too deeply"),
        (
            nested(100_000, '{"type":"GeometryCollection","geometries":[', "", "]}"),
            "nested too deeply",
        ),
        (
            nested(100, '{"type":"GeometryCollection","geometries":[', json.dumps(POINT), "]}"),
            "nested more than 16 deep",
        ),
        (nested(100, '{"type":"FeatureCollection","features":[', "", "]}"), "more than 16 deep"),
        (nested(500, '{"type":"Polygon","coordinates":', "[]", "}"), "nested|broken|empty"),
        ('{"type":"Point","coordinates":[NaN,0]}', "broken coordinates"),
        ('{"type":"Point","coordinates":[-Infinity,0]}', "broken coordinates"),
        ('{"type":"Point","coordinates":[1e999,0]}', "broken coordinates"),
        ('{"type":"Point","coordinates":[1e300,0]}', "off the globe"),
        ('{"type":"Point","coordinates":[0,%s]}' % ("9" * 400), "broken|beyond the pole"),
        ('{"type":"Point","coordinates":[0,%s]}' % ("9" * 5000), "no JSON"),
        ('{"type":"Point","coordinates":"x"}', "broken coordinates"),
        ('{"type":"Point","coordinates":["1","2"]}', "broken coordinates"),
        ('{"type":"Point","coordinates":{"lon":1}}', "broken coordinates"),
        ('{"type":"Point"}', "without coordinates"),
        ('{"type":"Point","coordinates":[]}', "holds no shape"),
        ('{"type":["Point"],"coordinates":[0,0]}', r"its type is \['Point'\]"),
        ('{"type":"FeatureCollection","features":5}', "a list, not 5"),
        ('{"type":"FeatureCollection","features":{"a":1}}', "a list, not"),
        ('{"type":"FeatureCollection","features":[5]}', "an object, not 5"),
        ('{"type":"Feature","geometry":7}', "area has 7 as its geometry; give one of"),
        ("\ud800", "no JSON"),
        ("null", "not null"),
    ],
)
def test_hostile_geojson_is_refused_in_words(text: str, words: str):
    refused(lambda: Area.from_geojson(text), words)


def test_endless_mapping_is_refused():
    endless: dict[str, Any] = {"type": "FeatureCollection"}
    endless["features"] = [endless]
    refused(lambda: Area.from_geojson(endless), "more than 16 deep")
    loop: list[Any] = []
    loop.append(loop)
    refused(lambda: Area.from_geojson({"type": "Polygon", "coordinates": loop}), "area: ")


@pytest.mark.parametrize("wrong", [{"a": [1]}, [], [1, 2], True, None, 0, 1.5, math.inf])
def test_ids_names_and_properties_of_any_type_are_taken_or_left(wrong: Any):
    for plain in (
        feature(id=wrong),
        feature(properties=wrong),
        feature(properties={"name": wrong, "id": wrong}),
        {"type": "FeatureCollection", "title": wrong, "features": [feature()]},
    ):
        area = Area.from_geojson(plain)
        assert Area.from_geojson(area.geojson).sha256 == area.sha256


def test_of_two_equal_keys_the_last_one_counts():
    text = '{"type":"Point","coordinates":[1,1],"coordinates":[2,2]}'
    assert Area.from_geojson(text).bounds == (2, 2, 2, 2)


def test_names_are_one_line_that_any_file_can_hold():
    given = feature(id="a\x00b", properties={"name": "Lac\nNoir\ud800" + "x" * 10**6})
    area = Area.from_geojson({"type": "FeatureCollection", "title": "\ud800", "features": [given]})
    assert area.zones[0].name.startswith("Lac Noir x")
    assert len(area.zones[0].name) == 200
    assert area.zones[0].id == "a b"
    assert Area.from_geojson(area.geojson).sha256 == area.sha256


def test_amounts_are_refused_before_they_take_memory():
    limits = Limits(vertices=1000, zones=10)
    ring = [[0, 0], [1, 0], [0, 1], [0, 0]]
    many = {"type": "MultiPolygon", "coordinates": [[ring]] * 1000}
    text = '{"type":"MultiPolygon","coordinates":[' + ",".join(["[[[0,0]]]"] * 10**6) + "]}"
    said = refused(lambda: Area.from_geojson(text, limits=limits), "3,000,002 brackets")
    assert "CSSERV_MAX_VERTICES" in said
    text = '{"type":"Polygon","coordinates":[' + "1," * 20_000 + "1]}"
    refused(lambda: Area.from_geojson(text, limits=limits), "20,001 commas")
    refused(lambda: Area.from_geojson(json.loads(text), limits=limits), "broken coordinates")
    with pytest.raises(AreaTooLargeError, match="4,000 vertices; at most 3,000"):
        Area.from_geojson(many, limits=Limits(vertices=3000, zones=10))
    collection = {"type": "FeatureCollection", "features": [feature()] * 11}
    with pytest.raises(AreaTooLargeError, match="11 zones; at most 10"):
        Area.from_geojson(collection, limits=limits)


def test_tangle_is_refused_before_it_is_mended():
    way = np.random.default_rng(0).uniform(-1, 1, (20_000, 2)) * (180, 90)
    refused(
        lambda: Area.from_geometry(shapely.Polygon(way)), r"tangle: too many of its 20,00\d edges"
    )


@pytest.mark.parametrize(
    "rings",
    [
        [shapely.box(0, 0, 1, 1)] * 5000,
        [shapely.box(-i / 90, -i / 90, i / 90, i / 90) for i in range(1, 5000)],
        [
            shapely.Polygon([(0, 0), (math.cos(a), math.sin(a)), (math.cos(a), math.sin(a + 1e-4))])
            for a in np.arange(5000) * 1e-3
        ],
    ],
    ids=["the same", "one in the other", "all from one point"],
)
def test_rings_upon_rings_are_refused(rings: list[shapely.Polygon]):
    refused(lambda: Area.from_geometry(shapely.MultiPolygon(rings)), "tangle: too many of its")


def test_many_islands_and_lakes_are_no_tangle():
    x, y = np.meshgrid(np.arange(60), np.arange(60))
    islands = shapely.box(x, y, x + 0.9, y + 0.9).ravel()
    assert len(shapely.get_parts(Zone("1", "i", shapely.multipolygons(islands)).geometry)) == 3600
    lakes = [island.exterior for island in islands]
    land = shapely.Polygon(shapely.box(-1, -1, 61, 61).exterior, lakes)
    assert Zone("1", "l", land).geometry.area == pytest.approx(62**2 - 3600 * 0.81)


def test_broken_polygon_of_very_many_rings_is_not_mended():
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(101), np.arange(101)))
    squares = shapely.box(x * 0.5, y * 0.5, x * 0.5 + 0.4, y * 0.5 + 0.4)
    outside = [square.exterior for square in squares]
    broken = shapely.Polygon(shapely.box(-1, -1, 0, 0).exterior, outside)
    refused(lambda: Area.from_geometry(broken), "hole lies outside.* 10,202 rings")


def test_empty_parts_are_left_out():
    hollow = {"type": "MultiPolygon", "coordinates": [[]] * 1000}
    refused(lambda: Area.from_geojson(hollow), "holds no shape")
    parts = shapely.MultiPolygon([SQUARE, shapely.Polygon()])
    assert Zone("1", "p", parts).geometry.equals(SQUARE)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["Point", "Polygon", "Feature", "FeatureCollection", "GeometryCollection"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)
NUMBERS = st.floats(-400, 400) | st.integers(-181, 181) | ANYTHING
POSITIONS = st.lists(NUMBERS, min_size=1, max_size=4)
RINGS = st.lists(POSITIONS | st.lists(st.integers(-5, 5), min_size=2, max_size=3), max_size=7)
COORDINATES = POSITIONS | RINGS | st.lists(RINGS, max_size=3) | st.lists(st.lists(RINGS)) | ANYTHING
GEOMETRIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Point", "MultiPoint", "Polygon", "MultiPolygon", "LineString"]),
        "coordinates": COORDINATES,
    }
)
FEATURES = st.fixed_dictionaries(
    {"type": st.just("Feature"), "geometry": GEOMETRIES | ANYTHING},
    optional={"properties": ANYTHING, "id": ANYTHING},
)
COLLECTIONS = st.fixed_dictionaries(
    {"type": st.just("FeatureCollection")},
    optional={"features": st.lists(FEATURES, max_size=4) | ANYTHING, "title": ANYTHING},
)
GEOJSON = GEOMETRIES | FEATURES | COLLECTIONS | ANYTHING


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(GEOJSON)
def test_any_json_gives_an_area_that_can_be_kept_or_is_refused(plain: Any):
    for given_as in (plain, json.dumps(plain)):
        area = read_or_refused(lambda source=given_as: Area.from_geojson(source))
        assert area is None or Area.from_geojson(area.geojson).sha256 == area.sha256


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused(text: str):
    with suppress(InvalidAreaError):
        Area.from_geojson(text)


def test_every_valid_file_is_read_as_an_upload(valid: dict[str, bytes]):
    for name, content in valid.items():
        area = read_upload(f"C:\\my maps\\{name}", content)
        assert area.zones[0].geometry.equals(SQUARE), name


@pytest.mark.parametrize(
    "name",
    ["a.exe", "", "..", "a.svg", "a.geojson/", "/vsicurl/http://localhost/a", "a.zip\x00.exe"],
)
def test_upload_of_no_known_kind_is_refused(name: str):
    refused(lambda: read_upload(name, b"x"), "allowed endings")


def test_name_of_an_upload_leads_nowhere(valid: dict[str, bytes], tmp_path: Path):
    for name in ("../../etc/x.kml", "/vsicurl/http://localhost:1/x.kml", "a\nb.kml", "é" * 5000):
        with suppress(InvalidAreaError):
            assert read_upload(name, valid["a.kml"]).zones[0].name == "square"
    assert "b.kml is an empty file" in refused(lambda: read_upload("/srv/a/b.kml", b""))


@pytest.mark.parametrize(
    "name",
    [
        *("a.kml", "a.gpkg", "a.zip", "a.shp", "a.geojson", "a.fgb", "a.kmz", "a.csv", "a.xlsx"),
        *("a.wkt", "a.topojson", "a.geojsonl"),
    ],
)
@pytest.mark.parametrize(
    "content",
    [
        ELSEWHERE % b"/etc/passwd",
        ELSEWHERE % b"/vsicurl/http://localhost:1/a.geojson",
        b'{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read /etc/passwd"}',
        b"<wfs:WFS_Capabilities/>",
        b"PK\x05\x06" + bytes(18),
        b"SQLite format 3\0" + bytes(200),
        bytes(1000),
    ],
)
def test_file_that_is_no_such_file_is_refused_whatever_it_points_to(name: str, content: bytes):
    refused(lambda: read_upload(name, content), name.replace(".", "\\.") + "|geometry|JSON|type")


@pytest.mark.parametrize("entities", [LAUGHS, STEAL, b"<!DOCTYPE kml>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_kml_with_a_document_type_is_refused(entities: bytes, encoding: str):
    text = (KML % (entities, b"&a;")).decode().replace("UTF-8", encoding)
    refused(lambda: read_upload("a.kml", text.encode(encoding)), "has a document type")


def test_kml_with_html_in_a_description_is_read(valid: dict[str, bytes]):
    told = b"square</name><description><![CDATA[<!DOCTYPE html><b>x</b>]]></description><name>"
    assert read_upload("a.kml", KML % (b"", told)).zones[0].geometry.equals(SQUARE)


def test_deep_or_endless_kml_is_refused(monkeypatch: pytest.MonkeyPatch):
    head = b'<kml xmlns="http://www.opengis.net/kml/2.2">'
    deep = head + b"<Folder>" * 100_000 + b"</Folder>" * 100_000 + b"</kml>"
    refused(lambda: read_upload("a.kml", deep), "more than 64 deep")
    long = head + b"<Placemark/>" * 600_000 + b"</kml>"
    refused(lambda: read_upload("a.kml", long), "more than 500,000 elements")


@pytest.mark.slow
def test_zip_bomb_is_refused_by_what_it_says(valid: dict[str, bytes]):
    bomb = zip_of({"a.shp": bytes(300_000_000), "a.shx": b""})
    assert len(bomb) < 400_000
    refused(lambda: read_upload("a.zip", bomb), "larger than 200 MB when it is expanded")


def test_zip_bomb_that_lies_is_refused_while_it_expands(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unpacking, "MOST_EXPANDED", 1_000_000)
    bomb = bytearray(zip_of({"a.geojson": b" " * 5_000_000}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = bomb.index(mark) + place
        bomb[start : start + 4] = struct.pack("<I", 900_000)
    refused(lambda: read_upload("a.zip", bytes(bomb)), r"a\.zip")
    whole = zip_of({"a.shp": bytes(600_000), "a.shx": bytes(600_000)})
    refused(lambda: read_upload("a.zip", whole), "larger than 1 MB")


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"inner.zip": b"x"}, "holds inner.zip, which is packed again; unpack it"),
        ({"a.txt": b"x"}, "holds no files of shapes"),
        (
            {"a.shp": b"x", "b.shp": b"x"},
            "holds 2 files of shapes: a.shp, b.shp; choose one, as in a.zip:b.shp",
        ),
        ({"a.shp": b"x"}, r"lacks its \.shx"),
        ({f"{i}.txt": b"" for i in range(1001)}, "more than 1,000 entries"),
    ],
)
def test_zip_of_other_things_is_refused(entries: dict[str, bytes], words: str):
    refused(lambda: read_upload("a.zip", zip_of(entries)), words)


def test_names_in_a_zip_lead_nowhere(valid: dict[str, bytes], tmp_path: Path):
    inside = {"../../../../tmp/escaped.geojson": valid["a.geojson"], "__MACOSX/._a.shp": b"x"}
    assert read_upload("a.zip", zip_of(inside)).zones[0].geometry.equals(SQUARE)
    assert not Path("/tmp/escaped.geojson").exists()
    link = io.BytesIO()
    with zipfile.ZipFile(link, "w") as archive:
        entry = zipfile.ZipInfo("a.geojson")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    refused(lambda: read_upload("a.zip", link.getvalue()), "no JSON")


ENDLESS = (
    "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x FROM t) SELECT x AS fid, x AS geom FROM t"
)


@pytest.mark.parametrize(
    "select",
    [
        ENDLESS,
        "SELECT fid, geom FROM real_one",
        "SELECT 1 AS fid, randomblob(1000000000) AS geom",
        "SELECT 1 AS fid, readfile('/etc/passwd') AS geom",
        "SELECT 1 AS fid, a.value AS geom FROM json_each('[1]') AS a",
    ],
)
def test_view_in_a_geopackage_is_not_run(valid: dict[str, bytes], tmp_path: Path, select: str):
    content = changed_gpkg(
        valid,
        tmp_path,
        "PRAGMA writable_schema = ON",
        "DELETE FROM sqlite_master WHERE type = 'trigger'",
        "UPDATE gpkg_contents SET table_name = 'evil'",
        "UPDATE gpkg_geometry_columns SET table_name = 'evil'",
        "CREATE TABLE real_one (fid INTEGER, geom BLOB)",
        f"CREATE VIEW evil AS {select}",
    )
    refused(lambda: read_upload("a.gpkg", content), r"a\.gpkg")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE gpkg_contents SET table_name = 'a\"; DROP TABLE x --'", "holds no layer"),
        ("UPDATE gpkg_contents SET data_type = 'tiles'", "holds no layer"),
        ("DROP TABLE gpkg_geometry_columns", "its layers are no plain tables"),
        ("UPDATE gpkg_geometry_columns SET column_name = 'nope'", "cannot be read|holds no|header"),
        ("UPDATE b SET geom = NULL", "it holds no shape"),
        ("UPDATE b SET geom = 'text'", "a geometry is none"),
        ("UPDATE b SET geom = x'47500000'", "a geometry is none"),
        ("UPDATE b SET geom = x'4750000f000000000102'", "a broken header"),
        ("UPDATE b SET geom = x'47500001000000000103000000ffffffff'", "cannot be read"),
        ("UPDATE b SET geom = x'475000010000000001010000000000000000f87f0000000000000000'", ""),
        (
            f"UPDATE b SET geom = x'47500001000000{'00' + '010700000001000000' * 300_000}'",
            "a geometry is broken",
        ),
        (
            f"UPDATE b SET geom = x'47500001000000{'00' + '010600000001000000' * 300_000}'",
            "a kind that is not read",
        ),
        ("UPDATE b SET geom = x'47500001000000000111000000000000'", "a kind that is not read"),
        ("UPDATE b SET geom = x'47500001000000000106000000ffffffff'", "a geometry is broken"),
        ("DELETE FROM b", "holds no feature"),
        (
            "UPDATE gpkg_spatial_ref_sys SET organization='X', definition='http://localhost:1/'",
            "unknown coordinate system",
        ),
        (
            "UPDATE gpkg_spatial_ref_sys SET organization='X', definition='/etc/passwd'",
            "unknown coordinate system",
        ),
        (
            "UPDATE gpkg_spatial_ref_sys SET organization='X', definition='PROJCS[\"x\"]'",
            "unknown coordinate system",
        ),
    ],
)
def test_broken_geopackage_is_refused_in_words(
    valid: dict[str, bytes], tmp_path: Path, statement: str, words: str
):
    # GDAL's triggers call functions that only GDAL has
    drop = ["PRAGMA writable_schema = ON", "DELETE FROM sqlite_master WHERE type = 'trigger'"]
    content = changed_gpkg(valid, tmp_path, *drop)
    (tmp_path / "bare.gpkg").write_bytes(content)
    content = changed_gpkg({"a.gpkg": content}, tmp_path, statement)
    refused(lambda: read_upload("a.gpkg", content), words)


@pytest.mark.parametrize("kind", [4, 6, 7, 1006, 0x80000006, 0xC0000006, 0x800007D4])
def test_collections_in_collections_do_not_end_the_process(
    valid: dict[str, bytes], tmp_path: Path, kind: int
):
    one = struct.pack("<BII", 1, kind, 1)
    with pytest.raises(ValueError, match=r"a geometry is broken|a kind that is not read"):
        from_wkb(one * 300_000)
    drop = ["PRAGMA writable_schema = ON", "DELETE FROM sqlite_master WHERE type = 'trigger'"]
    shape = f"UPDATE b SET geom = x'4750000100000000{(one * 300_000).hex()}'"
    content = changed_gpkg(valid, tmp_path, *drop)
    content = changed_gpkg({"a.gpkg": content}, tmp_path, shape)
    refused(lambda: read_upload("a.gpkg", content), "a geometry is broken|a kind that is not read")


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [(1, 2), (1001, 3), (2001, 3), (3001, 4), (0x800007D1, 4), (0x400003E9, 4), (0xC0000001, 4)],
)
def test_length_of_a_vertex_is_the_one_that_geos_takes(kind: int, numbers: int):
    # a member that is thought shorter than it is could hide another kind behind it
    def points(length: int) -> bytes:
        member = struct.pack("<BI", 1, kind) + struct.pack("<d", 1.0) * length
        return struct.pack("<BII", 1, 4, 2) + member * 2

    assert len(shapely.get_parts(from_wkb(points(numbers)))) == 2
    for wrong in (numbers - 1, numbers + 1):
        with pytest.raises((ValueError, shapely.GEOSException)):
            from_wkb(points(wrong))


@settings(deadline=None)
@given(st.integers(0, 3), st.booleans())
def test_every_plain_shape_is_read_from_binary(kind: int, has_height: bool):
    shapes = [shapely.Point(1, 2), SQUARE, shapely.MultiPoint([(1, 2), (3, 4)])]
    shape = [*shapes, shapely.MultiPolygon([SQUARE, shapely.box(0, 0, 1, 1)])][kind]
    shape = shapely.force_3d(shape, 5) if has_height else shape
    for flavor in ("iso", "extended"):
        for order in (0, 1):
            content = shapely.to_wkb(shape, flavor=flavor, byte_order=order)
            assert from_wkb(content).equals(shape)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_binary_is_a_shape_or_an_error(content: bytes):
    for start in (b"", b"\x01\x06\0\0\0", b"\x01\x03\0\0\0\x01\0\0\0", b"\0\0\0\0\x04"):
        with suppress(ValueError, struct.error, shapely.GEOSException):
            assert from_wkb(start + content).geom_type in READ


def test_limits_hold_for_files(valid: dict[str, bytes]):
    for name, content in valid.items():
        with pytest.raises(AreaTooLargeError, match="5 vertices; at most 4"):
            read_upload(name, content, Limits(vertices=4, zones=10))
    two = (KML % (b"", b"a")).replace(
        b"</Document>",
        b"<Placemark><name>b</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        b"1,1 2,1 2,2 1,1</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        b"</Document>",
    )
    with pytest.raises(AreaTooLargeError, match="more than 1 zones"):
        read_upload("a.kml", two, Limits(zones=1))
    assert len(read_upload("a.kml", two, Limits(zones=2)).zones) == 2


def test_zip_entry_without_a_name_is_passed_over(valid: dict[str, bytes]):
    # names are cut at a NUL: ZipInfo.is_dir raised an IndexError for what was left of this one
    content = valid["stored.zip"]
    nameless = content.replace(b"a.prj", b"\0.prj")
    assert nameless != content
    assert read_upload("a.zip", nameless).zones
    nothing = content.replace(b"a.shp", b"\0.shp")
    refused(lambda: read_upload("a.zip", nothing), "a.zip holds no files of shapes")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # GDAL warns of what is broken in a file
@pytest.mark.filterwarnings("ignore:Measured")
@pytest.mark.parametrize(
    "name",
    [
        *("a.zip", "stored.zip", "a.kml", "a.gpkg", "a.geojson", "a.fgb", "a.csv", "a.xlsx"),
        *("a.wkt", "a.topojson", "a.json"),
    ],
)
@settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_broken_bytes_are_read_or_refused(valid: dict[str, bytes], name: str, data: st.DataObject):
    content = bytearray(valid[name])
    places = st.integers(0, len(content) - 1)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(places)] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(places) :]
    read_or_refused(lambda: read_upload(name, bytes(content)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_broken_parts_of_a_shapefile_are_read_or_refused(data: st.DataObject):
    parts = {
        "a.shp": data.draw(st.binary(max_size=300)),
        "a.shx": data.draw(st.binary(max_size=300)),
        "a.dbf": data.draw(st.binary(max_size=300)),
        "a.prj": data.draw(st.binary(max_size=100)),
        "a.cpg": data.draw(st.binary(max_size=10)),
    }
    magic = (9994).to_bytes(4, "big")
    good = parts | {"a.shp": magic + parts["a.shp"], "a.shx": magic + parts["a.shx"]}
    for entries in (parts, good):
        content = zip_of(entries)
        read_or_refused(lambda sent=content: read_upload("a.zip", sent))


def test_local_file_is_named_as_it_was_given(tmp_path: Path):
    (tmp_path / "mine.kml").write_bytes(b"<kml>")
    refused(lambda: read_area(tmp_path / "mine.kml"), r"^mine\.kml cannot be read: it is no XML")
