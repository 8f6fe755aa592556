"""Notes are read whatever version of csserv wrote them."""

from __future__ import annotations

import pytest

from csserv.notes import CODES, Note, read_notes


def test_a_note_of_a_newer_version_keeps_its_text() -> None:
    found = Note.from_dict({"code": "tides", "text": "the sea was high", "where": "a.nc"})
    assert (found.code, str(found)) == ("other", "a.nc: the sea was high")


def test_known_codes_stay() -> None:
    for code in CODES:
        assert Note.from_dict(Note(code, "so it is").to_dict()) == Note(code, "so it is")


def test_a_code_that_this_version_does_not_know_is_a_fault() -> None:
    with pytest.raises(ValueError, match="unknown note 'tides'"):
        Note("tides", "the sea was high")


def test_of_a_document_of_others_only_known_codes_are_taken() -> None:
    rows = [{"code": "tides", "text": "high"}, {"code": "units", "text": "of the catalog"}]
    assert read_notes(rows) == (Note("units", "of the catalog"),)
