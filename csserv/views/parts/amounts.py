"""Amounts as text: sizes in bytes, and counts with their noun."""

from __future__ import annotations

from csserv.language import local_number, mark_count, trn

#: noun → how a count of it is said
NOUNS = {
    "cell": mark_count("{count} cell", "{count} cells"),
    "day": mark_count("{count} day", "{count} days"),
    "file": mark_count("{count} file", "{count} files"),
    "month": mark_count("{count} month", "{count} months"),
    "result": mark_count("{count} result", "{count} results"),
    "step": mark_count("{count} step", "{count} steps"),
    "task": mark_count("{count} task", "{count} tasks"),
    "worker": mark_count("{count} worker", "{count} workers"),
    "year": mark_count("{count} year", "{count} years"),
    "zone": mark_count("{count} zone", "{count} zones"),
}

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """Write a size [bytes] with two digits or more.

    >>> size(0), size(2_345), size(81_000_000_000)
    ('0 B', '2.3 kB', '81 GB')
    """
    power = 0
    while count >= 999.5 and power < len(UNITS) - 1:
        count, power = count / 1000, power + 1
    number = f"{count:.1f}" if power and count < 9.95 else f"{count:.0f}"
    return f"{local_number(number)} {UNITS[power]}"


def counted(count: int, one: str, more: str = "") -> str:
    """Write a count with its noun, singular or plural.

    Parameters
    ----------
    one, more : the noun in singular and plural; unless given, the plural is ``one`` + "s"

    >>> counted(1, "task"), counted(1200, "task")
    ('1 task', '1,200 tasks')
    """
    if not more and one in NOUNS:
        return trn(*NOUNS[one], count, count=local_number(f"{count:,}"))
    return f"{count:,} {one if count == 1 else more or one + 's'}"
