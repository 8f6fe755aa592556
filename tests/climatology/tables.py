"""Comparisons of steps that follow one another, a number of them each year."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from csserv.climatology.comparison import Comparison

FIRST = 1991


def same_steps(
    a_year: int, reference: Iterable[int], asked: Iterable[int], window: int = 0
) -> Comparison:
    """Compare each step with the same of the reference's years, and those up to a window away.

    Steps are numbered from the first of ``FIRST``; years have ``a_year`` steps.
    """
    reference = [*reference]
    offsets = range(-window, window + 1)
    shown, samples, years, asked_years = [], [], [], []
    for year in asked:
        for step in range(a_year):
            shown.append((year - FIRST) * a_year + step)
            asked_years.append(year)
            places = [((y - FIRST) * a_year + step + k, y) for y in reference for k in offsets]
            samples.append([max(place, -1) for place, _ in places])
            years.append([y for _, y in places])
    return Comparison(*(np.array(one) for one in (shown, samples, years, asked_years)))


def one_step(numbers: int, asked: int | None = None) -> Comparison:
    """Compare a yearly step, the last unless said, with all of so many years."""
    years = range(FIRST, FIRST + numbers)
    return same_steps(1, years, [years[-1] if asked is None else asked])
