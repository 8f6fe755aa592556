"""Amounts in words: bytes, and how many of something."""

from __future__ import annotations

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """Write a number of bytes.

    >>> size(0), size(2_345), size(81_000_000_000)
    ('0 B', '2.3 kB', '81 GB')
    """
    power = 0
    while count >= 999.5 and power < len(UNITS) - 1:
        count, power = count / 1000, power + 1
    return (
        f"{count:.1f} {UNITS[power]}" if power and count < 9.95 else f"{count:.0f} {UNITS[power]}"
    )


def several(count: int, one: str, more: str = "") -> str:
    """Write how many of something.

    >>> several(1, "task"), several(1200, "task")
    ('1 task', '1,200 tasks')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"
