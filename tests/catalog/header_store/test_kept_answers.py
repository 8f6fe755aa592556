"""An answer that was kept is that about the files as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from csserv.catalog import CatalogEntry
from csserv.catalog.header_store.kept_answers import MOST_KEPT, KeptAnswers
from csserv.errors import EmptySelectionError
from tests.files import LAT, LON, Layout, write_granule


def write_days(path: Path, first: int, count: int) -> Path:
    days = np.arange(first, first + count, dtype=float)
    layout = Layout(units="days since 2019-01-01")
    return write_granule(path, np.ones((count, len(LAT), len(LON))), LAT, LON, layout, days=days)


@pytest.fixture
def entry(tmp_path: Path) -> CatalogEntry:
    write_days(tmp_path / "a.nc", 0, 10)
    return CatalogEntry("rain", "Rain", "rain", "*.nc", tmp_path)


def test_an_answer_is_made_once_for_the_same_headers(tmp_path: Path) -> None:
    kept, made = KeptAnswers(), []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    path, header, other = tmp_path / "a.nc", object(), object()
    for found in ({path: header}, {path: header}, {path: other}, {}, {path: other}):
        assert kept.of(found, "coverage", make) == made[-1]
    assert len(made) == 4


def test_a_question_more_than_are_kept_is_answered_anew(tmp_path: Path) -> None:
    kept, found = KeptAnswers(), {tmp_path / "a.nc": object()}
    for question in range(MOST_KEPT + 1):
        assert kept.of(found, question, lambda asked=question: asked) == question
    assert kept.of(found, 0, lambda: -1) == 0
    assert kept.of(found, MOST_KEPT, lambda: -1) == -1


def test_a_file_more_is_seen(entry: CatalogEntry) -> None:
    assert entry.coverage().last == "2019-01-10"
    write_days(entry.data / "b.nc", 10, 5)
    assert (entry.coverage().last, entry.coverage().files) == ("2019-01-15", 2)


def test_a_file_that_changed_is_seen(entry: CatalogEntry) -> None:
    entry.coverage()
    write_days(entry.data / "new", 0, 20).replace(entry.data / "a.nc")
    assert entry.coverage().last == "2019-01-20"


def test_a_file_that_is_gone_is_seen(entry: CatalogEntry) -> None:
    entry.coverage()
    (entry.data / "a.nc").unlink()
    with pytest.raises(EmptySelectionError):
        entry.coverage()
