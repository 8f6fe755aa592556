"""What lies beside the zones in a file, and is none: left out with a word, or passed over."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import shapely

from csserv.errors import InvalidAreaError
from csserv.request.files import FileChoices, read_area
from tests.request.files.test_reading import KML, PLACEMARK, A, B, names, notes, write

RING = " ".join(f"{x},{y}" for x, y in A.exterior.coords)
ALPHA = PLACEMARK.format("Alpha", RING)
IMAGE = (
    "<GroundOverlay><name>relief</name><Icon><href>relief.png</href></Icon><LatLonBox>"
    "<north>5</north><south>-5</south><east>40</east><west>30</west></LatLonBox></GroundOverlay>"
)


def geojson(shape: shapely.Polygon, name: str = "Alpha") -> str:
    geometry = json.loads(shapely.to_geojson(shape))
    return json.dumps({"type": "Feature", "properties": {"name": name}, "geometry": geometry})


def packed(path: Path, **entries: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_images_and_links_of_a_kml_are_no_zones(tmp_path: Path):
    path = tmp_path / "a.kml"
    link = "<NetworkLink><name>more</name></NetworkLink>"
    folder = f"<Folder><name>é</name>{IMAGE}<ScreenOverlay/>{link}</Folder>"
    path.write_text(KML.format(IMAGE + ALPHA + folder), encoding="utf-8")
    area = read_area(path)
    assert names(area) == ["Alpha"]
    assert area.zones[0].geometry.equals(A)
    assert notes(area) == [
        "2 images are left out (GroundOverlay)",
        "1 image is left out (ScreenOverlay)",
        "1 link to another file is left out (NetworkLink)",
    ]


def test_a_kml_of_images_alone_holds_no_zone(tmp_path: Path):
    path = tmp_path / "a.kml"
    path.write_text(KML.format(IMAGE), encoding="utf-8")
    with pytest.raises(InvalidAreaError, match="holds no shape but 1 image; give polygons"):
        read_area(path)
    path.write_text(KML.format(IMAGE + ALPHA), encoding="utf-16")
    with pytest.raises(InvalidAreaError, match="in UTF-16; save it in UTF-8"):
        read_area(path)


def with_view(path: Path, view: str) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE VIEW {view} AS SELECT * FROM zones WHERE name = 'Alpha'")
        for table in ("gpkg_contents", "gpkg_geometry_columns"):
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            others = ", ".join(one for one in columns if one not in ("table_name", "identifier"))
            database.execute(
                f"INSERT INTO {table} (table_name, {others}) SELECT '{view}', {others} FROM {table}"
            )
        database.commit()
    return path


def test_view_of_a_geopackage_is_left_out_beside_its_tables(tmp_path: Path):
    path = with_view(write(tmp_path / "a.gpkg", [A, B], name=["Alpha", "Beta"]), "Some_Zones")
    area = read_area(path)
    assert names(area) == ["Alpha", "Beta"]
    assert notes(area) == ["the view Some_Zones is not read, as only tables are"]
    with pytest.raises(InvalidAreaError, match="has no layer 'Some_Zones'"):
        read_area(path, choices=FileChoices(layer="Some_Zones"))


def test_geopackage_of_views_alone_says_how_to_go_on(tmp_path: Path):
    path = with_view(write(tmp_path / "a.gpkg", [A, B], name=["Alpha", "Beta"]), "some")
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM gpkg_contents WHERE table_name = 'zones'")
        database.commit()
    with pytest.raises(InvalidAreaError, match=r"the view some is not read.*; save it as a layer"):
        read_area(path)


@pytest.mark.parametrize(
    "other",
    [
        *("metadata.json", "a.qmd", "a.qgs", "a.xml", "README.txt", "README", ".DS_Store", "a.csv"),
        *("__MACOSX/._a.geojson", "style.json", "Thumbs.db", "a.shp.xml", "LICENSE.pdf", "a.xlsx"),
    ],
)
def test_what_holds_no_shapes_does_not_count_in_a_zip(tmp_path: Path, other: str):
    content = '{"title": "Districts", "licence": "CC BY 4.0"}'
    path = packed(tmp_path / "a.zip", **{other: content, "a.geojson": geojson(A)})
    area = read_area(path)
    assert names(area) == ["Alpha"]
    assert notes(area) == []


def test_of_the_same_in_several_forms_one_is_taken_and_told(tmp_path: Path):
    forms = {"k/a.topojson": "{}", "k/a.geojson": geojson(A), "k/a.kml": "x"}
    area = read_area(packed(tmp_path / "a.zip", **forms))
    assert area.zones[0].geometry.equals(A)
    assert notes(area) == [
        "zones are those of k/a.geojson; left out are k/a.topojson, k/a.kml, the same by its name"
    ]


def test_two_files_of_shapes_in_a_zip_are_a_choice(tmp_path: Path):
    content = {"a.json": geojson(A), "b.json": geojson(B, "Beta"), "c.json": "{}"}
    path = packed(tmp_path / "a.zip", **content)
    with pytest.raises(InvalidAreaError, match=r"holds 2 files of shapes: a\.json, b\.json"):
        read_area(path)
    assert names(read_area(f"{path}:b.json")) == ["Beta"]


def test_geodatabase_in_a_zip_says_how_to_go_on(tmp_path: Path):
    path = packed(tmp_path / "a.zip", **{"k.gdb/a00000001.gdbtable": "x"})
    with pytest.raises(InvalidAreaError, match=r"holds a geodatabase \(.gdb\).*as GeoPackage"):
        read_area(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.dbf", "a part of a shapefile: give a ZIP of all parts"),
        ("a.gml", "save it as GeoPackage"),
        ("a.tar.gz", "unpack it first"),
        ("a.osm", "as overpass-turbo.eu does"),
        ("a.qgz", "give the file of its layer"),
        ("a.xls", r"save it as \.xlsx"),
    ],
)
def test_file_of_another_kind_says_how_to_go_on(tmp_path: Path, name: str, said: str):
    (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(InvalidAreaError, match=said):
        read_area(tmp_path / name)


def test_wkt_may_go_over_several_lines(tmp_path: Path):
    path = tmp_path / "a.wkt"
    alpha = A.wkt.replace(", ", ",\n\n   ").replace("POLYGON ", "POLYGON\r\n")
    path.write_text(f"\n{alpha};\nSRID=4326;\n{B.wkt}\nPOINT EMPTY\n", encoding="utf-8")
    area = read_area(path)
    assert [zone.geometry.equals(one) for zone, one in zip(area.zones, (A, B), strict=True)]
    assert notes(area) == ["1 feature without a shape is left out"]
    path.write_text(f"{A.wkt}\nPOLYGON ((36 0,\n37 0", encoding="utf-8")
    with pytest.raises(InvalidAreaError, match=r"a\.wkt, line 2: this is no WKT"):
        read_area(path)
