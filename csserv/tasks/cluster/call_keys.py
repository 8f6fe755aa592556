"""The keys of calls in dask: which function, which task, which attempt."""

from __future__ import annotations

from uuid import uuid4


def call_key(function: str, attempt: str) -> str:
    """Return a new key.

    The function stands first: dask keeps figures for ever of whatever comes before the first
    number, so that tasks there would fill the memory of scheduler and workers.

    Parameters
    ----------
    attempt : id of the task, a dot, number of the attempt
    """
    return f"{function}-{attempt}-{uuid4().hex[:8]}"


def task_of(key: object) -> str:
    """Return the id of the task that a call belongs to.

    >>> task_of("process_block-0ddd15e0-5e0f-4134-aea4-3339123097e6.1-aa11bb22")
    '0ddd15e0-5e0f-4134-aea4-3339123097e6'
    """
    return str(key).partition("-")[2].partition(".")[0]
