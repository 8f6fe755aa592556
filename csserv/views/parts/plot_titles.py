"""Titles of plots, which say so where there is nothing to draw."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.language import mark, tr

#: said where no step has a value
NOTHING = mark("No step of this period has data here.")

#: said where no step of an index has one
NOTHING_OF_INDEX = mark("The index has no value in this period; the notes say why.")

#: said where no step has a statistic against what is normal
NOTHING_COMPARED = mark("At each step, the value or what is normal is missing.")


#: what a letter of a title takes [pixels]
LETTER = 7


def title_of(title: str, values: NDArray[np.floating[Any]], nothing: str = NOTHING) -> str:
    """Return a title, with a line below it where no value is there to be drawn."""
    return f"{title}\n{tr(nothing)}" if np.isnan(values).all() else title


def folded(title: str, width: float) -> str:
    r"""Break the lines of a title that are longer than a plot is wide [pixels].

    >>> folded("monthly rainfall, averaged over the area, Kenya", 300)
    'monthly rainfall, averaged over the area,\nKenya'
    """
    letters = max(int(width / LETTER), 12)
    return "\n".join(textwrap.fill(line, letters) for line in title.split("\n"))
