"""What dask notes of itself: it keeps what it was given, for developers, long after it is done."""

from __future__ import annotations

#: dask's settings. By its own, a scheduler keeps the last 1,000 messages to each worker, with all
#: that the calls in them were given: 150 MB for years of daily steps. They fill for an hour or
#: a day, so that a process seems to leak; nobody reads them here
SHORT_MEMORY = {
    "distributed.admin.low-level-log-length": 1,  # messages, transitions, events
    "distributed.admin.log-length": 100,  # lines of the log
    "distributed.admin.system-monitor.log-length": 10,  # samples of load
    "distributed.admin.system-monitor.interval": "10s",  # not half a second: a process idles, too
}


def short_memory_variables() -> dict[str, str]:
    """Return the same as variables of a process of dask."""
    return {
        f"DASK_{name.upper().replace('.', '__').replace('-', '_')}": str(value)
        for name, value in SHORT_MEMORY.items()
    }
