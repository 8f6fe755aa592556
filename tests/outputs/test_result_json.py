"""The JSON of a result is written and read series by series, and is what it would be as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csserv.errors import DamagedResultError
from csserv.outputs.result_json import check_document, read_document, write_document
from tests.outputs.flipped_bits import check_each_flipped_bit

TEXTS = st.text(max_size=12)
SERIES = st.fixed_dictionaries(
    {
        "zone": st.fixed_dictionaries({"id": TEXTS, "name": TEXTS}),
        "time": st.lists(st.just("2019-01-01"), max_size=3),
        "valid_percent": st.lists(st.sampled_from([100.0, 0.5]), max_size=2),
        "value": st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    },
    optional={"further": st.fixed_dictionaries({"valid_percent": st.just([100.0])})},
)
MEMBERS = st.dictionaries(
    st.sampled_from(["id", "units", "notes", "provenance", "steps"]),
    TEXTS | st.lists(TEXTS, max_size=2) | st.dictionaries(TEXTS, st.just([]), max_size=2),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MEMBERS, MEMBERS, st.lists(SERIES, max_size=4))
def test_what_is_written_is_read_again_and_is_plain_json(tmp_path: Path, before, after, series):
    path = tmp_path / "a.json"
    plain = before | {"series": series} | after
    write_document(path, plain | {"series": ()}, iter(series))
    written = json.loads(path.read_text())
    assert written.pop("checksum").startswith("crc32 ")
    assert written == plain
    check_document(path)
    assert read_document(path) == plain
    assert read_document(path, with_series=False) == plain | {"series": []}


def test_each_series_stands_on_a_line(tmp_path: Path):
    path = tmp_path / "a.json"
    write_document(path, {"units": "mm", "series": ()}, [{"value": [1.5]}, {"value": [None]}])
    assert path.read_text().splitlines() == [
        "{",
        '  "units": "mm",',
        '  "series":[',
        '    {"value":[1.5]},',
        '    {"value":[null]}',
        "  ],",
        '  "checksum":"crc32 a5a66378"',
        "}",
    ]


def test_series_of_the_same_times_share_one_list(tmp_path: Path):
    path = tmp_path / "a.json"
    write_document(path, {"series": ()}, [{"time": ["2019-01-01"]}, {"time": ["2019-01-01"]}])
    first, second = read_document(path)["series"]
    assert first["time"] is second["time"]


def test_a_shared_list_is_known_by_its_place(tmp_path: Path):
    path = tmp_path / "a.json"
    rows = [
        {"name": '"time":[1]', "value": [1.0], "time": [1.0]},
        {"name": "b", "value": [1.0], "more": {"time": [1.0]}},
        {"more": {"time": [1.0]}, "value": [1.0], "time": [2.0]},
    ]
    for series in (rows, rows[::-1]):
        write_document(path, {"series": ()}, series)
        assert read_document(path)["series"] == series


@pytest.mark.parametrize("option", [0, orjson.OPT_INDENT_2])
def test_documents_of_other_writers_are_read_as_well(tmp_path: Path, option: int):
    plain = {"id": "x", "series": [{"time": ["2019-01-01"], "value": [1.0]}], "units": "mm"}
    path = tmp_path / "a.json"
    path.write_bytes(orjson.dumps(plain, option=option))
    assert read_document(path) == plain


@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9])
def test_a_torn_document_is_no_result(tmp_path: Path, kept: float):
    path = tmp_path / "a.json"
    write_document(path, {"units": "mm", "series": (), "id": "x"}, [{"value": [1.5]}] * 3)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    for read in (read_document, check_document):
        with pytest.raises(DamagedResultError, match=r"a\.json is damaged"):
            read(path)


def test_a_flipped_bit_changes_no_number_that_is_read(tmp_path: Path):
    path = tmp_path / "a.json"
    series = [{"time": ["2019-01-01", "2019-01-02"], "value": [1.5, 27.25]}] * 2
    plain = {"units": "mm", "series": series, "id": "x"}
    write_document(path, plain, iter(series))
    assert read_document(path) == plain
    check_each_flipped_bit(path)


def test_a_document_that_was_formatted_anew_is_read(tmp_path: Path):
    path = tmp_path / "a.json"
    write_document(path, {"units": "mm", "series": ()}, [{"value": [1.5]}])
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
    assert read_document(path) == {"units": "mm", "series": [{"value": [1.5]}]}
    check_document(path)
