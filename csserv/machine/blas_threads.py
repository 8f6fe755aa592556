"""One thread for sums: several add up in another order, and give other last digits."""

from __future__ import annotations

from functools import lru_cache

from threadpoolctl import threadpool_limits


@lru_cache(maxsize=1)
def sum_in_one_thread() -> None:
    """Let this process add up in one thread from now on: dask starts as many workers as cores.

    Dask's nannies see to it by a variable; a worker without one, or one that somebody starts with
    a variable of their own, had several, and `verify` found the last bits "not identical".
    """
    threadpool_limits(1, user_api="blas")
