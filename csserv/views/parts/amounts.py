"""Amounts as text: sizes in bytes, and counts with their noun."""

from __future__ import annotations

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """Write a size [bytes] with two digits or more.

    >>> size(0), size(2_345), size(81_000_000_000)
    ('0 B', '2.3 kB', '81 GB')
    """
    power = 0
    while count >= 999.5 and power < len(UNITS) - 1:
        count, power = count / 1000, power + 1
    return (
        f"{count:.1f} {UNITS[power]}" if power and count < 9.95 else f"{count:.0f} {UNITS[power]}"
    )


def counted(count: int, one: str, more: str = "") -> str:
    """Write a count with its noun, singular or plural.

    Parameters
    ----------
    one, more : the noun in singular and plural; unless given, the plural is ``one`` + "s"

    >>> counted(1, "task"), counted(1200, "task")
    ('1 task', '1,200 tasks')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"
