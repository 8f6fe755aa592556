"""Tables that a person looks at: rows found by name, searchable, shown in notebooks."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from csserv.errors import InvalidRequestError, nearest
from csserv.name_folding import fold_name

if TYPE_CHECKING:
    import pandas as pd

#: most rows that are shown; a search finds the others
SHOWN = 60


@dataclass(frozen=True, repr=False)
class Table(Mapping[str, Mapping[str, Any]]):
    """Rows by name; call it with a text to search it.

    Attributes
    ----------
    rows : mappings with the same keys
    named_by : keys whose values name a row; the first one is unique
    """

    rows: tuple[Mapping[str, Any], ...]
    named_by: tuple[str, ...]

    def __call__(self, text: str = "") -> Self:
        """Return the rows that contain a text; case and accents do not matter."""
        plain, folded = text.casefold(), fold_name(text)

        def holds(value: object) -> bool:
            return plain in str(value).casefold() or folded in fold_name(str(value))

        found = (row for row in self.rows if any(map(holds, row.values())))
        return type(self)(tuple(found), self.named_by)

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        """Return a row by its first name, or by another name that no other row has.

        Raises
        ------
        InvalidRequestError : no such row, or several; says what there is
        """
        for column in self.named_by:
            found = [row for row in self.rows if row[column] == name]
            if len(found) == 1:
                return found[0]
            if found:
                keys = ", ".join(str(row[self.named_by[0]]) for row in found)
                raise InvalidRequestError(f"{name!r} is ambiguous: {keys}")
        close = nearest(str(name), self._names)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise InvalidRequestError(f"no {name!r} among these {len(self)}{hint}")

    def __iter__(self) -> Iterator[str]:
        return (row[self.named_by[0]] for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getattr__(self, name: str) -> Mapping[str, Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except InvalidRequestError as error:
            raise AttributeError(str(error)) from None

    def __dir__(self) -> list[str]:
        own = (name for name in self._names if name.isidentifier())
        return sorted({*super().__dir__(), *own})

    def to_dataframe(self) -> pd.DataFrame:
        """Return the rows as a DataFrame."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.rows], columns=self._columns)

    def __repr__(self) -> str:
        columns = self._columns
        cells = [columns, *([_cell(row[c]) for c in columns] for row in self.rows[:SHOWN])]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
            for line in cells
        ]
        return "\n".join([*lines, *self._more])

    def _repr_html_(self) -> str:
        left = "style='text-align:left'"
        head = "".join(f"<th {left}>{html.escape(column)}</th>" for column in self._columns)
        body = "".join(
            "<tr>"
            + "".join(f"<td {left}>{html.escape(_cell(row[c]))}</td>" for c in self._columns)
            + "</tr>"
            for row in self.rows[:SHOWN]
        )
        more = "".join(f"<p>{html.escape(text)}</p>" for text in self._more)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"

    def _ipython_key_completions_(self) -> list[str]:
        return self._names

    @property
    def _columns(self) -> list[str]:
        return list(self.rows[0]) if self.rows else list(self.named_by)

    @property
    def _names(self) -> list[str]:
        return [str(row[column]) for column in self.named_by for row in self.rows]

    @property
    def _more(self) -> list[str]:
        left = len(self) - SHOWN
        return [f'and {left} more; search: table("text")'] if left > 0 else []


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return "/".join(map(str, value))
    return "" if value is None else str(value)
