"""A table of numbers as HTML: it scrolls below its head, and beside its first column."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence


def number_table(titles: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> str:
    """Return a table; the first entry of each row is its head.

    Parameters
    ----------
    name : of the table, for those who do not see it
    """
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in titles)
    lines = "".join(f"<tr>{_cells(one)}</tr>" for one in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<div role="region" tabindex="0" aria-label="{html.escape(name)}">{table}</div>'


def _cells(row: Sequence[str]) -> str:
    label, *numbers = map(html.escape, row)
    return f'<th scope="row">{label}</th>' + "".join(f"<td>{one}</td>" for one in numbers)
