"""Texts that a spreadsheet shows as they are, and never runs as a formula."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    import pandas as pd

#: letters by which spreadsheets take a text for a formula (OWASP, CSV injection)
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

#: put before such a text; spreadsheets do not show it
MARK = "'"

#: options of xlsxwriter, which makes formulas and links of texts otherwise
XLSX_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False}


def shown_text(text: str) -> str:
    """Return a text that a spreadsheet does not run: with a mark before it, where it would.

    Numbers stay as they are, with their signs.

    >>> shown_text("=1+1"), shown_text("Kenya"), shown_text("-3.5")
    ("'=1+1", 'Kenya', '-3.5')
    """
    if not normalize("NFKC", text[:1]).startswith(STARTS):  # also as wide as Chinese letters
        return text
    with suppress(ValueError):
        float(text)
        return text
    return MARK + text


def shown_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts, and names of columns, a spreadsheet does not run."""
    import pandas as pd  # slow to import

    safe = {}
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
            continue
        # millions of rows hold few texts
        texts = {one: shown_text(one) for one in column.unique() if isinstance(one, str)}
        if any(one != shown for one, shown in texts.items()):
            safe[name] = column.map(lambda one, texts=texts: texts.get(one, one))
    return frame.assign(**safe).rename(columns=lambda name: shown_text(str(name)))
