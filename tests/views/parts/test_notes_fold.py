"""What was assumed stands on the page: one line, that unfolds, with names as they are."""

from __future__ import annotations

from csserv.views.parts.notes_fold import notes_fold


def test_nothing_is_shown_where_nothing_was_assumed():
    assert notes_fold((), "these numbers") == []


def test_one_line_unfolds_all_notes_and_no_name_is_read_as_html():
    notes = ("asked from 1981, data from 2019-01-01", "<b>.nc: converted")
    (fold,) = notes_fold(notes, "these numbers")
    assert fold.title.startswith("2 notes on these numbers: asked from 1981")
    fold.unfolded = True
    assert "<li>&lt;b&gt;.nc: converted</li>" in fold.content[0].object
    assert notes_fold(("one",), "this area")[0].title == "A note on this area: one"
