"""What there is to say of each index, for lists: what it is, what it needs, what it can be told."""

from __future__ import annotations

from typing import Any

from csserv.climatology.index.parameter_kinds import Choice, Number, ParameterKind
from csserv.climatology.indices import INDICES, index_row


def describe_indices() -> list[dict[str, Any]]:
    """Return what ``describe_index`` does, of all indices."""
    return [describe_index(name) for name in INDICES]


def describe_index(name: str) -> dict[str, Any]:
    """Return name, title, definition, needs, steps, units, library, and parameters of an index.

    Raises
    ------
    InvalidRequestError : there is none of that name; names near ones, and all
    """
    row = index_row(name)
    return {
        "name": name,
        "title": row.title,
        "definition": row.definition,
        "needs": list(row.needs({})),
        "time_steps": list(row.time_steps),
        "units": row.units,
        "library": row.library,
        "has_reference": row.has_reference,
        "most_accumulated": row.most_accumulated,
        "parameters": [
            {"name": one, "default": kind.default, "allowed": allowed(kind), "means": kind.means}
            for one, kind in row.parameters.items()
        ],
    }


def allowed(kind: ParameterKind) -> str:
    """Say what a parameter may be.

    >>> allowed(Number(7, "days", 2, 120, whole=True))
    'a whole number from 2 to 120'
    """
    if isinstance(kind, Choice):
        return ", ".join(kind.choices)
    if isinstance(kind, Number):
        what = "a whole number" if kind.whole else "a number"
        return f"{what} from {kind.least:g} to {kind.most:g}"
    return "month and day, such as 03-01"
