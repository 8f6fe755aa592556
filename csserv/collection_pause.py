"""Puts off the collection of garbage while many values are made, all of which stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pause_collection() -> Iterator[None]:
    """Put off Python's collection of garbage: there is none to find meanwhile.

    It looks at all values each time: a quarter of the time to plan over 15,000 files.
    """
    if not gc.isenabled():  # another thread has done so, and will switch it on again
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
