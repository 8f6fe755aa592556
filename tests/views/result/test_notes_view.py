"""What was assumed stands on the page: one line, that unfolds, with names as they are."""

from __future__ import annotations

from csserv.views.result.provenance_view import notes_view


def test_nothing_is_shown_where_nothing_was_assumed():
    assert notes_view(()) == []


def test_one_line_unfolds_all_notes_and_no_name_is_read_as_html():
    (fold,) = notes_view(("asked from 1981, data from 2019-01-01", "<b>.nc: converted"))
    assert fold.title.startswith("2 notes on these numbers: asked from 1981")
    fold.unfolded = True
    assert "<li>&lt;b&gt;.nc: converted</li>" in fold.content[0].object
    assert notes_view(("one",))[0].title == "A note on these numbers: one"
