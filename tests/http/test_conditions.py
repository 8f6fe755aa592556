"""Conditions of requests, compression and kept files, each without a server."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders

from csserv.http.compression import compress_file, takes_gzip
from csserv.http.conditions import fails, range_holds
from csserv.http.derived_files import DerivedFiles
from csserv.http.native.sent_steps import SentSteps

ETAG = '"1f-2"'
THEN = datetime(2026, 3, 1, 12, 0, 0, 5000, tzinfo=UTC)

SAME, LATER, EARLIER = (f"Sun, 01 Mar 2026 {hour}:00:00 GMT" for hour in (12, 13, 11))


@pytest.mark.parametrize(
    ("headers", "failed"),
    [
        ({}, False),
        ({"If-Match": ETAG}, False),
        ({"If-Match": f'"other", {ETAG}'}, False),
        ({"If-Match": "*"}, False),
        ({"If-Match": '"other"'}, True),
        ({"If-Match": f"W/{ETAG}"}, True),  # a weak tag is never strongly the same
        ({"If-Unmodified-Since": SAME}, False),
        ({"If-Unmodified-Since": EARLIER}, True),
        ({"If-Unmodified-Since": "yesterday"}, False),
        ({"If-Match": ETAG, "If-Unmodified-Since": EARLIER}, False),  # the tag goes first
    ],
)
def test_a_request_for_another_version_fails(headers: dict[str, str], failed: bool):
    assert fails(headers, ETAG, THEN) == failed


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("", True),
        (ETAG, True),
        ('"other"', False),
        (f"W/{ETAG}", False),
        (SAME, True),
        (LATER, False),
        (EARLIER, False),
        ("nonsense", False),
    ],
)
def test_a_range_is_sent_of_the_same_version_only(condition: str, holds: bool):
    assert range_holds({"If-Range": condition}, ETAG, THEN) == holds


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0.001", True),
        ("identity", False),
        ("*", True),
    ],
)
def test_gzip_is_for_who_takes_it(accepted: str, takes: bool):
    assert takes_gzip(HTTPHeaders({"Accept-Encoding": accepted})) == takes


def test_a_file_is_packed_to_the_same_bytes_each_time(tmp_path: Path):
    (tmp_path / "plain").write_bytes(b"rain " * 1000)
    for name in ("a", "b"):
        compress_file(tmp_path / "plain", tmp_path / name)
    assert gzip.decompress((tmp_path / "a").read_bytes()) == b"rain " * 1000
    assert len({(tmp_path / name).read_bytes() for name in ("a", "b")}) == 1


class Maker:
    def __init__(self, size: int) -> None:
        self.size, self.calls = size, 0

    def __call__(self, path: Path) -> None:
        self.calls += 1
        path.write_bytes(b"x" * self.size)


def test_a_file_is_made_once_and_goes_with_its_result_or_as_the_oldest(tmp_path: Path):
    results, make = tmp_path / "results", Maker(40)
    for name in ("a", "b", "c"):
        (results / name).mkdir(parents=True)
    kept = DerivedFiles(tmp_path / "cache", results, most=100)
    first = kept.get("a", ".csv", make)
    assert kept.get("a", ".csv", make) == first
    assert make.calls == 1
    (results / "a").rmdir()
    second = kept.get("b", ".csv", make)
    assert (first.exists(), second.exists()) == (False, True)
    kept.get("b", ".xlsx", make)
    kept.get("b", ".nc", make)
    kept.get("c", ".csv", make)  # the oldest goes
    assert not second.exists()
    assert not list(first.parent.glob("draft-*"))


def test_a_file_that_cannot_be_made_leaves_nothing(tmp_path: Path):
    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError("disk full")

    kept = DerivedFiles(tmp_path / "cache", tmp_path)
    with pytest.raises(OSError, match="disk full"):
        kept.get("a", ".csv", fail)
    assert [one for one in (tmp_path / "cache").rglob("*") if one.is_file()] == []


ranges = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8)


@given(ranges, ranges)
def test_sent_steps_are_the_union_and_survive_being_written(
    some: list[tuple[int, int]], more: list[tuple[int, int]]
):
    sent = SentSteps().plus(some).plus(more)
    wanted = {step for first, end in some + more for step in range(first, end)}
    assert {step for step in range(60) if step in sent} == wanted
    assert SentSteps.parse(str(sent)) == sent
    assert all(a[1] < b[0] for a, b in zip(sent.ranges, sent.ranges[1:], strict=False))


@given(st.text())
def test_any_id_of_an_event_can_be_read(text: str):
    SentSteps.parse(text)
