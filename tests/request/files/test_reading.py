"""All of a file becomes zones, or there is a word about it: layers, kinds, systems, encodings."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio.raw
import pytest
import shapely

from csserv.errors import InvalidAreaError
from csserv.notes import Note
from csserv.request import Area, Zone
from csserv.request.files import FileChoices, read_area
from csserv.request.files.geodataframes import area_of_frame

A, B, C = shapely.box(36, -2, 37, -1), shapely.box(38, 0, 39, 1), shapely.box(40, -3, 41, -2)
ROAD, STATION = shapely.LineString([(36, 0), (37, 0)]), shapely.Point(38.1, 0.4)

KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
PLACEMARK = (
    "<Placemark><name>{}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{}"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
)


def write(
    path: Path,
    shapes: list[Any],
    layer: str = "zones",
    crs: str | None = "EPSG:4326",
    encoding: str | None = None,
    **fields: list[str],
) -> Path:
    """Write or append a layer, by the ending of the file."""
    drivers = {
        **{".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf", ".kml": "KML"},
        ".geojson": "GeoJSON",
    }
    types = {shape.geom_type for shape in shapes if shape is not None}
    pyogrio.raw.write(
        path,
        np.array([None if shape is None else shape.wkb for shape in shapes], dtype=object),
        [np.array(values, dtype=object) for values in fields.values()],
        list(fields),
        layer=layer if path.suffix == ".gpkg" else None,
        geometry_type=types.pop() if len(types) == 1 else "Unknown",
        crs=crs,
        encoding=encoding,
        driver=drivers[path.suffix],
        append=path.exists(),
    )
    return path


def zipped(path: Path, drop: str = "") -> Path:
    """Pack a shapefile."""
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
        for part in path.parent.glob(f"{path.stem}.*"):
            if part.suffix not in (".zip", drop):
                archive.write(part, part.name)
    return path.with_suffix(".zip")


def collection(path: Path, *features: tuple[dict[str, Any], Any], **top: Any) -> Path:
    """Write GeoJSON."""
    rows = [
        {"type": "Feature", "properties": properties, "geometry": given}
        for properties, given in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows} | top))
    return path


def plain(shape: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return found


def names(area: Area) -> list[str]:
    return [zone.name for zone in area.zones]


def notes(area: Area) -> list[str]:
    return [note.text for note in area.notes]


def test_folders_of_a_kml_are_read_together(tmp_path: Path):
    def placed(name: str, shape: Any) -> str:
        ring = " ".join(f"{x},{y},0" for x, y in shape.exterior.coords)
        return PLACEMARK.format(name, ring)

    path = tmp_path / "places.kml"
    folders = [
        placed("north", A),
        *(
            f"<Folder><name>f</name>{placed(n, s)}</Folder>"
            for n, s in (("middle", B), ("south", C))
        ),
    ]
    path.write_text(KML.format("".join(folders)))
    assert sorted(names(read_area(path))) == ["middle", "north", "south"]


def test_layer_of_zones_is_taken_beside_one_of_roads(tmp_path: Path):
    path = write(tmp_path / "kenya.gpkg", [ROAD, ROAD], "roads", name=["A1", "A2"])
    write(path, [A, B], "districts", name=["Alpha", "Beta"])
    area = read_area(path)
    assert names(area) == ["Alpha", "Beta"]
    assert notes(area) == ["zones are the layer districts; left out are roads (2) of lines"]


def test_several_layers_of_polygons_are_refused_by_name(tmp_path: Path):
    path = write(tmp_path / "kenya.gpkg", [A], "regions", name=["North"])
    write(path, [A, B], "districts", name=["Alpha", "Beta"])
    with pytest.raises(InvalidAreaError, match=r"regions \(1\), districts \(2\); choose one"):
        read_area(path)
    assert names(read_area(path, choices=FileChoices(layer="regions"))) == ["North"]
    assert names(read_area(f"{path}:Districts")) == ["Alpha", "Beta"]
    with pytest.raises(InvalidAreaError, match=r"no layer 'wards'; it has regions \(1\)"):
        read_area(f"{path}:wards")


def test_what_is_no_polygon_is_left_out_with_a_note(tmp_path: Path):
    path = collection(
        tmp_path / "mixed.geojson",
        ({"name": "Alpha"}, plain(A)),
        ({"name": "road"}, plain(ROAD)),
        ({"name": "station"}, plain(STATION)),
        ({"name": "nowhere"}, None),
        ({"name": "hollow"}, {"type": "Polygon", "coordinates": []}),
        (
            {"name": "Beta"},
            {"type": "GeometryCollection", "geometries": [plain(B), plain(ROAD), plain(C)]},
        ),
    )
    area = read_area(path)
    assert names(area) == ["Alpha", "Beta"]
    assert area.zones[1].geometry.equals(shapely.union(B, C))
    assert notes(area) == [
        "2 features without a shape are left out",
        "1 line is left out: zones are polygons",
        "1 point is left out: zones are polygons",
        "1 line is left out of collections of several kinds of shapes",
    ]


def test_same_rule_holds_for_a_geopackage(tmp_path: Path):
    shapes = [A, ROAD, None, shapely.GeometryCollection([B, ROAD])]
    path = write(tmp_path / "mixed.gpkg", shapes, name=["Alpha", "road", "nowhere", "Beta"])
    area = read_area(path)
    assert [zone.geometry for zone in area.zones] == [shapely.normalize(A), shapely.normalize(B)]
    assert len(notes(area)) == 3


def test_area_that_was_saved_is_the_same_when_it_is_read(tmp_path: Path):
    zones = (Zone("1", "Alpha", A), Zone("2", "station", STATION))
    saved = Area(zones, "both", (Note("zones", "1 line is left out: zones are polygons"),))
    (tmp_path / "area.geojson").write_text(saved.geojson)
    assert read_area(tmp_path / "area.geojson") == saved


def test_file_of_lines_alone_is_refused(tmp_path: Path):
    path = collection(tmp_path / "roads.geojson", ({"name": "A1"}, plain(ROAD)))
    with pytest.raises(InvalidAreaError, match=r"it holds 1 line \(LineString\) and nothing else"):
        read_area(path)


def test_ring_that_is_not_closed_is_closed(tmp_path: Path):
    ring = [[36, 0], [37, 0], [37, 1], [36, 1]]
    path = collection(tmp_path / "open.geojson", ({}, {"type": "Polygon", "coordinates": [ring]}))
    assert read_area(path).zones[0].geometry.equals(shapely.box(36, 0, 37, 1))


def test_projected_coordinates_become_degrees_or_are_refused(tmp_path: Path):
    utm = shapely.box(176_000, 9_890_000, 276_000, 9_990_000)
    stated = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32737"}}
    known = collection(tmp_path / "utm.geojson", ({"name": "a"}, plain(utm)), crs=stated)
    area = read_area(known)
    assert area.bounds == pytest.approx((36.08, -0.99, 36.99, -0.09), abs=0.02)
    assert notes(area) == ["coordinates are converted from WGS 84 / UTM zone 37S"]
    path = zipped(write(tmp_path / "noprj.shp", [utm], crs="EPSG:32737", name=["a"]), drop=".prj")
    with pytest.raises(InvalidAreaError, match=r"look like metres: say their coordinate system"):
        read_area(path)
    told = read_area(path, choices=FileChoices(crs="EPSG:32737"))
    assert told.zones[0].geometry.equals_exact(area.zones[0].geometry, 1e-9)
    with pytest.raises(InvalidAreaError, match="unknown coordinate system 'UTM 37'; write it as"):
        read_area(path, choices=FileChoices(crs="UTM 37"))


def test_straight_edge_of_a_projection_stays_one(tmp_path: Path):
    wide = shapely.box(600_000, -400_000, 1_900_000, 400_000)  # African Albers, four corners
    crs = "ESRI:102022"
    few = read_area(write(tmp_path / "few.gpkg", [wide], crs=crs, name=["a"]))
    many = write(tmp_path / "many.gpkg", [shapely.segmentize(wide, 500)], crs=crs, name=["a"])
    dense = read_area(many).zones[0].geometry
    left = few.zones[0].geometry.symmetric_difference(dense).area
    assert left < 1e-6 * dense.area
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[wide], crs=crs)
    framed = area_of_frame(frame).zones[0].geometry
    assert framed.symmetric_difference(dense).area < 1e-6 * dense.area


@pytest.mark.parametrize("name", ["a.fgb", "a.geojson", "a.shp", "a.gpkg", "a.kml"])
def test_layer_that_a_file_does_not_have_is_refused(tmp_path: Path, name: str):
    path = write(tmp_path / name, [A], name=["a"])
    assert len(read_area(path).zones) == 1
    with pytest.raises(InvalidAreaError, match=rf"{name} has no layer 'districts'; it has "):
        read_area(path, choices=FileChoices(layer="districts"))


@pytest.mark.parametrize(
    ("text", "written", "cpg", "choice"),
    [
        ("بغداد", "cp1256", "1256", ""),
        ("بغداد", "cp1256", "ANSI 1256", ""),
        ("بغداد", "iso-8859-6", "88596", ""),
        ("بغداد", "cp1256", "", "cp1256"),
        ("بغداد", "utf-8", "", ""),
        ("بغداد", "utf-8", "UTF8", ""),
        ("بغداد", "utf-8", "65001", ""),
        ("Ségou", "iso-8859-1", "", ""),
        ("Ségou", "iso-8859-1", "UTF-8", "latin-1"),
    ],
)
def test_names_are_read_in_the_encoding_that_is_stated_told_or_fits(
    tmp_path: Path, text: str, written: str, cpg: str, choice: str
):
    path = write(tmp_path / "a.shp", [A, B], encoding=written, name=[text, "Beta"])
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    area = read_area(zipped(path), choices=FileChoices(encoding=choice))
    assert names(area) == [text, "Beta"]
    assumed = any("nothing says their encoding" in note for note in notes(area))
    assert assumed == (written == "iso-8859-1" and not choice)


def test_utf8_counts_more_than_a_cpg_that_says_otherwise(tmp_path: Path):
    path = write(tmp_path / "a.shp", [A, B], encoding="utf-8", name=["Région", "Beta"])
    path.with_suffix(".cpg").write_text("1252")
    area = read_area(zipped(path))
    assert names(area) == ["Région", "Beta"]
    assert any("UTF-8, which they are in, though the .cpg says 1252" in one for one in notes(area))
    told = read_area(zipped(path), choices=FileChoices(encoding="cp1252"))
    assert names(told)[0] == "RÃ©gion"
    assert any("RÃ©gion looks garbled: it may mean Région" in one for one in notes(told))


def test_encoding_that_does_not_fit_is_refused(tmp_path: Path):
    path = write(tmp_path / "a.shp", [A, B], encoding="iso-8859-1", name=["Ségou", "Beta"])
    path.with_suffix(".cpg").write_text("UTF-8")
    with pytest.raises(InvalidAreaError, match="texts are not in UTF-8, as its"):
        read_area(zipped(path))
    with pytest.raises(InvalidAreaError, match="unknown encoding 'cp99999'; write it as utf-8"):
        read_area(zipped(path), choices=FileChoices(encoding="cp99999"))


def test_one_of_several_shapefiles_in_a_zip_is_chosen(tmp_path: Path):
    levels = [write(tmp_path / f"KEN_{i}.shp", [A, B], NAME_1=["Alpha", f"{i}"]) for i in (0, 1)]
    path = tmp_path / "KEN.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for level in levels:
            for part in tmp_path.glob(f"{level.stem}.*"):
                archive.write(part, f"folder/{part.name}")
    with pytest.raises(InvalidAreaError, match=r"choose one, as in KEN.zip:KEN_1.shp \(layer\)"):
        read_area(path)
    for choice in ("KEN_1", "KEN_1.shp", "folder/KEN_1.shp"):
        assert names(read_area(path, choices=FileChoices(layer=choice))) == ["Alpha", "1"]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # GDAL tells of what is broken
def test_a_broken_shape_costs_no_others_and_an_open_ring_is_closed(tmp_path: Path):
    ring = (
        "<outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing></outerBoundaryIs>"
    )
    square = ring.format("36,0 37,0 37,1 36,1 36,0")
    opened = ring.format("37,0 38,0 38,1 37,1")
    shapes = (
        f"<Polygon>{square}</Polygon>",
        f"<Polygon>{opened}</Polygon>",
        "<LineString><coordinates>36,0</coordinates></LineString>",
    )
    marks = "".join(f"<Placemark><name>p{i}</name>{s}</Placemark>" for i, s in enumerate(shapes))
    path = tmp_path / "a.kml"
    path.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    )
    area = read_area(path)
    assert [zone.name for zone in area.zones] == ["p0", "p1"]
    assert area.zones[1].geometry.equals(shapely.box(37, 0, 38, 1))


@pytest.mark.filterwarnings("ignore:.crs. was not provided")
def test_a_geopackage_of_no_system_is_in_degrees(tmp_path: Path):
    pyogrio.raw.write(
        tmp_path / "a.gpkg",
        np.array([A.wkb], dtype=object),
        [],
        [],
        geometry_type="Polygon",
        crs=None,
    )
    assert read_area(tmp_path / "a.gpkg").zones[0].geometry.equals(A)


def test_answer_says_by_which_fields_zones_are_called(tmp_path: Path):
    codes = {"ADM2_PCODE": ["KE1", "KE2"], "ADM1_EN": ["B", "B"], "ADM2_EN": ["Alpha", "Beta"]}
    area = read_area(write(tmp_path / "a.gpkg", [A, B], **codes))
    assert [(zone.id, zone.name) for zone in area.zones] == [("KE1", "Alpha"), ("KE2", "Beta")]
    assert notes(area) == ["zones have the names of ADM2_EN and the ids of ADM2_PCODE"]
    assert Area.from_geojson(area.geojson) == area
    choices = FileChoices(name_field="adm1_en", id_field="ADM2_EN")
    chosen = read_area(tmp_path / "a.gpkg", choices=choices)
    assert [(zone.id, zone.name) for zone in chosen.zones] == [("Alpha", "B"), ("Beta", "B")]


def test_layer_of_a_name_with_colons_is_chosen_as_the_refusal_proposes(tmp_path: Path):
    path = write(tmp_path / "a.gpkg", [A], "b", name=["A"])
    write(path, [B], "adm 2:x", name=["B"])
    with pytest.raises(InvalidAreaError) as caught:
        read_area(path)
    assert "adm 2:x" in caught.value.layers
    assert [read_area(f"{path}:{one}").title for one in ("adm 2:x", "b")] == ["B", "A"]


def test_layer_that_a_zip_lacks_is_told_with_those_that_it_has(tmp_path: Path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, shape in (("a", A), ("b", B)):
            packed.write(write(tmp_path / f"{name}.geojson", [shape], name=[name]), f"{name}.json")
    with pytest.raises(InvalidAreaError, match=r"a.zip has no layer 'xx'; it has a.json, b.json$"):
        read_area(path, choices=FileChoices(layer="xx"))
    assert read_area(f"{path}:b").title == "b"


@pytest.mark.parametrize(
    ("name", "said"),
    [("zones", "is a folder, and no file"), ("zones.gdb", r"is a geodatabase \(.gdb\), which is")],
)
def test_folder_is_told_as_one(tmp_path: Path, name: str, said: str):
    (tmp_path / name).mkdir()
    with pytest.raises(InvalidAreaError, match=f"{name} {said}"):
        read_area(tmp_path / name)
