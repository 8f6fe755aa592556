"""What becomes of memory that is freed: how the C library keeps it for what comes next."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

#: variables of worker processes. dask has them give freed memory back at once; the arrays of each
#: chunk would then be cleared anew by the kernel: 1.5 times the work for a median over many cells
MEMORY = {"MALLOC_TRIM_THRESHOLD_": 64 * 2**20, "MALLOC_MMAP_THRESHOLD_": 32 * 2**20}

#: places where threads take memory from. By itself glibc makes eight a core, and what is freed in
#: one is of no use in the others: a server with 15 threads grew by 6 % an hour
ARENAS = 2

#: ``M_ARENA_MAX`` of glibc's ``malloc.h``
_ARENA_MAX = -8


def keep_few_arenas() -> None:
    """Let all threads of this process share few arenas; to be called before there are any.

    ``MALLOC_ARENA_MAX``, where it is set, stays as it is; other C libraries have no arenas.
    """
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        import ctypes  # slow to import, and other commands do without

        with suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_ARENA_MAX, ARENAS)
