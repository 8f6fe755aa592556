"""A range of time in words, with no more digits than it is known to."""

from __future__ import annotations

from math import ceil, floor, log10

from csserv.language import local_number, tr

#: at the least of so many seconds a unit is used: minutes from 2 min on, hours from 2 h on
UNITS = ((7200, 3600), (120, 60), (0, 1))


def duration_in_words(low: float, high: float) -> str:
    """Write a range of time [s].

    It is rounded outwards to one digit; of numbers that begin with 1 to one and a half.

    >>> duration_in_words(21.3, 58.2)
    'about 20 to 60 s'
    >>> duration_in_words(14, 17), duration_in_words(0.1, 4.3), duration_in_words(0.2, 0.7)
    ('about 10 to 20 s', 'up to 5 s', 'less than 1 s')
    >>> duration_in_words(95, 500), duration_in_words(4000, 30_000)
    ('about 1.5 to 9 min', 'about 1 to 9 h')
    >>> duration_in_words(2, 2)
    'about 2 s'
    """
    if high <= 1:
        return tr("less than 1 s")
    size = next(size for least, size in UNITS if high >= least)
    last = _rounded(high / size, up=True)
    if low < size:
        return tr("up to {time}", time=_in_unit(_local(last), size))
    first = _rounded(low / size, up=False)
    if first == last:
        return tr("about {time}", time=_in_unit(_local(last), size))
    both = tr("{low} to {high}", low=_local(first), high=_local(last))
    return tr("about {time}", time=_in_unit(both, size))


def _in_unit(number: str, size: int) -> str:
    if size == 1:
        return tr("{seconds} s", seconds=number)
    return tr("{minutes} min", minutes=number) if size == 60 else tr("{hours} h", hours=number)


def _local(number: float) -> str:
    return local_number(f"{number:,.0f}" if number == int(number) else f"{number:,.1f}")


def _rounded(number: float, up: bool) -> float:
    """Round to one digit, or to one and a half times a power of ten."""
    power: float = 10.0 ** floor(log10(number))
    lead = number / power
    steps = 2 if lead < 2 else 1
    return (ceil if up else floor)(round(lead * steps, 9)) / steps * power
