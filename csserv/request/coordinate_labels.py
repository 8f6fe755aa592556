"""How a coordinate of a further dimension (member, level, …) is found by what somebody wrote."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: most labels that a message lists
LISTED = 12


def find_label(labels: Sequence[str], wanted: str) -> int | None:
    """Return the index of a label, or of one that is the same number; None if there is none.

    >>> find_label(["1", "2.5"], "2.50"), find_label(["1", "2.5"], "3")
    (1, None)
    """
    for i, label in enumerate(labels):
        if wanted == label or _number(wanted) == _number(label):
            return i
    return None


def listed(labels: Sequence[str]) -> str:
    """Write the first labels, or other names, for a message."""
    return ", ".join(labels[:LISTED]) + (", …" if len(labels) > LISTED else "")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan  # equals nothing
