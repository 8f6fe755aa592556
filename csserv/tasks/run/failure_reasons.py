"""Why attempts at tasks ended without a result: a table of kinds, as metrics count them."""

from __future__ import annotations

import re

#: kind → what messages of it have in them; the first that fits counts. To add one, add a row
FAILURE_REASONS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "worker_memory": r"^a worker went over its memory limit",
        "worker_died": r"^a worker died",
        "lease_ended": r"^its lease ran out",
        "runner_stopped": r"^its runner stopped",
        "scheduler_lost": r"^the scheduler was lost",
        "disk_full": r"^no space left on the disk|No space left on device",
        "file_silent": r" has not answered for \d+ s",
        "call_hung": r" hangs: no progress for \d+ s",
        "area_damaged": r"^the stored area",
        "file_gone": r" is gone",
        "file_changed": r"changes while it is read|has changed since",
        "file_unreadable": r"cannot (?:read|use) |cannot be read",
        "program_error": r"^\w+(?:Error|Exception|Interrupt|Warning): ",
    }.items()
}

#: the kind of a message that has no row, such as of a request that cannot be served
OTHER = "other"

#: characters of a message that are looked at: it may hold names of others
LOOKED_AT = 500


def failure_reason(error: str) -> str:
    """Return the kind of an error message.

    >>> failure_reason("rain_1.nc is gone (attempt 3 of 3)"), failure_reason("no such thing")
    ('file_gone', 'other')
    """
    text = error[:LOOKED_AT]
    return next((name for name, one in FAILURE_REASONS.items() if one.search(text)), OTHER)
