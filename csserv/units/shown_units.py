"""Units as people read them beside a number: a 1 is not written."""

from __future__ import annotations

from csserv.language import mark, tr
from csserv.units import arithmetic
from csserv.units.everyday import told

#: units whose words or signs differ between languages
SPOKEN = (mark("mm"), mark("mm/day"), mark("mm/month"), mark("degC"), mark("days"))


def shown_units(units: str) -> str:
    """Return units as they are shown; of numbers without any, nothing.

    >>> shown_units("mm"), shown_units("1")
    ('mm', '')
    """
    return "" if units == "1" else tr(units)


def telling_digits(value: float, units: str) -> int:
    """Return how many digits of a value tell it from others: one more of 285.3 K.

    >>> telling_digits(285.31, "K"), telling_digits(285.31, "mm"), telling_digits(24.5, "degC")
    (4, 3, 3)
    """
    return 4 if abs(value) >= 100 and told(arithmetic.is_temperature)(units) else 3


def with_units(number: str, units: str) -> str:
    """Write units behind a number, if it has any.

    >>> with_units("2.5", "mm"), with_units("-1.78", "1")
    ('2.5 mm', '-1.78')
    """
    return f"{number} {shown_units(units)}".strip()


def titled(title: str, units: str) -> str:
    """Write units behind a title, if there are any.

    >>> titled("mean of chirps", "mm"), titled("SPI-3 of chirps", "1")
    ('mean of chirps [mm]', 'SPI-3 of chirps')
    """
    return f"{title} [{shown_units(units)}]" if shown_units(units) else title
