"""The rank of a value among years in words: "drier than 26 of 30 years"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from csserv.language import mark, tr

#: less, more, least, most
Words = tuple[str, str, str, str]

RAIN: Words = (mark("drier"), mark("wetter"), mark("driest"), mark("wettest"))
WARMTH: Words = (mark("cooler"), mark("warmer"), mark("coolest"), mark("warmest"))
OTHERS: Words = (mark("lower"), mark("higher"), mark("lowest"), mark("highest"))

#: what a word of the variable's names begins with → words of comparison
COMPARISONS = {"precipitation": RAIN, "rain": RAIN, "temperature": WARMTH}


@dataclass(frozen=True)
class Counts:
    """How many of some values lie below, at and above a value."""

    below: int
    equal: int
    above: int


def comparison_words(*names: str | None) -> Words:
    """Return the words of comparison for a variable, by its names, the surest first.

    >>> comparison_words("air_temperature", "mean of rain") is WARMTH
    True
    >>> comparison_words(None, "height of terrain") is OTHERS
    True
    """
    return next(
        (
            words
            for name in names
            for text, words in COMPARISONS.items()
            if re.search(rf"(?<![a-z]){text}", (name or "").lower())
        ),
        OTHERS,
    )


def counts_of(rank: float, number: int, has_own: bool | None, is_none: bool) -> Counts | None:
    """Find the counts behind a percentile rank of 100 (below + equal / 2) / number [%].

    Of an even number of other years with just the same value, half count as below, half as above.

    Parameters
    ----------
    number : of the values that it is ranked among
    has_own : whether the value itself is one of them; None if that is not known
    is_none : whether the value is a 0 that nothing is below, as of rain

    Returns
    -------
    counts : None where the rank leaves them open, as several values are the same
    """
    twice = round(rank * number / 50)
    if abs(rank * number / 50 - twice) > 1e-6:
        return None  # the rank is one among more values than these
    if is_none:
        return Counts(0, twice, number - twice)
    equal = twice % 2
    if has_own is not None and equal != has_own:
        return None
    below = (twice - equal) // 2
    return Counts(below, equal, number - below - equal)


def rank_in_words(counts: Counts, number: int, words: Words, of_years: str) -> str:
    """Say how a value stands among years, from the side of which more can be said.

    >>> of_years = "of 1991-2020"
    >>> rank_in_words(Counts(3, 1, 26), 30, RAIN, of_years)
    'drier than 26 of 30 years of 1991-2020'
    >>> rank_in_words(Counts(29, 1, 0), 30, RAIN, of_years)
    'the wettest of 30 years of 1991-2020'
    >>> rank_in_words(Counts(0, 0, 30), 30, RAIN, of_years)
    'drier than all 30 years of 1991-2020'
    >>> rank_in_words(Counts(0, 9, 21), 30, RAIN, of_years)
    'as in 9 of 30 years of 1991-2020'
    >>> rank_in_words(Counts(0, 30, 0), 30, RAIN, of_years)
    'as in all 30 years of 1991-2020'
    """
    less, more, least, most = map(tr, words)
    years = {"number": number, "of_years": of_years}
    if counts.equal == number:
        return tr("as in all {number} years {of_years}", **years)
    if counts.equal > 1:
        return tr("as in {count} of {number} years {of_years}", count=counts.equal, **years)
    is_low = counts.above >= counts.below
    passed = counts.above if is_low else counts.below
    drier, driest = (less, least) if is_low else (more, most)
    if passed == number:
        return tr("{drier} than all {number} years {of_years}", drier=drier, **years)
    if passed + 1 == number and counts.equal == 1:
        return tr("the {driest} of {number} years {of_years}", driest=driest, **years)
    return tr(
        "{drier} than {count} of {number} years {of_years}", drier=drier, count=passed, **years
    )
