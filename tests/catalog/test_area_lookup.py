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
