"""GeoJSON of a feature a line: by its ending or by its look; a broken line is named."""

from __future__ import annotations

import json

import pytest

from csserv.errors import AreaTooLargeError, InvalidAreaError
from csserv.request.files.reading import read_upload
from csserv.request.limits import Limits

ENDINGS = pytest.mark.parametrize("ending", ["geojson", "json", "geojsonl", "ndjson"])


def feature(name: str, indent: int | None = None) -> str:
    point = {"type": "Point", "coordinates": [36, 1]}
    plain = {"type": "Feature", "properties": {"name": name}, "geometry": point}
    return json.dumps(plain, ensure_ascii=False, indent=indent)


def names(name: str, text: str) -> list[str]:
    return [zone.name for zone in read_upload(name, text.encode()).zones]


@ENDINGS
def test_each_line_is_a_feature(ending: str):
    assert names(f"a.{ending}", f"{feature('A')}\r\n\n{feature('B')}\n") == ["A", "B"]


@ENDINGS
def test_marked_records_may_go_over_several_lines(ending: str):
    text = f"\x1e{feature('A', 1)}\n\x1e{feature('B', 1)}\n"
    assert names(f"a.{ending}", text) == ["A", "B"]


@ENDINGS
def test_a_broken_line_is_named(ending: str):
    for broken, said in (
        (feature("B")[:-5], "line 2: the GeoJSON is no JSON: it ends too early, at line 2, column"),
        (
            "{'type': 1}",
            "line 2: the GeoJSON is no JSON: line 2, column 2: a name in",
        ),
    ):
        with pytest.raises(InvalidAreaError, match=said):
            read_upload(f"a.{ending}", f"{feature('A')}\n{broken}\n{feature('C')}".encode())


def test_a_broken_record_is_named_by_the_line_it_begins_in():
    text = f"\x1e{feature('A', 1)}\n\x1e{feature('B')[:-3]}\n"
    number = feature("A", 1).count("\n") + 2
    with pytest.raises(InvalidAreaError, match=rf"a\.ndjson, line {number}: .* {number}, column"):
        read_upload("a.ndjson", text.encode())


def test_a_name_may_hold_what_ends_a_line_for_python():
    text = "\n".join(map(feature, ("A\u2028B", "C\x85D")))
    assert names("a.geojsonl", text) == ["A B", "C D"]


def test_json_over_several_lines_is_no_such_file():
    whole = json.dumps({"type": "FeatureCollection", "features": [json.loads(feature("A"))]})
    assert names("a.geojson", whole.replace("{", "{\n")) == ["A"]
    assert names("a.geojson", whole.replace("}", "}\n")) == ["A"]


def test_limits_hold_for_all_lines_together():
    text = "\n".join([feature("A")] * 200)
    with pytest.raises(AreaTooLargeError, match="800 brackets, more than an area of 10 vertices"):
        read_upload("a.geojsonl", text.encode(), Limits(10, 1))
