"""GeoParquet, and stations in Parquet, of whoever wrote them; read in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.request import Area
from csserv.request.files import read_area, read_upload
from csserv.request.limits import Limits

A, B = shapely.box(36, 0, 37, 1), shapely.box(37, 0, 38, 1)
METRES = {"type": "ProjectedCRS", "name": "WGS 84 / UTM zone 37S"}
UTM = METRES | {"id": {"authority": "EPSG", "code": 32737}}


def parquet(
    path: Path, select: str, values: list[Any], geo: Mapping[str, Any] | None = None
) -> Path:
    """Write what a query selects, with the metadata of GeoParquet."""
    said = json.dumps(geo).replace("'", "''")
    more = f", KV_METADATA {{geo: '{said}'}}" if geo else ""
    duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet{more})", values)
    return path


def districts(path: Path, **column: Any) -> Path:
    geo = {
        "version": "1.1.0",
        "primary_column": "shape",
        "columns": {"shape": {"encoding": "WKB", "geometry_types": ["Polygon"], **column}},
    }
    rows = "VALUES ('Alpha', 'KE1', ?::BLOB), ('Beta', 'KE2', ?::BLOB)"
    select = f"SELECT * FROM ({rows}) AS t(ADM2_EN, ADM2_PCODE, shape)"
    return parquet(path, select, [A.wkb, B.wkb], geo)


def seen(area: Area) -> list[tuple[str, str]]:
    return [(zone.id, zone.name) for zone in area.zones]


def test_districts_are_named_as_those_of_any_format(tmp_path: Path):
    area = read_area(districts(tmp_path / "kenya.parquet"))
    assert seen(area) == [("KE1", "Alpha"), ("KE2", "Beta")]
    assert [zone.geometry.equals(shape) for zone, shape in zip(area.zones, (A, B), strict=True)]
    assert area.title == "kenya"


def test_a_column_without_a_crs_is_in_degrees_and_one_with_metres_is_converted(tmp_path: Path):
    square = shapely.box(500_000, 9_990_000, 510_000, 10_000_000)
    geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "crs": UTM}}}
    path = parquet(tmp_path / "a.geoparquet", "SELECT ?::BLOB AS geometry", [square.wkb], geo)
    area = read_area(path)
    assert shapely.box(38.9, -0.2, 39.1, 0.1).contains(area.zones[0].geometry)
    assert "converted from WGS 84 / UTM zone 37S" in str(area.notes[0])


def test_a_system_that_is_none_is_refused_by_its_name(tmp_path: Path):
    with pytest.raises(InvalidAreaError, match="unknown coordinate system"):
        read_area(districts(tmp_path / "a.parquet", crs={"type": "ProjectedCRS", "name": "mine"}))


def test_spherical_edges_are_told(tmp_path: Path):
    area = read_area(districts(tmp_path / "a.parquet", edges="spherical"))
    assert "not on a sphere" in str(area.notes[0])


def test_shapes_in_another_encoding_are_refused_with_what_to_do(tmp_path: Path):
    geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "point"}}}
    select = "SELECT {'x': 36.0, 'y': 1.0} AS geometry"
    path = parquet(tmp_path / "a.parquet", select, [], geo)
    with pytest.raises(InvalidAreaError, match="encoding point, which is not read; save them as W"):
        read_area(path)


def test_stations_in_a_table_are_points(tmp_path: Path):
    select = (
        "SELECT * FROM (VALUES ('Nyala', 24.9, 12.0), ('Kas', 24.3, 12.5)) AS t(name, lon, lat)"
    )
    area = read_area(parquet(tmp_path / "a.parquet", select, []))
    assert [(one.name, one.geometry.x, one.geometry.y) for one in area.zones] == [
        ("Nyala", 24.9, 12.0),
        ("Kas", 24.3, 12.5),
    ]


def test_a_name_with_marks_is_a_name_and_no_pattern(tmp_path: Path):
    districts(tmp_path / "b.parquet")
    assert len(read_area(districts(tmp_path / "[ab]*.parquet")).zones) == 2
    with pytest.raises(InvalidAreaError, match="there is no file"):
        read_area(tmp_path / "[b].parquet")


def test_a_file_that_expands_without_end_is_refused(tmp_path: Path):
    select = "SELECT repeat('a', 1000000) AS name, 1.0 AS lon, 1.0 AS lat FROM range(400)"
    path = parquet(tmp_path / "bomb.parquet", select, [])
    assert path.stat().st_size < 1_000_000
    with pytest.raises(AreaTooLargeError, match="larger than 200 MB when it is expanded"):
        read_area(path)


def test_more_rows_than_zones_that_are_allowed_are_not_read(tmp_path: Path):
    select = "SELECT i AS name, 1.0 AS lon, 1.0 AS lat FROM range(2000000) AS t(i)"
    path = parquet(tmp_path / "many.parquet", select, [])
    with pytest.raises(AreaTooLargeError, match="more than 20 zones"):
        read_area(path, Limits(zones=20))


def test_nested_geometries_and_other_content_are_refused(tmp_path: Path):
    nested = b"\x01\x07\0\0\0\x01\0\0\0" * 100_000
    select = "SELECT ?::BLOB AS geometry"
    deep = parquet(tmp_path / "deep.parquet", select, [nested])
    for path, words in ((deep, "a geometry is broken"), (tmp_path / "text.parquet", "no Parquet")):
        if not path.exists():
            path.write_text("hello")
        with pytest.raises(InvalidAreaError, match=words):
            read_area(path)


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_broken_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data):
    content = bytearray(districts(tmp_path_factory.mktemp("a") / "a.parquet").read_bytes())
    places = st.integers(4, len(content) - 1)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(places)] = data.draw(st.integers(0, 255))
    said = ""
    try:
        read_upload("a.parquet", bytes(content))
    except InvalidAreaError as error:
        said = str(error)
    assert "/tmp" not in said
    assert "\n" not in said
