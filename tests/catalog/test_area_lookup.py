"""An area may be given in any form that people have at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from csserv.catalog import Layers
from csserv.catalog.area_lookup import find_area, is_name
from csserv.errors import InvalidAreaError
from csserv.request import Area
from csserv.request.files import FileChoices

A, B = shapely.box(36, -2, 37, -1), shapely.box(38, 0, 39, 1)
FRAME = gpd.GeoDataFrame({"NAME_2": ["a", "b"]}, geometry=[A, B], crs="EPSG:4326")


@pytest.fixture(scope="module")
def layers() -> Layers:
    return Layers.bundled()


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("Kenya", ["Kenya"]),
        (["Kenya", "Uganda", "Kenya"], ["Kenya", "Uganda"]),
        (A, ["area"]),
        ([A, B], ["zone 1", "zone 2"]),
        (FRAME, ["a", "b"]),
        (FRAME.geometry, ["0", "1"]),
        (json.loads(FRAME.to_json()), ["a", "b"]),
        (FRAME.to_json(), ["a", "b"]),
        (A.wkt, ["area"]),
        ((36, -2, 37, -1), ["box 36 -2 37 -1"]),
        (pd.DataFrame({"site": ["x", "y"], "lon": [36, 37], "lat": [0.5, 1]}), ["x", "y"]),
    ],
)
def test_area_is_made_of_what_is_given(layers: Layers, given: Any, names: list[str]):
    assert [zone.name for zone in find_area(given, layers).zones] == names


def test_notes_of_several_names_are_told_once(layers: Layers):
    area = find_area(["Kenya/Coast", "Kenya/Eastern", "Uganda"], layers)
    assert area.notes == layers.find("Kenya/Coast").notes


def test_index_of_a_table_holds_the_ids(layers: Layers):
    table = pd.DataFrame({"lon": [36, 37], "lat": [0.5, 1]}, index=["p", "q"])
    assert [zone.id for zone in find_area(table, layers).zones] == ["p", "q"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "a list of nothing is no area"),
        ([1, 2, 3], "a list of int is no area"),
        (["Kenya", A], "a list of Polygon, str is no area"),
        (7, "a int is no area"),
        ("", "no area '' among the countries"),
        ((36, 2, 37, 1), "write west, south, east, north"),
        (pd.DataFrame({"rain": [1]}), "the frame has no columns of longitude and latitude"),
    ],
)
def test_what_is_no_area_is_refused(layers: Layers, given: Any, said: str):
    with pytest.raises(InvalidAreaError, match=said):
        find_area(given, layers)


def test_only_names_are_looked_up_by_a_server(tmp_path: Path):
    (tmp_path / "plain").write_text("x")
    texts = [
        "Kenya",
        "Kenya/Rift Valley",
        "a.gpkg",
        "a.gpkg:b",
        "{}",
        A.wkt,
        str(tmp_path / "plain"),
    ]
    assert [is_name(text) for text in texts] == [True, True, *[False] * 5]


METRES = shapely.box(500_000, 9_990_000, 510_000, 10_000_000)
WEB = {"type": "name", "properties": {"name": "EPSG:3857"}}


def test_a_coordinate_system_is_honoured_however_an_area_is_given():
    near = shapely.box(38.9, -0.2, 39.1, 0.1)
    for given in (METRES, [METRES], METRES.wkt, shapely.to_geojson(METRES)):
        for crs in ("EPSG:32737", "epsg:32737", "32737"):
            area = find_area(given, Layers.bundled(), choices=FileChoices(crs=crs))
            assert near.contains(area.zones[0].geometry)
    point = {"type": "Point", "coordinates": [4_008_375, 0], "crs": WEB}
    assert find_area(point, Layers.bundled()).bounds[0] == pytest.approx(36.0078, abs=1e-4)
    with pytest.raises(InvalidAreaError, match="coordinate system EPSG:3857; convert it"):
        Area.from_geojson(point)
    with pytest.raises(InvalidAreaError, match="SRID=3857 is another coordinate system"):
        find_area("SRID=3857;POINT (30 40)", Layers.bundled())


def test_a_system_against_that_of_a_frame_is_told_and_one_of_heights_refused():
    frame = gpd.GeoDataFrame(geometry=[shapely.box(36, 0, 37, 1)], crs="EPSG:4326")
    said = find_area(frame, Layers.bundled(), choices=FileChoices(crs="EPSG:32737")).notes
    assert "taken as EPSG:32737, whatever the frame says" in str(said)
    with pytest.raises(InvalidAreaError, match="unknown coordinate system"):
        find_area(METRES, Layers.bundled(), choices=FileChoices(crs="EPSG:5773"))


def test_columns_of_one_name_and_missing_numbers_of_pandas_are_read():
    twice = pd.DataFrame([["a", 1.0, 36.0, "b"]], columns=["name", "lat", "lon", "name"])
    assert find_area(twice, Layers.bundled()).bounds == (36, 1, 36, 1)
    numbers = pd.array([None, 2.0], dtype="Float64")
    lacking = pd.DataFrame({"lat": numbers, "lon": numbers})
    assert len(find_area(lacking, Layers.bundled()).zones) == 1


def test_a_path_that_no_system_can_hold_is_no_file():
    with pytest.raises(InvalidAreaError, match="there is no file"):
        find_area(f"/{'a' * 300}.csv", Layers.bundled())


def test_what_goes_with_a_file_is_refused_beside_a_name(layers: Layers):
    said = "Kenya is the name of an area, and no file; name_field goes with a file"
    with pytest.raises(InvalidAreaError, match=said):
        find_area("Kenya", layers, choices=FileChoices(name_field="x"))


def test_folder_is_told_as_one_but_where_it_is_called_like_a_country(
    layers: Layers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    for name in ("mine", "mine.gdb", "Kenya"):
        (tmp_path / name).mkdir()
    with pytest.raises(InvalidAreaError, match="mine is a folder, and no file"):
        find_area("mine", layers)
    with pytest.raises(InvalidAreaError, match=r"mine.gdb is a geodatabase"):
        find_area("mine.gdb", layers)
    assert find_area("Kenya", layers).title == "Kenya"
